"""What a step takes from a request for the fields of a record."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mock_server.contract.behaviours.expressions import FromBody
from mock_server.contract.files.source import Json
from mock_server.contract.model import Resource, Write
from mock_server.contract.problems import Refused
from mock_server.contract.schemas.checks import Violation
from mock_server.engine.choices import settler
from mock_server.engine.execution import Execution
from mock_server.engine.keys import Key
from mock_server.engine.operators import Evaluate
from mock_server.engine.references import Check, compile_check
from mock_server.engine.scope import Scope, place_of
from mock_server.engine.slugs import Slugs
from mock_server.engine.store import Record
from mock_server.engine.uniques import Uniques
from mock_server.engine.values import ABSENT, Absent


class Given:
    """What a step takes from a request for the fields of a resource."""

    def __init__(self, resource: Resource, writes: Iterable[Write], scope: Scope) -> None:
        self.resource = resource
        self.writes = tuple(writes)
        self.key = Key(resource, scope.index(resource, resource.key)) if resource.key else None
        self.uniques = Uniques(resource, scope) if resource.unique else None
        self.slugs = Slugs(resource, scope) if resource.slugs else None
        self.when_absent: dict[str, Json | Absent] = {}
        """What a field is where the request does not give it; `ABSENT` where a record can be without it."""
        self._places: dict[str, tuple[str, str]] = {}
        for write in self.writes:
            target = resource.fields[write.field]
            self._places[write.field] = place_of(write.value, write.field)
            self.when_absent[write.field] = target.default if target.has_default else None if target.nullable else ABSENT
        self.values = self._held(self._compile(scope), compile_check(resource, self.writes, scope))

    @staticmethod
    def _held(values: Callable[[Execution], Record], check: Check | None) -> Callable[[Execution], Record]:
        """Return what evaluates the fields, and refuses what refers to something that is not there."""
        if check is None:
            return values

        def held(execution: Execution) -> Record:
            given = values(execution)
            check(execution, given)
            return given

        return held

    def _compile(self, scope: Scope) -> Callable[[Execution], Record]:
        """Return what evaluates the fields that a request gives, key values as they are stored.

        Properties that are taken from the body as they are come first: they rest on no choice and are never refused.
        """
        plain = [write.field for write in self.writes if _is_plain(write) and not self._may_be_ignored(write)]
        others = [
            (write.field, self._checked(write, scope.value(write.value))) for write in self.writes if write.field not in plain
        ]
        key = self.key
        key_fields = [field for field in self.resource.key if field in self.when_absent]

        def values(execution: Execution) -> Record:
            given: Record = {}
            body = execution.body
            if type(body) is dict:
                for field in plain:
                    if field in body:
                        given[field] = body[field]
            for field, evaluate in others:
                value = evaluate(execution)
                if value is not ABSENT:
                    given[field] = value
            if key is not None:
                for field in key_fields:
                    value = given.get(field)
                    if type(value) is str and value.strip().lower() != value:
                        given[field] = key.stored(value, execution.choices)
            return given

        return values

    def _checked(self, write: Write, evaluate: Evaluate) -> Evaluate:
        """Return what evaluates a field and raises `Refused` for a value that it cannot hold."""
        if self._may_be_ignored(write):
            evaluate = self._where_clients_choose(evaluate)
        if write.check is None:
            return evaluate
        check, (location, pointer) = write.check, self._places[write.field]

        def checked(execution: Execution) -> Json | Absent:
            value = evaluate(execution)
            violations = () if value is ABSENT else check.violations(value, execution.choices, location, pointer)
            if violations:
                raise Refused("invalid", f"The request does not fit what is stored: {violations[0].message}.", violations)
            return value

        return checked

    def _may_be_ignored(self, write: Write) -> bool:
        """Say whether an id that the body has counts under some choice only."""
        ids = self.resource.ids
        from_body = any(isinstance(expression, FromBody) for expression in write.value.possible())
        return write.field == self.resource.id and from_body and ids.assumption is not None

    def _where_clients_choose(self, evaluate: Evaluate) -> Evaluate:
        settle = settler(self.resource.ids)
        return lambda execution: evaluate(execution) if settle(execution.choices) == "client" else ABSENT

    def refusal(self, field: str, rule: str, message: str) -> Refused:
        """Return the refusal of what the request gives, or fails to give, for `field`."""
        violation = Violation(*self._places.get(field, ("body", "")), rule, message)
        return Refused("invalid", f"The request does not fit what is stored: {message}.", (violation,))


def _is_plain(write: Write) -> bool:
    """Say whether a field takes the property of the body that has its name, as it is."""
    return write.check is None and write.value.fixed == FromBody((write.field,))
