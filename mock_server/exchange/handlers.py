"""Handlers: Python functions of a test that answer an operation in place of what the document declares.

They stand around the responder that usually answers. Requests are read, authenticated and held to the document before, answers
are held to their schemas after, and all that a handler stores is kept or nothing.
"""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from mock_server.contract.decisions import Decision
from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract, Operation, Resource
from mock_server.contract.problems import Refused
from mock_server.contract.schemas.checks import NoChoice
from mock_server.engine.answers import compile_view
from mock_server.engine.choices import Undecided
from mock_server.engine.engine import Engine
from mock_server.engine.execution import Execution
from mock_server.engine.given import Given
from mock_server.engine.records import Recorder
from mock_server.engine.references import Removal
from mock_server.engine.store import Record
from mock_server.engine.values import ABSENT, Absent, has
from mock_server.exchange.documented_headers import DocumentedHeaders
from mock_server.exchange.messages import BODILESS, Answer
from mock_server.exchange.responders import Responder
from mock_server.exchange.success import success_of

Handler: TypeAlias = "Callable[[Handled], Any]"
"""Returns a body, `(status, body)`, `(status, body, headers)`, or the answer that `proceed` returned."""


class Handled:
    """A request in the hands of a handler, with the engine. Records are found, made and returned for the caller's organization.

    `path`, `query`, `header` and `cookie` have the parameters that were sent, typed as the document types them.
    """

    def __init__(self, operation: Operation, execution: Execution, inner: Responder, engine: Engine) -> None:
        self.operation = operation.id
        self.method = operation.method
        self.organization = execution.organization
        self.body: Json = None if execution.body is ABSENT else execution.body
        by_place: dict[str, dict[str, Json]] = {place: {} for place in ("path", "query", "header", "cookie")}
        for (place, name), value in execution.parameters.items():
            by_place.setdefault(place, {})[name] = value
        self.path, self.query, self.header, self.cookie = (by_place[place] for place in ("path", "query", "header", "cookie"))
        self._operation, self._execution, self._inner, self._engine = operation, execution, inner, engine

    def proceed(self) -> Answer:
        """Return what the document declares for this request, performed; a refusal of it is the answer unless it is caught."""
        return self._inner.respond(self._operation, self._execution)

    def list(self, resource: str, **fields: Json) -> list[Record]:
        """Return the records with these values in `fields`, oldest first, as answers show them."""
        kind = self._resource(resource, fields)
        found = self._execution.store.scan(kind.name, self._execution.owner(kind))
        return [self._shown(kind, record) for record in found if has(record, fields)]

    def find(self, resource: str, **fields: Json) -> Record | None:
        """Return the oldest record with these values, or None."""
        return next(iter(self.list(resource, **fields)), None)

    def create(self, resource: str, **fields: Json) -> Record:
        """Make a record; id, times and defaults are made as for any other."""
        kind = self._resource(resource, fields)
        self._check(kind, fields)
        recorder = self._recorder(kind)
        return self._shown(kind, recorder.make(self._execution, recorder.draft(fields)))

    def update(self, resource: str, id: Json, **fields: Json) -> Record:
        """Change fields of the record with this id; raise `LookupError` where there is none."""
        kind = self._resource(resource, fields)
        self._check(kind, fields)
        return self._shown(kind, self._recorder(kind).change(self._execution, self._held(kind, id), fields))

    def delete(self, resource: str, id: Json) -> None:
        """Remove the record with this id; one that others refer to is a conflict."""
        kind = self._resource(resource, {})
        record = self._held(kind, id)
        removal = Removal(kind, Decision("conflict"), self._engine.scope())
        removal.remove(self._execution, kind, self._execution.owner(kind), record)

    def _resource(self, name: str, fields: Mapping[str, Json]) -> Resource:
        resources = self._engine.contract.resources
        if name not in resources:
            raise LookupError(f"there is no resource {piece(name)}; {did_you_mean(name, resources)}")
        known = resources[name].fields
        for field in fields:
            if field not in known:
                raise LookupError(f"{name} has no field {piece(field)}; {did_you_mean(field, known)}")
        return resources[name]

    def _check(self, resource: Resource, fields: Mapping[str, Json]) -> None:
        for name, value in fields.items():
            field = resource.fields[name]
            if name in resource.server_made:
                raise ValueError(f"{resource.name}.{name} is made by the mock")
            if field.refers_to is not None:
                if value is not None:
                    self._held(self._engine.contract.resources[field.refers_to], value)
            elif violations := self._engine.contract.schemas.check(field.schema).violations(value, NoChoice(), "field"):
                raise ValueError(f"{piece(value)} does not fit {resource.name}.{name}: {violations[0].message}")

    def _held(self, resource: Resource, id: Json) -> Record:
        record = self._execution.store.get(resource.name, self._execution.owner(resource), id)
        if record is None:
            raise LookupError(f"there is no {resource.name} {piece(id)}")
        return record

    def _recorder(self, resource: Resource) -> Recorder:
        return Recorder(resource, Given(resource, (), self._engine.scope()), Decision("kept"))

    def _shown(self, resource: Resource, record: Record) -> Record:
        return compile_view(resource, self._engine.scope())(self._execution, record)


