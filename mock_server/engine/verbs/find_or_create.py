"""The verb `find-or-create`: look a resource up by its key; make it when it is not there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mock_server.contract.behaviours.declarations import DeclarationKind
from mock_server.contract.behaviours.steps import EACH, EXPRESSIONS, ORIGIN, StepReader, outcomes, step_kind
from mock_server.contract.decisions import Decision
from mock_server.contract.files.flaws import piece
from mock_server.contract.files.source import Json
from mock_server.contract.model import Write
from mock_server.engine.execution import Execution
from mock_server.engine.given import Given
from mock_server.engine.keys import Key
from mock_server.engine.records import Recorder
from mock_server.engine.scope import Perform, Scope, texts_of
from mock_server.engine.store import Record
from mock_server.engine.values import ABSENT, same_value
from mock_server.engine.verbs.verb import Verb


@dataclass(frozen=True, slots=True, eq=False)
class FindOrCreate(Verb):
    """Look a resource up by its key; make it when it is not there."""

    writes: tuple[Write, ...]
    when_found: Decision[str]
    when_several: Decision[str]
    when_unchanged: Decision[str]

    kind: ClassVar[DeclarationKind] = step_kind(
        "find-or-create",
        {
            **EACH,
            "from": ORIGIN,
            "set": EXPRESSIONS,
            "when-found": outcomes("keep", "fill", "merge", "patch", "replace", "conflict"),
            "when-several": outcomes("oldest", "newest", "latest"),
            "when-unchanged": outcomes("kept", "when-sent", "now"),
        },
    )

    @property
    def written(self) -> tuple[Write, ...]:
        """The fields that it may give to a record."""
        return self.writes

    @property
    def makes(self) -> bool:
        """Whether it may make a record."""
        return True

    def __str__(self) -> str:
        return f"find or create {self.resource.name} by {', '.join(self.resource.key)}; when found {self.when_found}"

    @classmethod
    def read(cls, reader: StepReader) -> FindOrCreate | None:
        """Return the step that `reader` reads; None, with a flaw noted, when there is no key to find by."""
        resource, writes = reader.resource, reader.writes(making=True)
        if not resource.key and reader.all_read:
            hint = "declare `key` in its x-resource"
            reader.node.flaw(f"{resource.name} has no key to be found by", hint, cls.kind.name)
            return None
        for missing in sorted(set(resource.key) - {write.field for write in writes}) if reader.all_read else ():
            hint = "take it `from` the body or `set` it"
            reader.node.flaw(f"nothing gives the key field {piece(missing)} of {resource.name}", hint)
        decisions = (reader.outcome(key) for key in ("when-found", "when-several", "when-unchanged"))
        return cls(resource, reader.name, writes, *decisions)

    def compile(self, scope: Scope) -> Perform:
        """Return the function that finds the record by its key or makes it."""
        given = Given(self.resource, self.writes, scope)
        recorder = Recorder(self.resource, given, self.when_unchanged)
        key = Key(self.resource, scope.index(self.resource, self.resource.key))
        name, known = self.name, _Known(self, given, recorder)

        def perform(execution: Execution) -> Record:
            values = given.values(execution)
            found = key.find(execution, values)
            if not found:
                execution.made.append(name)
                return recorder.make(execution, recorder.draft(values))
            record = found[0] if len(found) == 1 else _one_of(self, key, execution, found, values)
            return known.after(execution, record, values)

        return perform


def _one_of(step: FindOrCreate, key: Key, execution: Execution, found: list[Record], values: Mapping[str, Json]) -> Record:
    """Return the one that is meant among records with one key, which are given oldest first."""
    outcome = step.when_several.settle(execution.choices)
    if outcome == "latest":  # the one that came to the key last
        by_id = {record[step.resource.id]: record for record in found}
        return [by_id[id] for id in key.ids(execution, values) if id in by_id][-1]
    return found[0] if outcome == "oldest" else found[-1]


class _Known:
    """What becomes of a record that was found."""

    def __init__(self, step: FindOrCreate, given: Given, recorder: Recorder) -> None:
        self._step = step
        self._recorder = recorder
        self._outcomes = step.when_found.possible()
        self._absent = {field: absent for field, absent in given.when_absent.items() if field not in step.resource.key}
        self._only_texts = texts_of(step.resource).issuperset(self._absent)

    def after(self, execution: Execution, record: Record, values: Mapping[str, Json]) -> Record:
        """Return a known record as it is after a request with `values`; raise `Refused` where it is in the way."""
        if self._outcomes == ("keep",):
            return record
        outcome = self._outcome(execution, record, values)
        if outcome == "keep":
            return record
        if outcome == "conflict":
            raise self._recorder.key_taken()
        updates, sends = self._updates(outcome, record, values), self._sends(outcome, record, values)
        return self._recorder.change(execution, record, updates, sent=sends)

    def _outcome(self, execution: Execution, record: Record, values: Mapping[str, Json]) -> str:
        """Return what becomes of the record; consult the assumption only when its choices differ for this request."""
        if "conflict" in self._outcomes:
            return self._step.when_found.settle(execution.choices)
        if not self._has_all(record, values):
            return self._outcome_of_change(execution, record, values)
        # There is nothing to take; yet a deployment may note that the request was there.
        return self._outcome_of_touch(execution, record, values) if self._recorder.touches(execution, sent=True) else "keep"

    def _outcome_of_change(self, execution: Execution, record: Record, values: Mapping[str, Json]) -> str:
        first, *others = [self._updates(outcome, record, values) for outcome in self._outcomes]
        if others and all(other == first for other in others):
            return self._outcomes[0]
        return self._step.when_found.settle(execution.choices)

    def _outcome_of_touch(self, execution: Execution, record: Record, values: Mapping[str, Json]) -> str:
        sends = any(self._sends(outcome, record, values) for outcome in self._outcomes)
        touches = self._recorder.touches(execution, sent=sends)
        return self._step.when_found.settle(execution.choices) if touches else "keep"

    def _has_all(self, record: Record, values: Mapping[str, Json]) -> bool:
        """Say whether a record has what the request gives, and the default of each field that it leaves out."""
        if self._only_texts and {**self._absent, **values}.items() <= record.items():
            return True
        return self._has_each(record, values)

    def _has_each(self, record: Record, values: Mapping[str, Json]) -> bool:
        return all(same_value(record.get(field), values.get(field, absent)) for field, absent in self._absent.items())

    def _sends(self, outcome: str, record: Record, values: Mapping[str, Json]) -> bool:
        """Say whether the request has any field that the record takes, whether or not it is what the record has."""
        for field in self._absent:
            value = values.get(field, ABSENT)
            if outcome in ("patch", "replace") and value is not ABSENT:
                return True
            if (
                outcome in ("fill", "merge")
                and value not in (ABSENT, None)
                and (outcome == "merge" or record.get(field) is None)
            ):
                return True
        return False

    def _updates(self, outcome: str, record: Record, values: Mapping[str, Json]) -> dict[str, Json]:
        """Return the fields that a known record takes from the request."""
        taken = {}
        for field, absent in self._absent.items():
            value, stored = values.get(field, absent if outcome == "replace" else ABSENT), record.get(field)
            if value is ABSENT or outcome == "keep" or same_value(stored, value):
                continue
            if (outcome == "fill" and stored is not None) or (outcome in ("fill", "merge") and value is None):
                continue
            taken[field] = value
        return taken
