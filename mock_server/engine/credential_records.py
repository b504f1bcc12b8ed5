"""Credentials that are records: the tokens that a login made, the API keys that an operation handed out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mock_server.contract.access.security import SchemeUse
from mock_server.contract.files.source import Json
from mock_server.contract.model import Resource
from mock_server.contract.record_rules import CredentialFields
from mock_server.engine.generating import Generator
from mock_server.engine.store import Index, Layout, Owner, Record, Store


class Found(NamedTuple):
    """The record that authenticates a caller: of whose resource it is, and by which fields it does so."""

    owner: Owner
    record: Record
    fields: CredentialFields

    def lacks(self, use: SchemeUse) -> bool:
        """Say whether it lacks a scope that is asked for; a record without scopes has all of them."""
        given = self.record.get(self.fields.scopes) if self.fields.scopes else None
        if given is None:
            return False
        return not set(given.split() if isinstance(given, str) else given).issuperset(use.scopes)


class CredentialRecords:
    """Finds the records of a contract that authenticate callers."""

    def __init__(self, resources: Mapping[str, Resource], layout: Layout) -> None:
        self._kept: dict[str, list[tuple[Resource, CredentialFields, Index]]] = {}
        for resource in resources.values():
            if (fields := resource.credential) is not None:
                index = layout[resource.name][fields.sought]
                self._kept.setdefault(fields.scheme, []).append((resource, fields, index))

    def __contains__(self, scheme: str) -> bool:
        return scheme in self._kept

    def fields(self, scheme: str) -> CredentialFields:
        """Return the fields of the first resource whose records authenticate for a scheme."""
        return self._kept[scheme][0][1]

    def find(self, use: SchemeUse, credential: str, store: Store, generator: Generator | None) -> Found | None:
        """Return the record that a credential shown in the way of a scheme is; None where there is none, or it has expired.

        Without a generator, nobody knows what time it is, and nothing has expired.
        """
        for resource, fields, index in self._kept.get(use.scheme.name, ()):
            sought = _sought(use, credential, fields)
            if sought is None:
                continue
            for owner in store.owners(resource.name):
                for id in store.find(index, owner, sought):
                    record = store.held(resource.name, owner, id)
                    if not (fields.expires and generator and generator.is_past(record.get(fields.expires))):
                        return Found(owner, record, fields)
        return None


def _sought(use: SchemeUse, credential: str, fields: CredentialFields) -> tuple[Json, ...] | None:
    """Return the values of the fields by which a credential is found; None where it can be none of them."""
    if use.scheme.kind != "username":
        return (credential,)
    name, _, password = credential.partition(":")
    if fields.name is None:
        return (name,) if not password else None
    given = {fields.name: name, fields.secret: password}
    return tuple(given[field] for field in fields.sought)
