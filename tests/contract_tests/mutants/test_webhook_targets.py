"""The suite against a server that sends webhooks, and against one that cannot reach this machine."""

from __future__ import annotations

from places import DOCUMENTS

import mock_server
from contract_tests.mutants.prove import settings_for
from contract_tests.mutants.setup import setup_for
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import Budget
from contract_tests.transport.targets import HttpTarget
from mock_server.engine.loading import load_contract

CONTRACT = load_contract(DOCUMENTS / "hooks.yaml", strict=True)
SMALL = Budget("small", sequences=1, rounds=1, generated_bodies=1, thinning=12)


def test_messages_of_a_server_are_received_and_judged():
    setup = setup_for(CONTRACT)
    seed = {"organizations": {name: {"tokens": [setup.token_of(name)]} for name in setup.organizations}}
    with mock_server.running(DOCUMENTS / "hooks.yaml", seed=seed) as server:
        outcome = hold_to(CONTRACT, HttpTarget(server.url), settings_for(setup, SMALL, 1))

        assert outcome.verdict == "conforms", outcome.findings
        assert any(one.state == "delivered" for one in server.webhooks.deliveries)


def test_a_target_that_cannot_reach_this_machine_is_not_judged_by_its_webhooks():
    class Remote(HttpTarget):
        def __init__(self, url: str) -> None:
            super().__init__(url)
            self.local = False

    setup = setup_for(CONTRACT)
    seed = {"organizations": {name: {"tokens": [setup.token_of(name)]} for name in setup.organizations}}
    with mock_server.running(DOCUMENTS / "hooks.yaml", seed=seed) as server:
        outcome = hold_to(CONTRACT, Remote(server.url), settings_for(setup, SMALL, 1))

    assert outcome.verdict == "conforms"
    assert any("Webhooks were not judged" in limit for limit in outcome.limits)
