"""Manners: not faster than allowed, not more than allowed, and waiting when a target asks for it."""

from __future__ import annotations

import contextlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

import pytest

from contract_tests.transport.client import LONGEST_WAIT, MOST_PATIENCE, Client, Exhausted
from contract_tests.transport.wire import WireRequest, WireResponse

CALL = WireRequest("GET", "/a", operation="read")


class Clock:
    def __init__(self):
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Answering:
    """A target that gives the replies that it was given, and then 200 for ever."""

    name, local = "answering", True

    def __init__(self, *replies: WireResponse):
        self.replies = list(replies)
        self.times: list[float] = []

    def send(self, call):
        return self.replies.pop(0) if self.replies else WireResponse(200)

    def send_together(self, calls):
        return [self.send(call) for call in calls]

    def close(self):
        pass


def client(*replies, **more):
    clock = Clock()
    return Client(Answering(*replies), sleep=clock.sleep, clock=clock, **more), clock


def busy(retry_after: str | None, status: int = 429) -> WireResponse:
    return WireResponse(status, (("Retry-After", retry_after),) if retry_after is not None else ())


def test_no_more_requests_are_sent_in_a_second_than_allowed():
    sender, clock = client(rate=5)
    started = clock.now
    sent = []
    for _ in range(11):
        sender.send(CALL)
        sent.append(clock.now - started)

    assert sent == pytest.approx([number / 5 for number in range(11)])


def test_simultaneous_requests_count_toward_the_rate():
    sender, clock = client(rate=2)
    sender.send_together([CALL] * 4)
    sender.send(CALL)

    assert clock.now == pytest.approx(102.0)


def test_time_that_passed_anyway_is_not_waited_again():
    sender, clock = client(rate=2)
    sender.send(CALL)
    clock.now += 10
    sender.send(CALL)

    assert clock.slept == []


def test_without_a_rate_nothing_waits():
    sender, clock = client()
    for _ in range(50):
        sender.send(CALL)

    assert clock.slept == []


def test_no_more_requests_are_sent_than_allowed():
    sender, _ = client(max_requests=3)
    sender.send(CALL)
    sender.send_together([CALL, CALL])

    with pytest.raises(Exhausted, match="3 requests"):
        sender.send(CALL)
    with pytest.raises(Exhausted):
        sender.send_together([CALL, CALL])
    assert sender.count == 3


def test_simultaneous_requests_are_sent_all_or_none():
    sender, _ = client(max_requests=3)
    sender.send_together([CALL, CALL])

    with pytest.raises(Exhausted):
        sender.send_together([CALL, CALL])
    assert sender.count == 2


def test_a_request_that_is_refused_for_now_is_sent_again_after_the_seconds_that_were_asked_for():
    sender, clock = client(busy("7"), busy("0"))

    assert sender.send(CALL).status == 200
    assert clock.slept == [7.0, 0.0]
    assert (sender.count, sender.waited) == (3, 2)


def test_retry_after_may_be_a_date():
    sender, clock = client(busy(formatdate(time.time() + 30, usegmt=True)), busy(formatdate(time.time() - 30, usegmt=True)))

    assert sender.send(CALL).status == 200
    assert 25 < clock.slept[0] <= 30
    assert clock.slept[1] == 0


@pytest.mark.parametrize("value", [None, "", "soon", "-1", "1.5", "²"])
def test_a_429_without_a_usable_retry_after_waits_a_second(value):
    sender, clock = client(busy(value))

    assert sender.send(CALL).status == 200
    assert clock.slept == [1.0]


def test_a_503_is_waited_for_only_where_it_asks_for_it():
    sender, clock = client(busy("3", 503))
    assert sender.send(CALL).status == 200
    assert clock.slept == [3.0]

    sender, clock = client(busy(None, 503))
    assert sender.send(CALL).status == 503
    assert clock.slept == []


def test_another_refusal_with_retry_after_is_not_waited_for():
    sender, clock = client(busy("3", 404))

    assert sender.send(CALL).status == 404
    assert clock.slept == []


