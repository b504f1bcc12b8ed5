"""Rules about stored records that equal the one that a request is about to make."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.contract.model import Decision, DuplicateRule, Resource
from mock_server.contract.problems import Refused
from mock_server.contract.source import Json
from mock_server.engine.execution import Execution
from mock_server.engine.locating import indexed_fields
from mock_server.engine.records import Maker
from mock_server.engine.scene import Scene
from mock_server.engine.store import Fields, Record


class Duplicates:
    """The stored records that equal another one as far as a rule says, and what follows."""

    def __init__(self, rule: DuplicateRule, maker: Maker) -> None:
        self.rule = rule
        self.resource: Resource = maker.resource
        self.fields: Fields = indexed_fields({**dict.fromkeys(rule.same), **rule.where})
        self._maker = maker

    def write(
        self, scene: Scene, draft: Mapping[str, str], variables: Mapping[str, str], result: str, may_decide: str
    ) -> tuple[str, str]:
        """Write what sets `result` to the stored record that takes the place of a new one, where there is one.

        `draft` holds the fields of the new record, `variables` what the request gives, `may_decide` the condition under which
        no earlier rule has decided. Return the place of the new record in the index of the rule, and the ids that stand there.
        """
        source, rule = scene.source, self.rule
        values = {field: self._value(scene, field, draft) for field in self.fields if field not in rule.where}
        for field, value in rule.where.items():
            values[field] = source.variable(f"{result}_{field}")
            source.line(f"{values[field]} = {scene.value(value)}")
        entry, ids = source.variable(f"{result}_entry"), source.variable(f"{result}_ids")
        source.line(f"{entry} = {scene.entry(self.resource, self.fields, values)}")
        source.line(f"{ids} = {scene.index(self.resource, self.fields)}.get({entry})")
        decides = f"{ids} is not None and {scene.settled(rule.then)} != 'create'"
        with source.block(f"if {decides} and ({may_decide}):" if may_decide else f"if {decides}:"):
            taken = f"{source.bind('duplicates', self)}.take({scene.run}, {ids}, {scene.mapping(variables)})"
            source.line(f"{result} = {taken}")
        return entry, ids

    def _value(self, scene: Scene, field: str, draft: Mapping[str, str]) -> str:
        """Return the variable of a field of the draft; an index knows a field that is absent as null."""
        if self._maker.may_lack(field):
            name = scene.source.variable(f"{field}_or_none")
            scene.source.line(f"{name} = None if {draft[field]} is {scene.absent} else {draft[field]}")
            return name
        if draft[field].isidentifier():
            return draft[field]
        name = scene.source.variable(field)
        scene.source.line(f"{name} = {draft[field]}")
        return name

    def finds_equals_only(self) -> bool:
        """Say whether a new record comes to stand at the very place where the rule looked."""
        derived = {derived.field for derived in self.resource.derived}
        return not self.rule.where and not self.resource.server_made.union(derived).intersection(self.fields)

    def take(self, run: Execution, ids: Json, values: Mapping[str, Json]) -> Record:
        """Return what is answered in place of a new record; raise `Refused` where that is a conflict."""
        outcome = self.rule.then.settle(run.choices)
        if outcome == "conflict":
            raise self.refusal()
        id = one_of(run, self.resource, ids, self.rule.when_several)
        record = run.store.held(self.resource.name, run.owner(self.resource), id)
        return self._maker.change(run, record, {} if outcome == "reuse" else values)

    def refuse(self, run: Execution, record: Record, id: Json) -> None:
        """Raise `Refused` where another record than that with `id` equals `record`, and that is a conflict."""
        owner = run.owner(self.resource)
        others = [other for other in run.store.find(self.resource.name, owner, self.fields, record) if other != id]
        if others and self.rule.then.settle(run.choices) == "conflict":
            raise self.refusal()

    def refusal(self) -> Refused:
        """Return the refusal of a duplicate."""
        same = " and ".join(self.rule.same)
        return Refused("conflict", f"Another {self.resource.name} has the same {same} already.")


def one_of(run: Execution, resource: Resource, ids: Json, when_several: Decision[str]) -> Json:
    """Return the one among the `ids` of an index that is meant; a choice is consulted only when there are several."""
    if type(ids) is not list:
        return ids
    if len(ids) == 1:
        return ids[0]
    ids = run.store.oldest_first(resource.name, run.owner(resource), ids)
    return ids[0] if when_several.settle(run.choices) == "oldest" else ids[-1]
