"""What a mock starts from: organizations with tokens, and the records that no operation of the contract makes."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as member
from pathlib import Path

from contract_tests.scenarios.subject import Subject
from contract_tests.transport.tenants import Account
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract, Field, Resource
from mock_server.contract.sampling.least import sample
from mock_server.engine.fixtures import read_fixtures
from mock_server.engine.generating import Generator
from mock_server.engine.store import Owner, Record, Snapshot

ORGANIZATIONS = ("first-organization", "second-organization")
EXPIRED_AT = "2001-01-01T00:00:00Z"

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
    users: Mapping[str, str | int] = member(default_factory=dict)
    """The ids of the users whose tokens they are."""

    accounts: Mapping[str, tuple[Account, ...]] = member(default_factory=dict)
    """Those by whom somebody can log in, by organization."""

    @property
    def organizations(self) -> tuple[str, ...]:
        """The organizations in order."""
        return tuple(dict.fromkeys(self.tokens.values()))

    def token_of(self, organization: str) -> str:
        """Return the first token of `organization`."""
        return next(token for token, owner in self.tokens.items() if owner == organization)


def looked_up_to_log_in(contract: Contract) -> dict[str, tuple[str, ...]]:
    """Return the fields by which operations find who logs in, by resource."""
    subject = Subject.of(contract, ())
    return {one.login.resource.name: tuple(one.login.fields.values()) for one in subject.issuers if one.login is not None}


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
        self.users: dict[str, str | int] = {}
        self._random = random.Random(random_seed)
        self._number = 0
        if fixtures is not None:
            given = read_fixtures(fixtures, contract, self.generator)
            self.tokens.update(given.tokens)
            self.users.update({token: limit.user for token, limit in given.limits.items() if limit.user is not None})
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
        expired = self._token()
        self._expire(organizations[0], expired)
        accounts = {organization: tuple(self._accounts(organization)) for organization in organizations}
        return MockSetup(self.tokens, expired, Snapshot(self.records), known, self.users, accounts)

    def _expire(self, organization: str, secret: str) -> None:
        """Have a secret be that of a record that has expired, where records expire."""
        for resource in self.contract.resources.values():
            fields = resource.credential
            if fields is not None and fields.expires is not None:
                owner = organization if resource.owned else None
                is_text = "string" in resource.fields[fields.expires].schema.types
                over = {fields.secret: secret, fields.expires: EXPIRED_AT if is_text else 0}
                id = self._make(resource, owner)
                self._held(resource, owner)[id].update(over)

    def _accounts(self, organization: str) -> Iterator[Account]:
        """Yield what is known of those who can log in at the beginning."""
        for name, fields in looked_up_to_log_in(self.contract).items():
            resource = self.contract.resources[name]
            for id, record in self._held(resource, organization if resource.owned else None).items():
                if all(record.get(field) is not None for field in fields):
                    yield Account(name, id, {field: record[field] for field in fields})

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
        telling = (*resource.key, *looked_up_to_log_in(self.contract).get(resource.name, ()))
        return self._distinct(value, field) if field.name in telling else value

    def _distinct(self, value: Json, field: Field) -> Json:
        """Return a value that no other record has in this field of its key."""
        if isinstance(value, str) and "string" in field.schema.types:
            return f"{value}-{self._number}"
        return self._number if isinstance(value, int) and not isinstance(value, bool) else value
