"""What is known of a target before the run: its organizations, and records that are said to be there."""

from __future__ import annotations

from collections.abc import Sequence

from contract_tests.moves import Party
from contract_tests.placeholders import unknown
from mock_server.contract.model import Contract
from mock_server.engine.store import Owner, Record, Snapshot
from mock_server.exchange.exchange import Credentials


def credentials_of(parties: Sequence[Party]) -> Credentials:
    """Return which token stands for which organization."""
    return Credentials({party.token: party.name for party in parties})


def seed_of(contract: Contract, parties: Sequence[Party]) -> Snapshot:
    """Return the records that are known to be there; of their fields nothing but the id is known."""
    records: dict[str, dict[Owner, dict[object, Record | None]]] = {}
    for party in parties:
        for name, ids in party.known.items():
            resource = contract.resources[name]
            owner = party.name if resource.owned else None
            for id in ids:
                record: Record = {field: unknown(name, id, field) for field in resource.fields if field != resource.id}
                for field in resource.fields.values():
                    if field.refers_to is not None:
                        record[field.name] = None
                record[resource.id] = id
                records.setdefault(name, {}).setdefault(owner, {})[id] = record
    return Snapshot(records, {})  # type: ignore[arg-type]  # ids are JSON values
