"""Reading what tells the records of a resource apart beside its key: ids, unique fields, slugs; and how it writes times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mock_server.contract.behaviours.assumptions import Decisions
from mock_server.contract.behaviours.declarations import Declaration, kind_of
from mock_server.contract.decisions import Decision
from mock_server.contract.documents.document import Node
from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.model import Resource

TEXT = frozenset({"string"})
NUMBER = frozenset({"number"})


def with_identity(resource: Resource, node: Node, decisions: Decisions) -> Resource:
    """Return a resource with what its x-resource at `node` says of that; flaws are noted."""
    return _IdentityReader(resource, node, decisions).read()


class _IdentityReader:
    def __init__(self, resource: Resource, node: Node, decisions: Decisions) -> None:
        self.resource = resource
        self.name = resource.name
        self.node = node
        self.declaration = Declaration(kind_of("resource"), node.value)
        self.fields = resource.fields
        self.decisions = decisions

    def read(self) -> Resource:
        ids = self.ids()
        unique = tuple(self.unique())
        if "when-taken" in self.node.value and not unique:
            self.node.flaw("nothing is unique here", "list the fields under `unique`", "when-taken")
        return replace(
            self.resource,
            ids=ids,
            counts="ids" in self.node.value and "sequential" in ids.possible(),
            unique=unique,
            when_taken=self.decisions.outcome(self.declaration.kind, self.node, "when-taken"),
            slugs=dict(self.slugs()),
            milliseconds=self.milliseconds(),
        )

    def ids(self) -> Decision[str]:
        """Return who makes the ids: by default, numbers are counted and texts are random."""
        id = self.fields[self.declaration["id"]]
        if "ids" not in self.node.value:
            return Decision("random" if "string" in id.schema.types else "sequential")
        ids = self.decisions.outcome(self.declaration.kind, self.node, "ids")
        if "sequential" in ids.possible() and "uuid" in id.schema.formats:
            self.node.flaw(f"the ids of {self.name} are UUIDs, which cannot be counted", "random", "ids")
        return ids

    def unique(self) -> Iterator[tuple[str, ...]]:
        """Yield the groups of fields that no two records share."""
        taken = {tuple(self.declaration["key"]), (self.declaration["id"],)}
        for number, group in enumerate(self.declaration["unique"]):
            place = self.node["unique"][number]
            known = [self.known(place[position], field) for position, field in enumerate(group)]
            if tuple(group) in taken:
                place.flaw(
                    f"{' and '.join(map(piece, group))} cannot be shared anyway",
                    "it is the key or the id, or stands here already",
                )
            taken.add(tuple(group))
            if all(known):
                yield tuple(group)

    def slugs(self) -> Iterator[tuple[str, str]]:
        """Yield the fields that hold slugs, and of which field each is made."""
        for field, source in self.declaration["slugs"].items():
            place = self.node["slugs"][field]
            if self.known(place, field) and self.known(place, source):
                if not self.fields[field].schema.types & TEXT:
                    place.flaw(f"the field {piece(field)} cannot hold a slug", "a slug is a text")
                elif field == source or field == self.declaration["id"]:
                    place.flaw(f"{piece(field)} cannot be a slug of {piece(source)}", "a slug is made of another field")
                else:
                    yield field, source

    def milliseconds(self) -> bool:
        """Say whether numbers that are times count milliseconds."""
        times = [self.fields.get(self.declaration[role] or "") for role in ("created", "modified")]
        if "times" in self.node.value and not any(time and not time.schema.types & TEXT for time in times):
            self.node.flaw(f"no time of {self.name} is a number", "remove `times`, or name such a field as created", "times")
        return bool(self.declaration["times"] == "milliseconds")

    def known(self, place: Node, field: str) -> bool:
        """Say whether there is a field; note a flaw where there is none."""
        if field not in self.fields:
            place.flaw(f"{self.name} has no field {piece(field)}", did_you_mean(field, self.fields))
        return field in self.fields
