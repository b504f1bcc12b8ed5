"""Scenarios about states: what an operation requires of a record, and which states may follow which."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from contract_tests.scenarios.builder import PAUSE, ScenarioBuilder
from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.state_changes import Move, moves, route, starts
from contract_tests.scenarios.subject import Subject
from mock_server.contract.behaviours.expressions import Literal
from mock_server.contract.behaviours.guards import Requirement
from mock_server.contract.files.source import Json
from mock_server.contract.model import Resource
from mock_server.contract.record_rules import Transitions
from mock_server.engine.values import same_value


@dataclass(frozen=True, slots=True)
class GuardCases:
    """Writes the scenarios."""

    subject: Subject

    def writers(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes each scenario."""
        for signature, resource, guard in guards(self.subject):
            yield partial(self.twice, signature, resource)
            yield partial(self.in_each_state, signature, resource, guard)
            yield partial(self.with_each_referred, signature, resource, guard)
        for resource in self.subject.contract.resources.values():
            for field in resource.transitions.tables if resource.transitions else ():
                begins = list(starts(self.subject, resource, field))
                for state in states(resource, field):
                    way = route(begins, list(moves(self.subject, resource, field)), _legal(resource, field), state)
                    if way:
                        yield partial(self.from_state, resource, field, way)

    def twice(self, signature: Signature, resource: Resource) -> ScenarioBuilder:
        """What is done may stand in the way of doing it again."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: repeated requests")
        for maker in self.subject.makers_of(resource.name)[:1]:
            made = builder.call(maker, f"a {resource.name}", fill="full", variant=1)
            builder.refer_to(resource.name, maker, made)
            for number, note in enumerate(("once", "again", "a third time"), 1):
                builder.call(signature, note, variant=number, fill="full", pause=PAUSE if number == 1 else 0.0)
                look(builder, resource)
        return builder

    def in_each_state(self, signature: Signature, resource: Resource, guard: Requirement) -> ScenarioBuilder:
        """An operation meets a record in each state that other operations can bring it to."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: in every state")
        key = 0
        for field in guard.fields:
            for maker in self.subject.makers_of(resource.name)[:1]:
                for way in self._ways(resource, field, maker, near(guard, field)):
                    key += 1
                    self._walk(builder, resource, way, key)
                    look(builder, resource, key)
                    builder.call(signature, f"with {field} {way[-1].value}", key=key, variant=key + 30, fill="full")
                    look(builder, resource, key)
        return builder

    def with_each_referred(self, signature: Signature, resource: Resource, guard: Requirement) -> ScenarioBuilder:
        """An operation meets a record that refers to another one in each state that this can be brought to."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: with what it refers to in every state")
        key = 0
        for one in guard.compared:
            other = self.subject.contract.resources.get(resource.refers_to(one.path[0]) or "") if len(one.path) == 2 else None
            if other is None:
                continue
            for maker in self.subject.makers_of(other.name)[:1]:
                for way in self._ways(other, one.path[1], maker, near(guard, *one.path)):
                    key += 1
                    self._walk(builder, other, way, key)
                    self._walk(builder, resource, [Move(self.subject.makers_of(resource.name)[0], None, {})], key)
                    note = f"with {'.'.join(one.path)} {way[-1].value}"
                    builder.call(signature, note, key=key, variant=key + 30, fill="full")
                    look(builder, resource, key)
        return builder

    def from_state(self, resource: Resource, field: str, way: list[Move]) -> ScenarioBuilder:
        """From one state a record goes where it may, and nowhere else."""
        state = way[-1].value
        builder = ScenarioBuilder(self.subject, f"{resource.name}: from {field} {state}")
        legal = _legal(resource, field).get(str(state), ())
        self._walk(builder, resource, way, 1)
        following, key = [], 1
        for move in moves(self.subject, resource, field):
            if move.value in legal and not same_value(move.value, state):
                following.append(move)
            else:
                builder.call(move.signature, f"change the state to {move.value}", values=move.values)
                look(builder, resource)
        for move in following:
            key += 1
            self._walk(builder, resource, way, key)
            builder.call(move.signature, f"change the state to {move.value}", key=key, values=move.values)
            look(builder, resource, key)
        return builder

    def _ways(self, resource: Resource, field: str, maker: Signature, near: tuple[Json, ...]) -> Iterator[list[Move]]:
        """Yield how a record comes to have each value of a field."""
        begins = [start for start in starts(self.subject, resource, field) if start.signature is maker]
        begins = begins or [Move(maker, None, {})]
        others = list(moves(self.subject, resource, field, near))
        tables = resource.transitions.tables if resource.transitions else {}
        if field in tables:
            for state in states(resource, field):
                way = route(begins, others, tables[field], state)
                if way:
                    yield way
            return
        yield from ([begin] for begin in begins)
        yield from ([begins[0], move] for move in others)

    def _walk(self, builder: ScenarioBuilder, resource: Resource, way: list[Move], key: int) -> None:
        """Make a record and bring it to a state."""
        start, *rest = way
        made = builder.call(start.signature, f"a {resource.name}", key=key, fill="full", variant=key, values=start.values)
        builder.refer_to(resource.name, start.signature, made, key=key)
        for move in rest:
            builder.call(move.signature, f"change the state to {move.value}", key=key, values=move.values)


def guards(subject: Subject) -> Iterator[tuple[Signature, Resource, Requirement]]:
    """Yield the operations that require something of a record, with its resource."""
    for signature in subject.signatures:
        for step in signature.operation.steps:
            guard = getattr(step, "guard", None)
            if guard is not None and guard.is_asking and subject.makers_of(step.resource.name):
                yield signature, step.resource, guard


def near(guard: Requirement, *path: str) -> tuple[Json, ...]:
    """Return values of a field that lie near what a guard compares it with: just it, a bit less, a bit more, and null."""
    found: list[Json] = []
    for one in guard.compared:
        expression = one.value.possible()[0]
        if one.path != path or not isinstance(expression, Literal):
            continue
        value = expression.value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            found += [value - 1, value, value + 1]
        else:
            found += [value, None]
    return tuple(found)


def states(resource: Resource, field: str) -> list[Json]:
    """Return the states that a field may have, by its schema, else by its table."""
    legal = _legal(resource, field)
    named = [*legal, *(state for following in legal.values() for state in following)]
    return list(dict.fromkeys([*(value for value in resource.fields[field].schema.values or () if value is not None), *named]))


def look(builder: ScenarioBuilder, resource: Resource, key: int = 1) -> None:
    """Add requests that show a record, through every operation that does so and leaves it as it is."""
    for reader in builder.subject.signatures:
        if reader.operation.method == "GET" and resource.name in reader.gives and reader.ids_of(resource.name):
            builder.call(reader, f"the {resource.name} now", key=key)


def _legal(resource: Resource, field: str) -> dict[str, tuple[str, ...]]:
    transitions: Transitions | None = resource.transitions
    return dict(transitions.tables[field]) if transitions else {}
