"""What a target is sent, and what is told of its answers, whole or not."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading

import pytest
from listening import HANG, RESET, http, json, listening

from contract_tests.transport.targets import AppTarget, is_local
from contract_tests.transport.wire import WireRequest

CALL = WireRequest(
    "POST", "/a%2Fb/%C3%A9", "q=1%202", (("Authorization", "Bearer t"), ("Content-Type", "application/json")), b'{"a": 1}'
)


# --- what is sent ----------------------------------------------------------------------------------------------------


def test_a_call_is_sent_as_it_is(target):
    with listening(lambda received: json(201, b"{}", "X-Twice: a", "X-Twice: b")) as server:
        reply = target(server.url).send(CALL)

    received = server.received[0]
    assert received.line == "POST /a%2Fb/%C3%A9?q=1%202 HTTP/1.1"
    assert received.body == b'{"a": 1}'
    assert (received.headers["authorization"], received.headers["content-type"]) == ("Bearer t", "application/json")
    assert "understudy/" in received.headers["user-agent"]
    assert (reply.status, reply.body, reply.trouble) == (201, b"{}", "")
    assert [value for name, value in reply.headers if name == "x-twice"] == ["a", "b"]
    assert 0 < reply.sent_at <= reply.received_at


@pytest.mark.parametrize(("base", "path"), [("", "/a"), ("/", "/a"), ("/api", "/api/a"), ("/api/v%20x/", "/api/v%20x/a")])
def test_the_path_of_the_url_goes_before_those_of_the_contract(target, base, path):
    with listening(lambda received: http(200)) as server:
        target(server.url + base).send(WireRequest("GET", "/a"))

    assert server.received[0].line == f"GET {path} HTTP/1.1"


def test_nothing_is_said_of_a_body_that_has_no_media_type(target):
    with listening(lambda received: http(200)) as server:
        target(server.url).send(WireRequest("POST", "/a", body=b"{}"))
        target(server.url).send(WireRequest("GET", "/a"))

    assert all("content-type" not in received.headers for received in server.received)


def test_headers_with_letters_beyond_ascii_are_sent_as_far_as_can_be(target):
    with listening(lambda received: http(200)) as server:
        reply = target(server.url).send(WireRequest("GET", "/a", headers=(("Authorization", "Bearer éł"),)))

    assert reply.status == 200
    assert server.received[0].headers["authorization"] == "Bearer é?"


def test_requests_share_a_connection(target):
    with listening(lambda received: http(200)) as server:
        one = target(server.url)
        for _ in range(3):
            one.send(CALL)

        assert [received.connection for received in server.received] == [1, 1, 1]


def test_a_redirect_is_an_answer_and_not_followed(target):
    with listening(lambda received: http(302, b"", "Location: /elsewhere")) as server:
        assert target(server.url).send(CALL).status == 302

    assert len(server.received) == 1


def test_cookies_of_one_answer_are_not_sent_with_the_next_request(target):
    with listening(lambda received: http(200, b"", "Set-Cookie: session=acme; Path=/")) as server:
        one = target(server.url)
        one.send(CALL)
        one.send(CALL)

    assert ["cookie" in received.headers for received in server.received] == [False, False]


def test_no_proxy_comes_between_this_machine_and_itself(target, monkeypatch):
    with listening(lambda received: http(200)) as server, listening(lambda received: http(204)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "")

        assert target(server.url).send(CALL).status == 200
        assert target("http://api.invalid").send(CALL).status == 204


# --- what comes back -------------------------------------------------------------------------------------------------


def test_a_compressed_answer_is_read(target):
    with listening(lambda received: json(200, gzip.compress(b'{"a": 1}'), "Content-Encoding: gzip")) as server:
        assert target(server.url).send(CALL).body == b'{"a": 1}'


def test_an_answer_in_pieces_is_read(target):
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    with listening(lambda received: chunked) as server:
        assert target(server.url).send(CALL).body == b"abcde"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(http(200, b"half", "Connection: close", length=100), id="shorter than announced"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n9\r\nabc", id="cut off in a piece"
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Le\0", id="cut off in a header"),
        pytest.param(b"SSH-2.0-OpenSSH_9.6\r\nconnection: close\r\n", id="no HTTP at all"),
        pytest.param(json(200, b"no gzip", "Content-Encoding: gzip"), id="not compressed as it says"),
        pytest.param(None, id="nothing"),
        pytest.param(RESET, id="reset"),
    ],
)
def test_what_is_no_whole_answer_is_told_and_never_raised(target, answer):
    with listening(lambda received: answer) as server:
        reply = target(server.url).send(CALL)

        assert reply.trouble
        assert "\n" not in reply.trouble
        assert (reply.status, reply.body) == (0, b"")


def test_a_target_that_hangs_is_waited_for_no_longer_than_allowed(target):
    with listening(lambda received: HANG) as server:
        assert target(server.url, timeout=0.2).send(CALL).trouble == "no complete response within 0.2 seconds"


def test_nobody_at_the_port_is_told(target):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    assert target(f"http://127.0.0.1:{port}").send(CALL).trouble.startswith("no connection: ")


def test_an_unknown_host_is_told(target):
    assert target("http://nobody.invalid").send(CALL).trouble.startswith("no connection: ")


def test_a_connection_that_the_server_closed_meanwhile_is_made_anew(target):
    """A server may close a kept connection at any time, and that is no fault of its."""
    with listening(lambda received: json(200, b"{}")) as server:
        one = target(server.url)
        assert one.send(CALL).status == 200
        for connection in list(server.open):
            connection.shutdown(socket.SHUT_RDWR)

        assert one.send(CALL).status == 200
        assert [received.connection for received in server.received] == [1, 2]


def test_a_server_that_closes_every_connection_is_fine(target):
    with listening(lambda received: json(200, b"{}", "Connection: close")) as server:
        one = target(server.url)

        assert [one.send(CALL).status for _ in range(20)] == [200] * 20


# --- at the same time ------------------------------------------------------------------------------------------------


def test_simultaneous_requests_are_under_way_at_once_and_answered_in_their_order(target):
    meet = threading.Barrier(8, timeout=20)

    def answer(received):
        meet.wait()
        return json(200, received.body)

    with listening(answer) as server:
        replies = target(server.url).send_together([WireRequest("POST", "/a", body=b"%d" % number) for number in range(8)])

    assert [reply.body for reply in replies] == [b"%d" % number for number in range(8)]
    assert len({received.connection for received in server.received}) == 8


def test_simultaneous_requests_go_over_connections_that_are_there_already(target):
    meet = threading.Barrier(2, timeout=20)

    def answer(received):
        meet.wait()
        return json(200, b"{}")

    with listening(answer) as server:
        one = target(server.url)
        for _ in range(3):
            one.send_together([CALL, CALL])

        assert server.connections == 2


def test_one_of_several_simultaneous_requests_may_go_wrong_alone(target):
    def answer(received):
        return RESET if received.body == b"1" else json(200, b"{}")

    with listening(answer) as server:
        replies = target(server.url).send_together([WireRequest("POST", "/a", body=b"%d" % number) for number in range(4)])

    assert [bool(reply.trouble) for reply in replies] == [False, True, False, False]


# --- mistakes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:4010",
        "localhost",
        "ftp://host",
        "http://",
        "http:///path",
        "http://host?x=1",
        "http://host#x",
        "http://u:p@host",
    ],
)
def test_what_is_no_url_of_an_api_is_told(target, url):
    with pytest.raises(ValueError, match=r"http://127\.0\.0\.1:4010|tokens are given as options"):
        target(url)


@pytest.mark.parametrize(
    "url", ["http://host:port", "http://host:99999", "http://host:0", "http://[::1", "http://ho st", "http://a\x01b"]
)
def test_a_url_that_cannot_be_read_is_told(target, url):
    with pytest.raises(ValueError, match="is not the URL of an API"):
        target(url)


def test_a_password_in_a_url_is_not_told_again(target):
    with pytest.raises(ValueError, match="tokens") as raised:
        target("http://ann:s3cret-word@host/")

    assert "s3cret-word" not in str(raised.value)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("api.localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("localhost.example", False),
    ],
)
def test_only_this_machine_is_local(host, local):
    assert is_local(host) == local


def test_certificates_may_be_those_of_a_file(target, tmp_path):
    with pytest.raises(FileNotFoundError):
        target("https://127.0.0.1", verify=str(tmp_path / "none.pem"))
    target("https://127.0.0.1", verify=False)


# --- applications ----------------------------------------------------------------------------------------------------


def app_of(answer):
    async def app(scope, receive, send):
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        status, content = await answer(scope, body)
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": content})

    return app


@pytest.fixture
def app_target():
    made = []

    def make(answer, **more):
        made.append(AppTarget(app_of(answer), **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_an_application_gets_the_call_as_it_is(app_target):
    async def answer(scope, body):
        told = [
            scope["method"],
            scope["raw_path"].decode(),
            scope["query_string"].decode(),
            dict(scope["headers"])[b"authorization"].decode(),
        ]
        return 200, "|".join([*told, body.decode()]).encode()

    reply = app_target(answer).send(CALL)

    assert reply.body == b'POST|/a%2Fb/%C3%A9|q=1%202|Bearer t|{"a": 1}'
    assert app_target(answer).local


def test_an_application_that_fails_is_told_of(app_target):
    async def answer(scope, body):
        raise RuntimeError("oops")

    assert app_target(answer).send(CALL).status == 500


def test_an_application_that_hangs_is_waited_for_no_longer_than_allowed(app_target):
    async def answer(scope, body):
        await asyncio.Event().wait()

    assert app_target(answer, timeout=0.1).send(CALL).trouble == "no complete response within 0.1 seconds"


def test_simultaneous_requests_to_an_application_are_under_way_at_once(app_target):
    waiting = []

    async def answer(scope, body):
        if not waiting:
            waiting.append(asyncio.Event())
        if body == b"3":
            waiting[0].set()
        await waiting[0].wait()
        return 200, body

    replies = app_target(answer).send_together([WireRequest("POST", "/a", body=b"%d" % number) for number in range(4)])

    assert [reply.body for reply in replies] == [b"0", b"1", b"2", b"3"]
