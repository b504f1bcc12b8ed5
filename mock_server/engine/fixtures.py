"""Reading fixtures: the organizations, their tokens, and the state that the mock starts from and resets to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mock_server.contract.declarations import read_declaration
from mock_server.contract.flaws import Flaws, did_you_mean, piece
from mock_server.contract.model import Contract, Resource
from mock_server.contract.schemas import NoChoice
from mock_server.contract.source import Json, Source, pointer_to
from mock_server.engine.making import Making
from mock_server.engine.store import Owner, Record, Snapshot, hashable


@dataclass(frozen=True, slots=True)
class Fixtures:
    """The organizations by token, and the seed."""

    tokens: Mapping[str, str]
    seed: Snapshot

    @property
    def organizations(self) -> list[str]:
        """The organizations in the order of the file."""
        return list(dict.fromkeys(self.tokens.values()))

    def token_of(self, organization: str) -> str:
        """Return the first token of `organization`."""
        return next(token for token, owner in self.tokens.items() if owner == organization)


def read_fixtures(path: Path, contract: Contract, making: Making) -> Fixtures:
    """Return the fixtures in the file at `path`; raise `FlawedInput` with every flaw when they do not fit the contract."""
    return fixtures_from(Source.from_path(path), contract, making)


def fixtures_from(source: Source, contract: Contract, making: Making) -> Fixtures:
    """Return the fixtures that a source holds; raise `FlawedInput` with every flaw when they do not fit the contract."""
    return _Reader(source, contract, making).read()


class _Reader:
    def __init__(self, source: Source, contract: Contract, making: Making) -> None:
        self.source = source
        self.contract = contract
        self.making = making
        self.flaws = Flaws()
        self.schemas = contract.schemas
        self.placed: list[tuple[Resource, Owner, Record, str]] = []
        self.keys: set[tuple[Any, ...]] = set()
        self.records: dict[str, dict[Owner, dict[Json, Record]]] = {name: {} for name in contract.resources}

    def read(self) -> Fixtures:
        declaration = read_declaration("fixtures", self.source.value, self.source, "", self.flaws)
        self.flaws.raise_if_any()
        tokens: dict[str, str] = {}
        for name, organization in declaration["organizations"].items() if declaration else ():
            pointer = pointer_to("organizations", name)
            self.read_tokens(name, organization["tokens"], pointer + "/tokens", tokens)
            self.read_resources(name, organization.get("resources", {}), pointer + "/resources")
        if declaration:
            self.read_resources(None, declaration["shared"], "/shared")
        self.check_references()
        self.flaws.raise_if_any()
        return Fixtures(tokens, Snapshot(self.records, {}))

    def read_tokens(self, organization: str, listed: list[str], pointer: str, tokens: dict[str, str]) -> None:
        for index, token in enumerate(listed):
            place = pointer + pointer_to(index)
            if token in tokens:
                self.flaws.add(self.source, place, "this token stands twice", "a token belongs to one organization")
            if not token or not token.isascii() or any(character.isspace() for character in token):
                self.flaws.add(self.source, place, "a token is ASCII text without white space")
            tokens.setdefault(token, organization)

    def read_resources(self, owner: Owner, listed: Mapping[str, list[Any]], pointer: str) -> None:
        for name, records in listed.items():
            place = pointer + pointer_to(name)
            resource = self.contract.resources.get(name)
            if resource is None:
                hint = did_you_mean(name, self.contract.resources)
                self.flaws.add(self.source, place, f"{piece(name)} is not a resource of the contract", hint)
                continue
            if resource.owned != (owner is not None):
                hint = "put it under an organization" if resource.owned else "put it under `shared`"
                self.flaws.add(self.source, place, f"{name} has {'an' if resource.owned else 'no'} owner", hint)
                continue
            for index, raw in enumerate(records):
                self.read_record(resource, owner, raw, place + pointer_to(index))

    def read_record(self, resource: Resource, owner: Owner, raw: Any, pointer: str) -> None:
        if not isinstance(raw, dict):
            self.flaws.add(self.source, pointer, f"a record is a mapping, not {piece(raw)}")
            return
        for name in set(raw) - set(resource.fields):
            hint = did_you_mean(name, resource.fields)
            self.flaws.add(self.source, pointer + pointer_to(name), f"{resource.name} has no field {piece(name)}", hint)
        record: Record = {}
        for field in resource.fields.values():
            place = pointer + pointer_to(field.name)
            if field.name in raw:
                record[field.name] = raw[field.name]
                if field.refers_to is None:
                    for violation in self.schemas.check(field.schema).violations(raw[field.name], NoChoice()):
                        self.flaws.add(self.source, place + violation.pointer, violation.message)
            elif resource.type_name and field.name == resource.type_name[0]:
                record[field.name] = resource.type_name[1]
            elif field.name == resource.created:
                record[field.name] = self.making.now()
            elif field.has_default or field.nullable:
                record[field.name] = field.default if field.has_default else None
            elif field.required or field.name == resource.id:
                self.flaws.add(self.source, pointer, f"{piece(field.name)} is missing")
        self.keep(resource, owner, record, pointer)

    def keep(self, resource: Resource, owner: Owner, record: Record, pointer: str) -> None:
        id = record.get(resource.id)
        if not isinstance(id, (str, int)):
            return  # told already: it is missing, or does not fit its schema
        if any(id in held for held in self.records[resource.name].values()):
            self.flaws.add(self.source, pointer + pointer_to(resource.id), f"the id {piece(id)} stands twice")
        held = self.records[resource.name].setdefault(owner, {})
        key = [record.get(field) for field in resource.key]
        place_of_key = (resource.name, owner, *map(hashable, key))
        if place_of_key in self.keys and resource.key and None not in key:
            place = pointer + pointer_to(resource.key[0])
            self.flaws.add(self.source, place, f"the key {piece(key[0] if len(key) == 1 else key)} stands twice")
        held[id] = record
        self.keys.add(place_of_key)
        self.placed.append((resource, owner, record, pointer))

    def check_references(self) -> None:
        for resource, owner, record, pointer in self.placed:
            for field in resource.fields.values():
                id = record.get(field.name)
                if field.refers_to is None or (id is None and (field.nullable or not field.required)):
                    continue
                other = self.contract.resources[field.refers_to]
                known = self.records[other.name].get(owner if other.owned else None, {})
                if not isinstance(id, (str, int)) or id not in known:
                    hint = did_you_mean(str(id), map(str, known)) or f"there is no {other.name} here"
                    place = pointer + pointer_to(field.name)
                    self.flaws.add(self.source, place, f"{piece(id)} is not the id of a {other.name} here", hint)


def no_fixtures() -> Fixtures:
    """Return the fixtures for a document that comes without any: one organization with one token, and nothing stored."""
    return Fixtures({"mock-token": "mock"}, Snapshot({}, {}))
