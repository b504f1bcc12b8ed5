"""Ending a run by a signal: after the request in flight, soon, and once."""

from __future__ import annotations

import signal
import threading

import pytest

from contract_tests.transport import interruption
from contract_tests.transport.client import Client
from contract_tests.transport.interruption import Interrupted, Interruption
from contract_tests.transport.wire import WireRequest, WireResponse

GET = WireRequest("GET", "/")


@pytest.fixture(autouse=True)
def _heard():
    """Hear every signal, even if this process was started to ignore one, as in the background of a shell."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in interruption.SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Ending:
    """A target at which the process is asked to end while it answers."""

    name, local = "ending", True

    def __init__(self, number):
        self.number, self.answered = number, 0

    def send(self, call):
        signal.raise_signal(self.number)
        self.answered += 1
        return WireResponse(200)


@pytest.mark.parametrize("number", interruption.SIGNALS)
def test_a_request_in_flight_is_answered_and_no_other_one_is_sent(number):
    asked = Interruption()
    target = Ending(number)
    client = Client(target, interruption=asked)

    with asked.listening():
        assert client.send(GET).status == 200
        with pytest.raises(Interrupted) as interrupted:
            client.send(GET)

    assert (interrupted.value.signal, interrupted.value.in_flight) == (number, False)
    assert target.answered == 1


def test_what_does_not_answer_is_not_waited_for_long(monkeypatch):
    monkeypatch.setattr(interruption, "PATIENCE", 0.01)
    asked = Interruption()

    with asked.listening():
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(Interrupted) as interrupted:
            threading.Event().wait(60)

    assert interrupted.value.in_flight


def test_waiting_ends_when_the_process_is_asked_to_end():
    asked = Interruption(sleep=lambda seconds: signal.raise_signal(signal.SIGTERM))

    with asked.listening(), pytest.raises(Interrupted):
        asked.sleep(3600)


def test_who_asked_first_is_noted_and_nobody_is_heard_after_the_end():
    first, ended = Interruption(), Interruption()

    with first.listening():
        signal.raise_signal(signal.SIGHUP)
        signal.raise_signal(signal.SIGTERM)
    with ended.listening():
        ended.end()
        signal.raise_signal(signal.SIGTERM)
        ended.check()

    assert first.signal == signal.SIGHUP
    assert ended.signal == 0


def test_what_the_process_was_started_to_ignore_stays_ignored_as_under_nohup():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    asked = Interruption()
    try:
        with asked.listening():
            signal.raise_signal(signal.SIGHUP)
            asked.check()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_signals_mean_again_what_they_meant_before():
    before = [signal.getsignal(number) for number in interruption.SIGNALS]

    with Interruption().listening():
        pass

    assert [signal.getsignal(number) for number in interruption.SIGNALS] == before


def test_a_thread_gets_no_signals_and_may_run_all_the_same():
    done = []

    def run():
        with Interruption().listening():
            done.append("run")

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()

    assert done == ["run"]