class HandlerResponder:
    """Answers an operation with what a handler returns. What a handler raised is in `failures`, for the test to be told."""

    def __init__(
        self, handler: Handler, inner: Responder, engine: Engine, headers: DocumentedHeaders, failures: list[Exception]
    ) -> None:
        self._handler = handler
        self._inner = inner
        self._engine = engine
        self._headers = headers
        self._failures = failures

    def respond(self, operation: Operation, execution: Execution) -> Answer:
        """Return the answer of the handler; raise `Refused`, with the store as it was, where it fails or breaks its schema."""
        store = execution.store
        before = store.snapshot()
        try:
            answer = self._answer(operation, execution)
            answer.changes = [*answer.changes, *store.commit()]
        except (Refused, Undecided):
            store.restore(before)
            raise
        except Exception as error:
            store.restore(before)
            self._failures.append(error)
            told = "".join(traceback.format_exception(error))
            raise Refused("handler-failed", f"The handler of {operation.id} raised:\n{told}") from error
        return answer

    def _answer(self, operation: Operation, execution: Execution) -> Answer:
        result = self._handler(Handled(operation, execution, self._inner, self._engine))
        if isinstance(result, Answer):
            return result
        status, body, headers = _parts(operation, result)
        response = operation.response(status)
        if response is None:
            raise _unfit(operation, status, "the document has no such response")
        media = None if status in BODILESS else response.media
        if media is None:
            if body is not None and body is not ABSENT:
                raise _unfit(operation, status, "the response has no body")
            body = ABSENT
        elif media.schema is not None:
            check = self._engine.contract.schemas.check(media.schema, "response")
            if violations := check.violations(body, NoChoice(), "response"):
                raise _unfit(operation, status, f"at {violations[0].pointer or 'the body'}, {violations[0].message}")
        sent = media.sent_as if media else ""
        answer = Answer(status, body, sent, headers, execution.choices.rested_on, operation)
        self._headers.add(answer, response, execution.request, execution.generator)
        return answer


def check_handlers(contract: Contract, handlers: Mapping[str, Handler]) -> None:
    """Raise `LookupError` for an operation that there is not, and `TypeError` for what cannot be called as a handler."""
    known = [operation.id for operation in contract.operations]
    for id, handler in handlers.items():
        if id not in known:
            raise LookupError(f"there is no operation {piece(id)}; {did_you_mean(id, known)}")
        if not callable(handler):
            raise TypeError(f"the handler of {id} has to be a function, not {piece(handler)}")
        if inspect.iscoroutinefunction(handler):
            raise TypeError(f"the handler of {id} is a coroutine function; write it as a plain one: requests are one at a time")


def _parts(operation: Operation, result: Any) -> tuple[int, Json | Absent, list[tuple[str, str]]]:
    if not isinstance(result, tuple):
        return success_of(operation)[0], result, []
    if len(result) not in (2, 3) or type(result[0]) is not int:
        raise TypeError(f"a handler returns a body, (status, body) or (status, body, headers), not {result!r:.200}")
    headers: Mapping[str, str] = result[2] if len(result) == 3 else {}
    return result[0], result[1], [(name, str(value)) for name, value in headers.items()]


def _unfit(operation: Operation, status: int, why: str) -> Refused:
    return Refused("unfit-response", f"What the handler of {operation.id} answers breaks response {status}: {why}.")