@pytest.mark.parametrize("value", ["9" * 30, "99999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_nobody_waits_for_ever(value):
    sender, clock = client(*[busy(value)] * 3)

    assert [sender.send(CALL).status for _ in range(2)] == [429, 429]
    assert clock.slept == [LONGEST_WAIT]
    assert sender.is_put_off
    assert sender.send(CALL).status == 200
    assert not sender.is_put_off
    assert sender.told()[-1] == "After the longest wait, the target still asked for one 2 times; that is not judged."


def test_short_waits_end_as_well():
    sender, clock = client(*[busy("2")] * 100)

    assert sender.send(CALL).status == 429
    assert clock.slept == [2.0] * MOST_PATIENCE


def test_what_was_waited_is_told():
    sender, _ = client(busy("99999999"), WireResponse(200), busy("2"))
    assert sender.told() == []
    for _ in range(2):
        sender.send(CALL)

    assert sender.told() == [
        "The target asked to wait 99999999 seconds; waited 30.",
        "The target asked to wait 2 times; the run waited 32 seconds for it in all.",
    ]


def test_nothing_is_sent_after_the_time_that_a_run_may_take():
    sender, clock = client(max_seconds=15)
    sender.send(CALL)
    clock.now += 14
    sender.send(CALL)
    clock.now += 1

    with pytest.raises(Exhausted, match="15 seconds"):
        sender.send(CALL)
    with pytest.raises(Exhausted, match="15 seconds"):
        sender.send_together([CALL])
    assert sender.count == 2


@pytest.mark.parametrize(
    "wait",
    [
        pytest.param(lambda sender: sender.send(CALL), id="the target asks for it"),
        pytest.param(lambda sender: sender.wait_after([busy("20")]), id="one of several requests asks for it"),
        pytest.param(lambda sender: sender.pause(20), id="a scenario asks for it"),
    ],
)
def test_nothing_is_waited_for_after_that_time(wait):
    sender, clock = client(*[busy("20")] * 9, max_seconds=15)
    with contextlib.suppress(Exhausted):
        wait(sender)

    assert clock.slept == [15.0]


def test_no_more_time_passes_for_the_rate_than_is_left():
    sender, clock = client(rate=0.01, max_seconds=15)
    sender.send(CALL)

    with pytest.raises(Exhausted, match="15 seconds"):
        sender.send(CALL)
    assert clock.slept == [15.0]


def test_several_threads_send_no_more_than_one_may():
    together = threading.Barrier(8, timeout=20)
    sender, _ = client(max_requests=100)
    sender.target.send = lambda call: WireResponse(200 + together.wait() * 0)

    def send_on(number):
        for _ in range(12):
            sender.send(CALL)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(send_on, range(8)))
    assert sender.count == 96
    assert sender.statuses == {"read": {200: 96}}
    with pytest.raises(Exhausted):
        sender.send_together([CALL] * 5)


def test_waiting_requests_count_toward_the_limit():
    sender, _ = client(*[busy("0")] * 100, max_requests=4)

    with pytest.raises(Exhausted):
        sender.send(CALL)
    assert sender.count == 4


def test_simultaneous_requests_wait_for_the_one_that_asks_longest():
    sender, clock = client()

    assert not sender.wait_after([WireResponse(200), WireResponse(404)])
    assert sender.wait_after([WireResponse(200), busy("2"), busy("5")])
    assert clock.slept == [5.0]


def test_answers_are_counted_by_operation_and_status():
    told = []
    sender, _ = client(WireResponse(200), WireResponse(404), WireResponse(0, trouble="reset"), on_request=told.append)
    for _ in range(3):
        sender.send(CALL)
    sender.send(WireRequest("GET", "/b"))

    assert sender.statuses == {"read": {200: 1, 404: 1, 0: 1}, "": {200: 1}}
    assert told == [1, 2, 3, 4]
