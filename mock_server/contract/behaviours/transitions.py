"""Reading `transitions`: which values of a field may follow which."""

from __future__ import annotations

from dataclasses import replace

from mock_server.contract.behaviours.assumptions import Decisions
from mock_server.contract.behaviours.declarations import kind_of
from mock_server.contract.documents.document import Node
from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.model import Field, Resource
from mock_server.contract.record_rules import Transitions


def with_transitions(resource: Resource, node: Node, decisions: Decisions) -> Resource:
    """Return a resource with what its `x-resource` at `node` says of the ways of its fields; flaws are noted there."""
    if not node.value.get("transitions"):
        if "when-illegal" in node.value:
            node.flaw("no change is illegal here", "transitions: {FIELD: {VALUE: [VALUE, …]}}", "when-illegal")
        return resource
    fields, tables = resource.fields, {}
    for name, place in node["transitions"].items():
        if name not in fields:
            place.flaw(f"there is no field {piece(name)}", did_you_mean(name, fields))
        elif name in resource.server_made or name in node.value.get("computed", ()):
            place.flaw(f"{piece(name)} is made by the server: no request changes it")
        elif "string" not in fields[name].schema.types:
            place.flaw(f"the field {piece(name)} cannot hold a state", "its schema has to allow a text")
        else:
            tables[name] = _read_table(fields[name], place)
    when_illegal = decisions.outcome(kind_of("resource"), node, "when-illegal")
    return replace(resource, transitions=Transitions(tables, when_illegal))


def _read_table(field: Field, node: Node) -> dict[str, tuple[str, ...]]:
    """Return which states follow each state; a state that the field never has is a flaw."""
    known = [str(value) for value in field.schema.values or () if value is not None]
    for state, place in node.items():
        for where, value in ((place, state), *((place[index], one) for index, one in enumerate(place.value))):
            if known and value not in known:
                where.flaw(f"the field {piece(field.name)} is never {piece(value)}", did_you_mean(value, known))
    return {state: tuple(following) for state, following in node.value.items()}
