"""The tenants of a target: the organizations whose tokens a run has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mock_server.contract.files.source import Json


@dataclass(frozen=True, slots=True)
class Account:
    """A record by which somebody can log in: what is known of it. Its id may be a stand-in for one that is not."""

    resource: str
    id: Json
    values: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Tenant:
    """An organization as the run knows it: its token, and the ids of resources that it is known to have."""

    name: str
    token: str = field(repr=False)
    known: Mapping[str, tuple[Json, ...]] = field(default_factory=dict)
    accounts: tuple[Account, ...] = field(default=(), repr=False)
    user: str | int | None = None
    """The id of the user whose token it is."""
