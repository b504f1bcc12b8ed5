"""The contract tests against a whole API that was written by hand: as it is meant, and with the bugs of a careless colleague."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from places import DOCUMENTS

from contract_tests.runner.outcome import Outcome
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import Budget, RunSettings
from contract_tests.transport.inbox import Arrived, HandedInbox
from contract_tests.transport.targets import AppTarget, HttpTarget
from contract_tests.transport.tenants import Account, Tenant
from mock_server.engine.loading import load_contract

from .serving import serve
from .tickets_api import create_app
from .works.bugs import BUGS
from .works.state import MANAGERS, TOKENS
from .works.ways import USUAL, VARIANTS, Ways

CONTRACT = load_contract(DOCUMENTS / "tickets.overlay.yaml", strict=True)
SMALL = Budget("small", sequences=2, rounds=2, generated_bodies=2, thinning=24)


class HandingTarget(AppTarget):
    """An application in this process that hands its messages over."""

    def __init__(self, app) -> None:
        super().__init__(app)
        self.inbox = HandedInbox()
        app.state.works.deliver = self.deliver

    def deliver(self, url: str, headers: dict[str, str], body: bytes) -> None:
        if url.startswith(self.inbox.url):
            self.inbox.put(Arrived(url.removeprefix(self.inbox.url), headers, body))


def tenants_of(app) -> tuple[Tenant, ...]:
    users = {user["org"]: user for user in list(app.state.works.kept["User"].values())[:2]}
    return tuple(
        Tenant(
            org,
            token,
            accounts=(Account("User", users[org]["id"], {**MANAGERS[org], "role": "manager"}),),
            user=users[org]["id"],
        )
        for token, org in TOKENS.items()
    )


def judged(bug: str = "", ways: Ways = USUAL, **settings: Any) -> Outcome:
    app = create_app(bug, ways)
    target = HandingTarget(app)
    try:
        return hold_to(CONTRACT, target, RunSettings(tenants_of(app), **{"budget": SMALL, "random_seed": 1, **settings}))
    finally:
        target.close()


def test_the_api_as_it_is_meant_conforms_and_does_so_in_a_second_run():
    """What the first run left is there when the second one begins."""
    app = create_app()
    for seed, operations in ((1, ""), (2, "listSites"), (3, "search")):
        target, narrow = HandingTarget(app), frozenset(operations.split())
        try:
            settings = RunSettings(tenants_of(app), budget=SMALL, random_seed=seed, operations=narrow)
            outcome = hold_to(CONTRACT, target, settings)
        finally:
            target.close()
        assert outcome.verdict == "conforms", outcome.findings
        assert narrow or all(set(counts) & {200, 201, 202, 204} for counts in outcome.by_operation.values())


def test_a_run_that_does_not_know_the_role_of_its_user_conforms():
    """Whoever logs in by an address and a password may be anything: what follows is seen once, and holds from then on."""
    app = create_app()
    tenants = tuple(
        replace(tenant, accounts=tuple(replace(one, values=MANAGERS[tenant.name]) for one in tenant.accounts))
        for tenant in tenants_of(app)
    )
    target = HandingTarget(app)
    try:
        outcome = hold_to(CONTRACT, target, RunSettings(tenants, budget=SMALL, operations=frozenset({"removeSite"})))
    finally:
        target.close()

    assert outcome.verdict == "conforms", outcome.findings


def test_it_conforms_on_a_socket_to_which_it_sends_its_messages():
    app = create_app()
    with serve(app) as url:
        target = HttpTarget(url)
        try:
            narrow = RunSettings(tenants_of(app), operations=frozenset({"addHook", "completeTicket"}))
            outcome = hold_to(CONTRACT, target, narrow)
        finally:
            target.close()

    assert outcome.verdict == "conforms", outcome.findings
    assert app.state.works.sent > 0


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_is_caught(bug):
    outcome = judged(bug, stop_at_first=True, operations=frozenset(BUGS[bug].split()))

    assert outcome.verdict == "broken"


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_conforms(variant):
    ways, shows_in = VARIANTS[variant]
    outcome = judged(ways=ways, operations=frozenset(shows_in.split()))

    assert outcome.verdict == "conforms", outcome.findings


def test_a_run_that_is_narrowed_to_an_operation_that_is_none_does_not_begin():
    with pytest.raises(ValueError, match="no operation of the document is called addTickets2"):
        judged(operations=frozenset({"addTicket", "addTickets2"}))
