"""Rules of a resource beside its fields: what its states may follow, what it refers to, how its records authenticate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from mock_server.contract.decisions import Decision

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Transitions:
    """Which states may follow which, by field; from a state that is not named, none does. `when_illegal` says what else."""

    tables: Mapping[str, Mapping[str, tuple[str, ...]]]
    when_illegal: Decision[str]


@dataclass(frozen=True, slots=True, eq=False)
class CredentialFields:
    """By which fields the records of a resource authenticate those who show them, in the way of a security scheme.

    `name` is for schemes with a user name and a password; without it, the secret is the user name.
    """

    scheme: str
    secret: str
    name: str | None = None
    expires: str | None = None
    user: str | None = None
    scopes: str | None = None

    @property
    def sought(self) -> tuple[str, ...]:
        """The fields by which a record is found."""
        return (self.secret,) if self.name is None else tuple(sorted((self.name, self.secret)))


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A plain field that holds the id of another resource, or a list of such ids.

    `when_unknown` says what follows where there is no such record (not-found, invalid, conflict, accept), and `when_deleted`
    what becomes of it when that record is removed (conflict, cascade, clear, keep; None: the step that removes it says so).
    """

    field: str
    to: str
    is_list: bool
    when_unknown: Decision[str]
    when_deleted: Decision[str] | None
