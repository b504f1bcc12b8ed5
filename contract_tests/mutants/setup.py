"""What a mock starts from: organizations with tokens, and the records that no operation of the contract makes."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract, Field, Resource
from mock_server.contract.sampling.least import sample
from mock_server.engine.fixtures import read_fixtures
from mock_server.engine.generating import Generator
from mock_server.engine.store import Owner, Record, Snapshot

ORGANIZATIONS = ("first-organization", "second-organization")
ENOUGH = 2
"""How many records of each resource that no operation makes an organization has at least."""

ENOUGH_SHARED = 6
"""The same for resources that all organizations share, which the contract may let them remove."""


@dataclass(frozen=True, slots=True)
class MockSetup:
    """What a mock starts from, and what a run may know of it.

    `known` has, by organization and resource, the ids of records that no operation makes. `expired` is a token that every
    deployment refuses.
    """

    tokens: Mapping[str, str]
    expired: str
    seed: Snapshot
    known: Mapping[str, Mapping[str, tuple[Json, ...]]]

    @property
    def organizations(self) -> tuple[str, ...]:
        """The organizations in order."""
        return tuple(dict.fromkeys(self.tokens.values()))

    def token_of(self, organization: str) -> str:
        """Return the first token of `organization`."""
        return next(token for token, owner in self.tokens.items() if owner == organization)


def setup_for(contract: Contract, fixtures: Path | None = None, *, random_seed: int = 1) -> MockSetup:
    """Return what a mock of `contract` starts from: the records of `fixtures`, and what is lacking beside them."""
    return _Seeding(contract, fixtures, random_seed).setup()


def not_made(contract: Contract) -> list[Resource]:
    """Return the resources that no operation makes."""
    made = {step.resource.name for step in contract.steps() if step.makes}
    return [resource for name, resource in contract.resources.items() if name not in made]


class _Seeding:
    def __init__(self, contract: Contract, fixtures: Path | None, random_seed: int) -> None:
        self.contract = contract
        self.generator = Generator(random_seed=random_seed)
        self.records: dict[str, dict[Owner, dict[Json, Record]]] = {name: {} for name in contract.resources}
        self.tokens: dict[str, str] = {}
        self._random = random.Random(random_seed)
        self._number = 0
        if fixtures is not None:
            given = read_fixtures(fixtures, contract, self.generator)
            self.tokens.update(given.tokens)
            for name, owners in given.seed.records.items():
                self.records[name] = {owner: dict(held) for owner, held in owners.items()}

    def setup(self) -> MockSetup:
        """Return everything, with what was lacking made."""
        for organization in ORGANIZATIONS:
            if len(set(self.tokens.values())) < len(ORGANIZATIONS):
                self.tokens[self._token()] = organization
        organizations = list(dict.fromkeys(self.tokens.values()))
        wanted = not_made(self.contract)
        for resource in wanted:
            for owner in organizations if resource.owned else [None]:
                while len(self._held(resource, owner)) < (ENOUGH if resource.owned else ENOUGH_SHARED):
                    self._make(resource, owner)
        known = {
            organization: {
                resource.name: tuple(self._held(resource, organization if resource.owned else None)) for resource in wanted
            }
            for organization in organizations
        }
        return MockSetup(self.tokens, self._token(), Snapshot(self.records), known)

    def _token(self) -> str:
        return f"{self._random.getrandbits(96):024x}"

    def _held(self, resource: Resource, owner: Owner) -> dict[Json, Record]:
        return self.records[resource.name].setdefault(owner, {})

    def _make(self, resource: Resource, owner: Owner) -> Json:
        """Make a record, and those that it has to refer to; return its id."""
        self._number += 1
        record: Record = {}
        for field in resource.fields.values():
            value = self._value(resource, field, owner)
            if value is not None or field.nullable:
                record[field.name] = value
        id = record[resource.id]
        self._held(resource, owner)[id] = record
        return id

    def _value(self, resource: Resource, field: Field, owner: Owner) -> Json:
        """Return the value of a field; None for one that is left out, or null."""
        if field.name == resource.id:
            return self.generator.id(resource)
        if field.name == resource.created:
            return self.generator.moment(resource.time_form(field.name))
        if resource.type_name is not None and field.name == resource.type_name[0]:
            return resource.type_name[1]
        if field.refers_to is not None:
            other = self.contract.resources[field.refers_to]
            return self._make(other, owner if other.owned else None) if field.required and not field.nullable else None
        if field.name == resource.modified and field.nullable:
            return None
        value = sample(field.schema) if field.required or field.has_default else None
        return self._distinct(value, field) if field.name in resource.key else value

    def _distinct(self, value: Json, field: Field) -> Json:
        """Return a value that no other record has in this field of its key."""
        if isinstance(value, str) and "string" in field.schema.types:
            return f"{value}-{self._number}"
        return self._number if isinstance(value, int) and not isinstance(value, bool) else value
