"""Several scenarios over several connections: only the waiting is shared."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from places import FIXTURES, PARTNER_API

from contract_tests.mutants.mock_target import MockTarget
from contract_tests.mutants.prove import settings_for
from contract_tests.mutants.setup import setup_for
from contract_tests.mutants.table import mutants_for
from contract_tests.oracle.memory import Memory
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import Budget
from contract_tests.runner.turns import Turns
from mock_server.engine.loading import load_contract

SMALL = Budget("small", sequences=1, rounds=1, generated_bodies=1, thinning=20, spread=True)


class Crowded:
    """A target that answers one request while others wait; it knows how many were there at once."""

    def __init__(self, inner):
        self.inner, self.local, self.connections, self.name = inner, True, 1, inner.name
        self.inside, self.most = 0, 0
        self.counting, self.answering = threading.Lock(), threading.Lock()
        self.another = threading.Event()

    def send(self, call):
        with self.counting:
            self.inside += 1
            self.most = max(self.most, self.inside)
            if self.inside > 1:
                self.another.set()
        if threading.current_thread() is not threading.main_thread():
            self.another.wait(5)  # until somebody else has come, at the latest the last one of a round
        with self.answering:
            reply = self.inner.send(call)
        with self.counting:
            self.inside -= 1
        return reply

    def __getattr__(self, name):
        return getattr(self.inner, name)


def outcome_over(connections, mutant=None):
    contract = load_contract(PARTNER_API)
    setup = setup_for(contract, FIXTURES[PARTNER_API])
    target = Crowded(MockTarget(contract, setup, contract.defaults(), mutant, random_seed=0))
    settings = replace(settings_for(setup, SMALL, 0), concurrency=connections, generated_bodies=False)
    return hold_to(contract, target, settings), target


def test_requests_that_do_not_depend_on_each_other_go_over_several_connections():
    outcome, target = outcome_over(3)

    assert outcome.verdict == "conforms", outcome.findings
    assert 1 < target.most <= 3


def test_over_one_connection_one_request_waits_for_the_other():
    outcome, target = outcome_over(1)

    assert outcome.verdict == "conforms"
    assert target.most == 1


def test_what_is_broken_is_found_over_several_connections_as_over_one():
    contract = load_contract(PARTNER_API)
    broken = next(one for one in mutants_for(contract) if one.name == "validation.list-as-text.createInternalContact.job_title")

    found = [{finding.cause for finding in outcome_over(connections, broken)[0].findings} for connections in (1, 4)]

    assert found[0]
    assert found[0] == found[1]


def test_where_one_fails_the_others_stop_at_their_next_request_and_the_error_is_raised_at_last():
    turns, begun = Turns(Memory()), []

    def work(number):
        begun.append(number)
        if number == 1:
            raise KeyError(number)
        for _ in range(1000):
            with turns.away():
                pass
        return number

    done = []
    with pytest.raises(KeyError):
        done.extend(turns.take(work, iter(range(100)), 2))

    assert done == sorted(done)
    assert len(begun) < 100
    with turns.away():
        pass  # nobody has to wait for those that are gone
