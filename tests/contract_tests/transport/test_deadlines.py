"""However a target spreads its bytes, over time or in memory, an exchange ends, and says how."""

from __future__ import annotations

import gzip
import itertools
import socket
import threading
import time
import tracemalloc
import zlib
from contextlib import closing

import pytest
from listening import json, listening

from contract_tests.transport.bodies import LARGEST_BODY, TOO_LARGE
from contract_tests.transport.targets import AppTarget
from contract_tests.transport.wire import CutOff, WireRequest, is_lost

CALL = WireRequest("GET", "/a")
START = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
WITHIN = 30
"""Seconds that no exchange takes on the busiest of machines, and far fewer than a target without a deadline has."""

MUCH = 50_000_000


def sent_in_memory(target):
    """Send a call; return the reply, and how many bytes of memory that took at most."""
    tracemalloc.start()
    try:
        return target.send(CALL), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def slowly(start: bytes, part: bytes):
    """Return an answer that goes on for ever, a part after the other with a while between them."""
    never = threading.Event()

    def answer(received):
        yield start
        while not never.wait(0.02):
            yield part

    return answer


def at_once(start: bytes, part: bytes):
    """Return an answer that goes on for ever, as fast as it is read."""
    return lambda received: itertools.chain([start], itertools.repeat(part))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(slowly(START + b"Content-Length: 100000\r\n\r\n", b" "), id="a body byte by byte"),
        pytest.param(slowly(START + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"), id="a body in pieces of one byte"),
        pytest.param(slowly(START, b"X: 1\r\n"), id="header after header"),
        pytest.param(slowly(b"HT", b""), id="a beginning of a status line"),
        pytest.param(at_once(b"", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" * 1000), id="a flood of interim responses"),
        pytest.param(
            at_once(START + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"")[:10], b"\0\0\0\xff\xff" * 1000),
            id="a compressed body of nothing",
        ),
    ],
)
def test_an_answer_that_never_ends_has_no_more_time_than_any_other(target, answer):
    with listening(answer) as server:
        started = time.monotonic()
        reply = target(server.url, timeout=0.5).send(CALL)

    assert time.monotonic() - started < WITHIN
    assert (reply.status, reply.body) == (0, b"")
    assert reply.trouble in ("no complete response within 0.5 seconds", TOO_LARGE)
    assert isinstance(reply.trouble, CutOff)
    assert not is_lost(reply)


def test_a_target_that_does_not_read_has_no_more_time_to_do_so(target):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        started = time.monotonic()
        reply = target(f"http://127.0.0.1:{deaf.getsockname()[1]}", timeout=0.5).send(
            WireRequest("POST", "/a", body=b"x" * 50_000_000)
        )

    assert time.monotonic() - started < WITHIN
    assert reply.trouble == "no complete response within 0.5 seconds"
    assert is_lost(reply)


def test_a_handshake_that_never_ends_is_given_up(target):
    with listening(slowly(b"", b"")) as server:
        secure = target(server.url.replace("http:", "https:"), timeout=0.3, verify=False)

        assert secure.send(CALL).trouble == "no connection within 0.3 seconds"


def bomb(make: zlib._Compress) -> bytes:
    block = b"\0" * 1_000_000
    return b"".join(make.compress(block) for _ in range(300)) + make.flush()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(at_once(START + b'\r\n{"a":"', b"a" * 1_000_000), id="endless"),
        pytest.param(at_once(START + b"Transfer-Encoding: chunked\r\n\r\n", b"fa0\r\n" + b"a" * 4000 + b"\r\n"), id="pieces"),
        pytest.param(lambda received: json(200, bomb(zlib.compressobj(9, wbits=31)), "Content-Encoding: gzip"), id="gzip"),
        pytest.param(lambda received: json(200, bomb(zlib.compressobj(9)), "Content-Encoding: deflate"), id="deflate"),
        pytest.param(
            lambda received: json(200, bomb(zlib.compressobj(9, wbits=-15)), "Content-Encoding: deflate"), id="raw deflate"
        ),
        pytest.param(
            lambda received: json(200, gzip.compress(bomb(zlib.compressobj(9, wbits=31))), "Content-Encoding: gzip, gzip"),
            id="gzip within gzip",
        ),
    ],
)
def test_a_body_without_measure_ends_in_little_memory(target, answer):
    with listening(answer) as server:
        reply, most = sent_in_memory(target(server.url, timeout=60))

    assert reply.trouble == "a body of more than 10 MB"
    assert isinstance(reply.trouble, CutOff)
    assert most < MUCH


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate", "GZIP", "identity", "unheard-of"])
def test_a_body_of_the_largest_size_is_read_whole(target, encoding):
    body = b"ab" * (LARGEST_BODY // 2)
    sent = {"gzip": gzip.compress, "deflate": zlib.compress}.get(encoding.lower().removeprefix("x-"), bytes)(body)
    with listening(lambda received: json(200, sent, f"Content-Encoding: {encoding}")) as server:
        assert target(server.url, timeout=60).send(CALL).body == body


def test_codings_are_taken_off_in_the_order_in_which_they_were_put_on(target):
    sent = zlib.compress(gzip.compress(b'{"a": 1}'))
    with listening(lambda received: json(200, sent, "Content-Encoding: gzip", "Content-Encoding: deflate")) as server:
        assert target(server.url).send(CALL).body == b'{"a": 1}'


def test_after_an_answer_that_never_ended_the_next_request_has_all_of_its_time(target):
    endless = slowly(START + b"Content-Length: 100000\r\n\r\n", b" ")
    with listening(lambda received: json(200, b"{}") if received.number > 1 else endless(received)) as server:
        one = target(server.url, timeout=0.3)

        assert one.send(CALL).trouble
        assert one.send(CALL).status == 200


# --- applications ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "trouble"),
    [(b"a" * 100_000, "a body of more than 10 MB"), (b"", "no complete response within 0.3 seconds")],
)
@pytest.mark.parametrize("swallows", [False, True])
def test_an_application_that_answers_for_ever_is_given_up(part, trouble, swallows):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while True:
            try:
                await send({"type": "http.response.body", "body": part, "more_body": True})
            except Exception:
                if not swallows:
                    raise

    with closing(AppTarget(app, timeout=0.3 if not part else 60)) as one:
        reply, most = sent_in_memory(one)

    assert (reply.status, reply.trouble) == (0, trouble)
    assert isinstance(reply.trouble, CutOff)
    assert most < MUCH
