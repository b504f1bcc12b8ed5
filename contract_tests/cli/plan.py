"""What a run would send, found by running it against a mock in this process."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from contract_tests.mutants.mock_target import MockTarget
from contract_tests.mutants.setup import MockSetup
from contract_tests.oracle.initial_state import seed_of
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import RunSettings
from contract_tests.transport.targets import is_local
from mock_server.contract.model import Contract


def plan_text(contract: Contract, settings: RunSettings, url: str) -> str:
    """Return how many requests of each operation a run would send to a target that behaves like the profile."""
    setup = MockSetup(
        {tenant.token: tenant.name for tenant in settings.tenants},
        settings.expired_token,
        seed_of(contract, settings.tenants),
        {tenant.name: tenant.known for tenant in settings.tenants},
    )
    target = MockTarget(contract, setup, settings.profile)
    target.local = is_local(urlsplit(url).hostname or "")
    outcome = hold_to(contract, target, replace(settings, rate=None, max_requests=None, max_seconds=None))
    operations = {operation.id: operation for operation in contract.operations}
    lines = [f"About {outcome.requests:,} requests to {url or 'the target'}, and more if something is wrong; nothing was sent."]
    for name, counts in sorted(outcome.by_operation.items(), key=lambda item: -sum(item[1].values())):
        operation = operations[name]
        lines.append(f"{sum(counts.values()):8,}  {operation.method:6} {operation.path}")
    made = ", ".join(f"{len(ids):,} of {resource}" for resource, ids in outcome.created.items()) or "nothing"
    lines.append(f"They would create {made}; every key value contains the tag of the run.")
    lines += outcome.limits
    if settings.rate:
        lines.append(
            f"At {settings.rate:g} requests per second, that takes about {outcome.requests / settings.rate / 60:.0f} minutes."
        )
    if settings.max_requests:
        lines.append(f"The run ends after {settings.max_requests:,} requests in any case.")
    if settings.max_seconds:
        lines.append(f"The run ends after {settings.max_seconds:g} seconds in any case.")
    return "\n".join(lines)
