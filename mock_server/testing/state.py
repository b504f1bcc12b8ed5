"""What a mock keeps, as tests look at it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.files.source import Json
from mock_server.engine.store import Record, Snapshot
from mock_server.engine.values import has

Records = dict[str, list[Record]]
"""By resource, in the order in which they were made. Another resource stands in a record as its id."""


class State(Mapping[str, Records]):
    """The records by organization and resource: `state["acme"]["InternalContact"]`; those of no organization under ""."""

    def __init__(self, snapshot: Snapshot, organizations: Iterable[str], resources: Iterable[str]) -> None:
        owners = {owner for held in snapshot.records.values() for owner in held} - {None}
        self._state: dict[str, Records] = {
            organization: {name: _records(snapshot, name, organization) for name in resources}
            for organization in dict.fromkeys((*organizations, *sorted(filter(None, owners))))
        }
        shared = {name: records for name in resources if (records := _records(snapshot, name, None))}
        if shared:
            self._state[""] = shared
        self._resources = list(resources)

    def __getitem__(self, organization: str) -> Records:
        if organization not in self._state:
            raise KeyError(f"there is no organization {piece(organization)}; {did_you_mean(organization, self._state)}")
        return self._state[organization]

    def __iter__(self) -> Iterator[str]:
        return iter(self._state)

    def __len__(self) -> int:
        return len(self._state)

    def __repr__(self) -> str:
        return repr(self._state)

    def records(self, resource: str, *, organization: str | None = None, **fields: Json) -> list[Record]:
        """Return the records of a resource with these values in `fields`; of the first organization unless one is named."""
        if resource not in self._resources:
            raise KeyError(f"there is no resource {piece(resource)}; {did_you_mean(resource, self._resources)}")
        chosen = self[next(iter(self._state)) if organization is None else organization]
        return [record for record in chosen.get(resource, []) if has(record, fields)]


def _records(snapshot: Snapshot, resource: str, owner: str | None) -> list[Record]:
    return list(snapshot.records.get(resource, {}).get(owner, {}).values())
