"""A snapshot as JSON, and JSON as a snapshot: what goes out comes in again exactly, and nothing comes in that does not fit.

    {"organizations": {"acme": {"InternalContact": [{"id": "ict_grace", …}]}}, "shared": {"Country": […]},
     "previous-keys": [{"resource": "InternalContact", "organization": "acme", "record": {…}}]}

Records stand in the order in which they were made. `previous-keys` has what records were before an update gave them another
key, where the contract remembers that. `last-ids` has the largest number that an id had, by resource, where ids are counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from mock_server.contract.behaviours.declarations import Declaration, read_declaration
from mock_server.contract.files.flaws import Flaws, did_you_mean, piece
from mock_server.contract.files.source import Json, Source, pointer_to
from mock_server.contract.model import Contract, Resource
from mock_server.contract.schemas.checks import NoChoice
from mock_server.engine.kept_answers import KEPT, keeps_answers, kept_as_json, kept_from_json
from mock_server.engine.references import dangling
from mock_server.engine.store import Former, Owner, Record, Snapshot
from mock_server.engine.uniques import UniquesHeld


def state_of(snapshot: Snapshot) -> Json:
    """Return a snapshot as JSON."""
    organizations: dict[str, dict[str, list[Json]]] = {}
    shared: dict[str, list[Json]] = {}
    kept = {"kept-answers": kept_as_json(snapshot)} if KEPT in snapshot.records else {}
    for name, by_owner in snapshot.records.items():
        if name == KEPT:
            continue
        for owner, records in by_owner.items():
            place = shared if owner is None else organizations.setdefault(owner, {})
            place[name] = list(records.values())
    counted = {"last-ids": dict(snapshot.numbers)} if snapshot.numbers else {}
    previous = [
        {"resource": name, "organization": former.owner, "record": former.record}
        for name, several in snapshot.former.items()
        for former in several
    ]
    return {"organizations": organizations, "shared": shared, "previous-keys": previous, **counted, **kept}


def read_state(source: Source, contract: Contract, organizations: Collection[str]) -> Snapshot:
    """Return the snapshot that `source` holds; raise `FlawedInput` with every flaw when it does not fit the contract.

    `organizations` are those that may have something: what no token stands for nobody could see.
    """
    return _StateReader(source, contract, organizations).read()


class _StateReader:
    def __init__(self, source: Source, contract: Contract, organizations: Collection[str]) -> None:
        self.source = source
        self.contract = contract
        self.organizations = organizations
        self.flaws = Flaws()
        self.held = UniquesHeld()
        self.records: dict[str, dict[Owner, dict[Json, Record]]] = {name: {} for name in contract.resources}

    def read(self) -> Snapshot:
        state = read_declaration("state", self.source.value, self.source, "", self.flaws)
        self.flaws.raise_if_any()
        placed = list(self.placed(state)) if state else []
        for resource, owner, raw, pointer in placed:
            self.keep(resource, owner, raw, pointer)
        self.flaws.raise_if_any()
        for resource, owner, record, pointer in placed:
            self.check_references(resource, owner, record, pointer)
        former: dict[str, list[Former]] = {name: [] for name in self.contract.resources}
        for index, declared in enumerate(state["previous-keys"] if state else ()):
            self.keep_former(declared, pointer_to("previous-keys", index), former)
        self.keep_answers(state["kept-answers"] if state else [])
        self.flaws.raise_if_any()
        return Snapshot(self.records, former, numbers=self.numbers(state["last-ids"] if state else {}))

    def numbers(self, declared: Mapping[str, int]) -> dict[str, int]:
        """Return the largest number that an id had, by resource."""
        for name in declared:
            if name not in self.contract.resources:
                place, hint = pointer_to("last-ids", name), did_you_mean(name, self.contract.resources)
                self.flaws.add(self.source, place, f"{piece(name)} is not a resource of the contract", hint)
        self.flaws.raise_if_any()
        return dict(declared)

    def keep_answers(self, entries: list[Any]) -> None:
        """Keep the answers to requests with keys."""
        if entries and not keeps_answers(self.contract):
            self.flaws.add(self.source, pointer_to("kept-answers"), "no request has a key here", "x-idempotency declares them")
            return
        for index, (owner, key, kept) in enumerate(kept_from_json(entries)):
            if owner is not None and owner not in self.organizations:
                place = pointer_to("kept-answers", index, "organization")
                message = f"there is no organization {piece(owner)}"
                self.flaws.add(self.source, place, message, did_you_mean(owner, self.organizations))
            self.records.setdefault(KEPT, {}).setdefault(owner, {})[key] = kept

    def placed(self, state: Declaration) -> Iterator[tuple[Resource, Owner, Any, str]]:
        """Yield each record with its resource, its owner and its place."""
        for organization, listed in state["organizations"].items():
            yield from self.placed_of(organization, listed, pointer_to("organizations", organization))
        yield from self.placed_of(None, state["shared"], pointer_to("shared"))

    def placed_of(
        self, owner: Owner, listed: Mapping[str, list[Any]], pointer: str
    ) -> Iterator[tuple[Resource, Owner, Any, str]]:
        if owner is not None and owner not in self.organizations:
            message = f"there is no organization {piece(owner)}"
            self.flaws.add(self.source, pointer, message, did_you_mean(owner, self.organizations))
        for name, records in listed.items():
            resource = self.resource(name, owner, pointer + pointer_to(name))
            if resource is None:
                continue
            self.records[name].setdefault(owner, {})
            for index, raw in enumerate(records):
                yield resource, owner, raw, pointer + pointer_to(name, index)

    def resource(self, name: str, owner: Owner, pointer: str) -> Resource | None:
        resource = self.contract.resources.get(name)
        if resource is None:
            hint = did_you_mean(name, self.contract.resources)
            self.flaws.add(self.source, pointer, f"{piece(name)} is not a resource of the contract", hint)
        elif resource.owned != (owner is not None):
            hint = "put it under an organization" if resource.owned else "put it under `shared`"
            self.flaws.add(self.source, pointer, f"{name} has {'an' if resource.owned else 'no'} owner", hint)
        else:
            return resource
        return None

    def keep(self, resource: Resource, owner: Owner, raw: Any, pointer: str) -> None:
        """Keep a record that fits; it has all fields, since the mock never stores one without."""
        if not self.fits(resource, raw, pointer):
            return
        id = raw[resource.id]
        if any(id in held for held in self.records[resource.name].values()):
            self.flaws.add(self.source, pointer + pointer_to(resource.id), f"the id {piece(id)} stands twice")
        for group in self.held.repeated(resource, owner, raw):
            self.flaws.add(self.source, pointer + pointer_to(group[0]), f"the {' and '.join(group)} stands twice")
        self.records[resource.name][owner][id] = raw

    def fits(self, resource: Resource, raw: Any, pointer: str) -> bool:
        before = len(self.flaws)
        if not isinstance(raw, dict):
            self.flaws.add(self.source, pointer, f"a record is a mapping, not {piece(raw)}")
            return False
        for name in raw.keys() - resource.fields.keys():
            hint = did_you_mean(name, resource.fields)
            self.flaws.add(self.source, pointer + pointer_to(name), f"{resource.name} has no field {piece(name)}", hint)
        for field in resource.fields.values():
            place = pointer + pointer_to(field.name)
            if field.name in resource.computed:
                if field.name in raw:
                    self.flaws.add(self.source, place, f"{piece(field.name)} is computed, not stored", "leave it out")
                continue
            may_lack = not (
                field.required or field.nullable or field.has_default or field.name in {*resource.server_made, resource.id}
            )
            if field.name not in raw:
                if not may_lack:
                    self.flaws.add(self.source, pointer, f"{piece(field.name)} is missing")
            elif field.refers_to is None and not (raw[field.name] is None and field.nullable):
                for violation in self.contract.schemas.check(field.schema).violations(raw[field.name], NoChoice()):
                    self.flaws.add(self.source, place + violation.pointer, violation.message)
        if resource.id in raw and type(raw[resource.id]) not in (str, int):
            self.flaws.add(self.source, pointer + pointer_to(resource.id), "an id is text or a whole number")
        return len(self.flaws) == before

    def check_references(self, resource: Resource, owner: Owner, record: Record, pointer: str) -> None:
        for place, message, hint in dangling(resource, owner, record, self.contract.resources, self.records):
            self.flaws.add(self.source, pointer + place, message, hint)

    def keep_former(self, declared: Mapping[str, Json], pointer: str, former: dict[str, list[Former]]) -> None:
        organization, record = declared.get("organization"), declared["record"]
        resource = self.resource(declared["resource"], organization, pointer + pointer_to("resource"))
        if resource is not None and self.fits(resource, record, pointer + pointer_to("record")):
            former[resource.name].append(Former(organization, record[resource.id], record))
