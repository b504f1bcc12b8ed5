"""One request while its behaviour is performed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from mock_server.contract.behaviours.expressions import TimeForm
from mock_server.contract.files.source import Json
from mock_server.contract.model import Resource
from mock_server.contract.problems import Refused
from mock_server.engine.choices import Choices
from mock_server.engine.generating import Generator
from mock_server.engine.outgoing import Outgoing
from mock_server.engine.store import Owner, Record, Store
from mock_server.engine.values import ABSENT, Absent


class SentRequest(Protocol):
    """What was asked for, as it was sent: the path still percent-encoded, the names of the headers in lower case."""

    path: str
    query: str
    headers: Mapping[bytes, bytes]


class Execution:
    """One request while its behaviour is performed: what it sends, on which state, under which choices.

    `results` has what each step came to, by the step's name, and `made` the names of the steps that made a record. `request` is
    what was sent; None where nothing was. `headers` are those that the behaviour gives its answer, `messages` what is to be
    sent after it, `this` is the record that is shown or looked at just now, `item` the element for which a step is done just
    now, `refusal` why something was refused that is told just now, and `caller` the record of the credential which was shown,
    where the behaviour refers to it.
    """

    __slots__ = (
        *("_time", "body", "caller", "choices", "generator", "headers", "item", "made", "messages", "organization"),
        *("parameters", "refusal", "request", "results", "store", "this"),
    )

    def __init__(
        self,
        store: Store,
        choices: Choices,
        generator: Generator,
        organization: str | None,
        parameters: Mapping[tuple[str, str], Json],
        body: Json | Absent,
        request: SentRequest | None = None,
        caller: Record | None = None,
    ) -> None:
        self.store = store
        self.choices = choices
        self.generator = generator
        self.organization = organization
        self.parameters = parameters
        self.body = body
        self.request = request
        self.caller = caller
        self.results: dict[str, Any] = {}
        self.made: list[str] = []
        self.headers: list[tuple[str, str]] | None = None
        self.messages: tuple[Outgoing, ...] = ()
        self.this: Record | None = None
        self.item: Json | Absent = ABSENT
        self.refusal: Refused | None = None
        self._time: str | None = None

    def owner(self, resource: Resource) -> Owner:
        """Return whose records of `resource` this request sees."""
        return self.organization if resource.owned else None

    def now(self) -> str:
        """Return the time of the request, which is the same for all steps."""
        if self._time is None:
            self._time = self.generator.now()
        return self._time

    def moment(self, form: TimeForm, later: float) -> Json:
        """Return the time of the request, or one that is so many seconds later, written in a form."""
        return self.now() if form == "date-time" and not later else self.generator.moment(form, later)

    def held(self, resource: Resource, id: Json) -> Record:
        """Return the record with `id`, which is known to be there."""
        return self.store.held(resource.name, self.organization if resource.owned else None, id)
