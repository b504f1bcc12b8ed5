"""The contract tests against a whole API that was written by hand: as it is meant, and with the bugs of a careless colleague."""

from __future__ import annotations

from places import DOCUMENTS

from contract_tests.runner.outcome import Outcome
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import Budget, RunSettings
from contract_tests.transport.inbox import Arrived, HandedInbox
from contract_tests.transport.targets import AppTarget
from contract_tests.transport.tenants import Account, Tenant
from mock_server.engine.loading import load_contract

from .tickets_api import create_app
from .works.state import MANAGERS, TOKENS
from .works.ways import USUAL, Ways

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


def judged(bug: str = "", ways: Ways = USUAL, **settings: bool) -> Outcome:
    app = create_app(bug, ways)
    target = HandingTarget(app)
    try:
        return hold_to(CONTRACT, target, RunSettings(tenants_of(app), budget=SMALL, random_seed=1, **settings))
    finally:
        target.close()


def test_the_api_as_it_is_meant_conforms():
    outcome = judged()

    assert outcome.verdict == "conforms", outcome.findings
