"""The APIs before which a manner is put: two that were written by hand, and the bundled mock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from places import DOCUMENTS, FIXTURES, PARTNER_API

from contract_tests.runner.outcome import Outcome
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import Budget, RunSettings
from contract_tests.transport.inbox import Arrived, HandedInbox
from contract_tests.transport.targets import AppTarget
from contract_tests.transport.tenants import Account, Tenant
from mock_server.contract.model import Contract
from mock_server.engine.loading import load_contract
from mock_server.server.application import Application
from mock_server.server.log import Log
from mock_server.server.mock import Mock
from mock_server.server.settings import Settings

from . import boards_api, tickets_api
from .manners import Manner
from .retelling import Retelling
from .works.state import MANAGERS, TOKENS
from .works.ways import USUAL

SMALL = Budget("small", sequences=2, rounds=2, generated_bodies=2, thinning=24)
CONTRACTS: dict[str, Contract] = {
    "boards": load_contract(DOCUMENTS / "boards.yaml", strict=True),
    "tickets": load_contract(DOCUMENTS / "tickets.overlay.yaml", strict=True),
    "partners": load_contract(PARTNER_API, strict=True),
}
PARTNERS = (
    Tenant("acme", "acme-token", {"Partner": ("ptn_northwind", "ptn_contoso")}),
    Tenant("globex", "globex-token", {"Partner": ("ptn_initech",)}),
)


class HandingTarget(AppTarget):
    """An application in this process that hands its messages over."""

    def __init__(self, app: Any, works: Any) -> None:
        super().__init__(app)
        self.inbox = HandedInbox()
        works.deliver = self.deliver

    def deliver(self, url: str, headers: dict[str, str], body: bytes) -> None:
        if url.startswith(self.inbox.url):
            self.inbox.put(Arrived(url.removeprefix(self.inbox.url), headers, body))


def tickets_tenants(works: Any) -> tuple[Tenant, ...]:
    users = {user["org"]: user["id"] for user in list(works.kept["User"].values())[:2]}
    return tuple(
        Tenant(
            org,
            token,
            accounts=(Account("User", users[org], {**MANAGERS[org], "role": "manager"}),),
            user=users[org],
        )
        for token, org in TOKENS.items()
    )


def boards(manner: Manner) -> tuple[AppTarget, tuple[Tenant, ...], str]:
    clock = manner.clock()
    tenants = tuple(Tenant(name, token, {}) for token, name in boards_api.TOKENS.items())
    return AppTarget(Retelling(boards_api.create_app(clock=clock), *manner.changes(), clock=clock)), tenants, ""


def tickets(manner: Manner) -> tuple[AppTarget, tuple[Tenant, ...], str]:
    clock = manner.clock()
    app = tickets_api.create_app(ways=replace(USUAL, clock=clock))
    return HandingTarget(Retelling(app, *manner.changes(), clock=clock), app.state.works), tickets_tenants(app.state.works), ""


def partners(manner: Manner) -> tuple[AppTarget, tuple[Tenant, ...], str]:
    settings = Settings(document=PARTNER_API, seed=FIXTURES[PARTNER_API])
    mock, clock = Mock.from_settings(settings), manner.clock()
    mock.generator.clock = lambda: round(clock(time.time()) * 1e9)
    app = Application(mock, settings, Log("error"))
    return AppTarget(Retelling(app, *manner.changes(), clock=clock)), PARTNERS, "acme-expired-token"


APIS: dict[str, Callable[[Manner], tuple[AppTarget, tuple[Tenant, ...], str]]] = {
    "boards": boards,
    "tickets": tickets,
    "partners": partners,
}


def judged(api: str, manner: Manner, **more: Any) -> Outcome:
    """Hold an API to its document as it answers in a manner."""
    target, tenants, expired = APIS[api](manner)
    try:
        return hold_to(CONTRACTS[api], target, RunSettings(tenants, expired, **{"budget": SMALL, "random_seed": 1, **more}))
    finally:
        target.close()
