"""Reading fixtures: the organizations, their credentials, and the state that the mock starts from and resets to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mock_server.contract.access.security import Carried, SchemeUse, Security
from mock_server.contract.behaviours.declarations import read_declaration
from mock_server.contract.files.flaws import Flaws, did_you_mean, is_misspelt, piece
from mock_server.contract.files.source import Json, Source, pointer_to
from mock_server.contract.model import Contract, Resource
from mock_server.contract.schemas.checks import NoChoice
from mock_server.engine.credentials import UNLIMITED, CredentialReader, Limit
from mock_server.engine.generating import Generator
from mock_server.engine.references import dangling
from mock_server.engine.store import Owner, Record, Snapshot
from mock_server.engine.uniques import UniquesHeld
from mock_server.engine.values import hashable


@dataclass(frozen=True, slots=True)
class Fixtures:
    """The organizations by credential, and the seed.

    A credential is a token, an API key, or `user:password`; `limits` are those of some. With `takes_any`, every other
    credential stands for the first organization.
    """

    tokens: Mapping[str, str]
    seed: Snapshot
    limits: Mapping[str, Limit]
    takes_any: bool = False

    @property
    def organizations(self) -> list[str]:
        """The organizations in the order of the file."""
        return list(dict.fromkeys(self.tokens.values()))

    def token_of(self, organization: str) -> str:
        """Return the first credential of `organization`."""
        return next(token for token, owner in self.tokens.items() if owner == organization)

    def carried(self, organization: str, security: Security) -> Carried:
        """Return what a request has to carry to be let in for `organization`: nothing where no credential is needed.

        It is the first alternative for which the organization has all credentials.
        """
        for alternative in security.alternatives if security.is_required else ():
            found = [(use, self._fitting(organization, use)) for use in alternative]
            if all(credential is not None for _, credential in found):
                return Carried.together(use.scheme.carried(credential or "") for use, credential in found)
        return security.carried(self.token_of(organization))

    def _fitting(self, organization: str, use: SchemeUse) -> str | None:
        """Return the first credential of `organization` that is good for what is asked; None where it has none."""
        for credential, owner in self.tokens.items():
            limit = self.limits.get(credential, UNLIMITED)
            if owner == organization and limit.is_for(use) and not limit.lacks(use):
                return credential
        return None


def read_fixtures(path: Path, contract: Contract, generator: Generator) -> Fixtures:
    """Return the fixtures in the file at `path`; raise `FlawedInput` with every flaw when they do not fit the contract."""
    return fixtures_from(Source.from_path(path), contract, generator)


def fixtures_from(source: Source, contract: Contract, generator: Generator) -> Fixtures:
    """Return the fixtures that a source holds; raise `FlawedInput` with every flaw when they do not fit the contract."""
    reader = _FixtureReader(source, contract, generator)
    fixtures = reader.read()
    reader.flaws.raise_if_any()
    return fixtures


class _FixtureReader:
    def __init__(self, source: Source, contract: Contract, generator: Generator) -> None:
        self.source = source
        self.contract = contract
        self.generator = generator
        self.flaws = Flaws()
        self.schemas = contract.schemas
        self.placed: list[tuple[Resource, Owner, Record, str]] = []
        self.keys: set[tuple[Any, ...]] = set()
        self.held = UniquesHeld()
        self.records: dict[str, dict[Owner, dict[Json, Record]]] = {name: {} for name in contract.resources}
        self.credentials = CredentialReader(source, self.flaws)
        self.is_complete = True
        """Whether every record could be read, so that a reference to one that is not there is wrong."""

    def read(self) -> Fixtures:
        read_declaration("fixtures", self.source.value, self.source, "", self.flaws)
        # What has not the shape that it should have is told now, and left out in what follows.
        whole = _mapping(self.source.value)
        self.is_complete = not self.flaws
        for name, raw in _mapping(whole.get("organizations")).items():
            organization, pointer = _mapping(raw), pointer_to("organizations", name)
            self.credentials.read(name, organization.get("tokens"), pointer + "/tokens")
            self.read_resources(name, organization.get("resources"), pointer + "/resources")
        self.read_resources(None, whole.get("shared"), "/shared")
        self.check_references()
        self.check_users()
        return Fixtures(self.credentials.tokens, Snapshot(self.records), self.credentials.limits)

    def read_resources(self, owner: Owner, listed: Json, pointer: str) -> None:
        for name, records in _mapping(listed).items():
            place = pointer + pointer_to(name)
            resource = self.contract.resources.get(name)
            if not isinstance(records, list) or (resource is None and name in self.contract.unread.resources):
                self.is_complete = False
                continue
            if resource is None:
                self.is_complete = False
                hint = did_you_mean(name, {*self.contract.resources, *self.contract.unread.resources})
                self.flaws.add(self.source, place, f"{piece(name)} is not a resource of the contract", hint)
                continue
            if resource.owned != (owner is not None):
                hint = "put it under an organization" if resource.owned else "put it under `shared`"
                self.flaws.add(self.source, place, f"{name} has {'an' if resource.owned else 'no'} owner", hint)
                self.is_complete = False
                continue
            for index, raw in enumerate(records):
                self.read_record(resource, owner, raw, place + pointer_to(index))

    def read_record(self, resource: Resource, owner: Owner, raw: Any, pointer: str) -> None:
        if not isinstance(raw, dict):
            self.flaws.add(self.source, pointer, f"a record is a mapping, not {piece(raw)}")
            self.is_complete = False
            return
        for name in set(raw) - set(resource.fields):
            hint = did_you_mean(name, resource.fields)
            self.flaws.add(self.source, pointer + pointer_to(name), f"{resource.name} has no field {piece(name)}", hint)
        record: Record = {}
        for field in resource.fields.values():
            place = pointer + pointer_to(field.name)
            if field.name in resource.computed:
                if field.name in raw:
                    self.flaws.add(self.source, place, f"{piece(field.name)} is computed, not stored", "leave it out")
            elif field.name in raw:
                record[field.name] = raw[field.name]
                if field.refers_to is None:
                    for violation in self.schemas.check(field.schema).violations(raw[field.name], NoChoice()):
                        self.flaws.add(self.source, place + violation.pointer, violation.message)
            elif resource.type_name and field.name == resource.type_name[0]:
                record[field.name] = resource.type_name[1]
            elif field.name == resource.created or (field.name == resource.modified and not field.nullable):
                record[field.name] = self.generator.moment(resource.time_form(field.name))
            elif field.has_default or field.nullable:
                record[field.name] = field.default if field.has_default else None
            elif (field.required or field.name == resource.id) and not (
                is_misspelt(field.name, raw, resource.fields) or resource.name in self.contract.unread.resources
            ):
                self.flaws.add(self.source, pointer, f"{piece(field.name)} is missing")
        self.keep(resource, owner, record, pointer)

    def keep(self, resource: Resource, owner: Owner, record: Record, pointer: str) -> None:
        id = record.get(resource.id)
        if not isinstance(id, (str, int)):
            self.is_complete = False
            return  # told already: it is missing, or does not fit its schema
        if any(id in held for held in self.records[resource.name].values()):
            self.flaws.add(self.source, pointer + pointer_to(resource.id), f"the id {piece(id)} stands twice")
        held = self.records[resource.name].setdefault(owner, {})
        key = [record.get(field) for field in resource.key]
        place_of_key = (resource.name, owner, *map(hashable, key))
        if place_of_key in self.keys and resource.key and None not in key:
            place = pointer + pointer_to(resource.key[0])
            self.flaws.add(self.source, place, f"the key {piece(key[0] if len(key) == 1 else key)} stands twice")
        for group in self.held.repeated(resource, owner, record):
            self.flaws.add(self.source, pointer + pointer_to(group[0]), f"the {' and '.join(group)} stands twice")
        held[id] = record
        self.keys.add(place_of_key)
        self.placed.append((resource, owner, record, pointer))

    def check_users(self) -> None:
        """Note a flaw for each credential of a user whom nobody looks for, or who is not there."""
        is_used = any(one.credential and one.credential.user for one in self.contract.resources.values())
        for id, organization, place in self.credentials.users if not self.contract.unread.resources else ():
            if not is_used:
                hint = "leave it out, or let an x-resource with `credential` name the field that holds the `user`"
                self.flaws.add(self.source, place, "nothing asks whose credential it is", hint)
            elif self.is_complete and not any(
                id in held.get(owner, {}) for held in self.records.values() for owner in (organization, None)
            ):
                self.flaws.add(self.source, place, f"no record of {organization} has the id {piece(id)}")

    def check_references(self) -> None:
        for resource, owner, record, pointer in self.placed if self.is_complete else ():
            for place, message, hint in dangling(resource, owner, record, self.contract.resources, self.records):
                self.flaws.add(self.source, pointer + place, message, hint)


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def no_fixtures() -> Fixtures:
    """Return the fixtures for a document that comes without any: one organization, whatever the credential; nothing stored."""
    return Fixtures({"mock-token": "mock"}, Snapshot({}), {}, takes_any=True)
