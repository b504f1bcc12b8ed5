"""What is known of a target before the run: its organizations, and records that are said to be there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contract_tests.oracle.placeholders import about_unknown, is_unknown, unknown
from contract_tests.transport.tenants import Tenant
from mock_server.contract.behaviours.expressions import Literal
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract
from mock_server.engine.credentials import Limit
from mock_server.engine.store import Owner, Record, Snapshot
from mock_server.exchange.authentication import Credentials


def credentials_of(tenants: Sequence[Tenant]) -> Credentials:
    """Return which token stands for which organization."""
    users = {tenant.token: Limit(user=tenant.user) for tenant in tenants if tenant.user is not None}
    return Credentials({tenant.token: tenant.name for tenant in tenants}, limits=users)


def seed_of(contract: Contract, tenants: Sequence[Tenant]) -> Snapshot:
    """Return the records that are known to be there; of their fields nothing but the id is known."""
    records: dict[str, dict[Owner, dict[object, Record | None]]] = {}
    for tenant in tenants:
        for name, ids in _known(tenant).items():
            resource = contract.resources[name]
            owner = tenant.name if resource.owned else None
            for id in ids:
                record: Record = {field: unknown(name, id, field) for field in resource.fields if field != resource.id}
                for field in resource.fields.values():
                    if field.refers_to is not None:
                        record[field.name] = None
                record[resource.id] = id
                record.update(next((one.values for one in tenant.accounts if (one.resource, one.id) == (name, id)), {}))
                records.setdefault(name, {}).setdefault(owner, {})[id] = record
    return Snapshot(records)  # type: ignore[arg-type]  # ids are JSON values


def guards_of_unknown(contract: Contract, seed: Snapshot) -> Iterator[str]:
    """Yield what is asked of records of before the run whose fields nobody knows: the name of an assumption for each guard."""
    for step in contract.steps():
        guard = getattr(step, "guard", None)
        for field, values in guard.conditions.items() if guard is not None else ():
            wanted = [one.value for value in values for one in value.possible() if isinstance(one, Literal)]
            for records in seed.records.get(step.resource.name, {}).values():
                yield from (
                    about_unknown(record[field], wanted) for record in records.values() if is_unknown(record.get(field))
                )


def _known(tenant: Tenant) -> dict[str, tuple[Json, ...]]:
    """Return the ids of what a tenant has, those included who can log in."""
    known = dict(tenant.known)
    for account in tenant.accounts:
        known[account.resource] = tuple(dict.fromkeys([*known.get(account.resource, ()), account.id]))
    return known
