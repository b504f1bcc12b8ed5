"""How requests come over a connection: in pieces, several at once, with and without another one to follow."""

from __future__ import annotations

import json
import socket
import threading
import time

import pytest
from places import FIXTURES, LIBRARY

ADA = {"email": "ada@acme.example", "internal_role": "csm"}
NORTHWIND = "/v2/partners/ptn_northwind/internal-contacts"


@pytest.fixture
def serve(serve_shared):
    """Each of these tests has connections of its own."""
    return serve_shared


def posted(number: int, *headers: str, version: str = "1.1") -> bytes:
    """Return a valid request whose answer tells its number."""
    body = json.dumps({**ADA, "given_name": f"Ada{number}", "email": f"ada{number}@acme.example"})
    lines = [
        f"POST {NORTHWIND} HTTP/{version}",
        "Host: x",
        "Authorization: Bearer acme-token",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


class Connection:
    """A connection to a served mock, byte by byte."""

    def __init__(self, served) -> None:
        host, port = served.url.removeprefix("http://").split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=60)
        self.received = b""

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read_until(self, text: bytes) -> bytes:
        while text not in self.received:
            data = self.socket.recv(65536)
            assert data, self.received
            self.received += data
        before, _, self.received = self.received.partition(text)
        return before + text

    def answer(self) -> tuple[str, dict[str, str], bytes]:
        """Return status line, headers and body of the next answer."""
        status, *lines = self.read_until(b"\r\n\r\n").decode().strip().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        length = int(headers["content-length"])
        while len(self.received) < length:
            self.received += self.socket.recv(65536)
        body, self.received = self.received[:length], self.received[length:]
        return status, headers, body

    def is_closed(self) -> bool:
        """Say whether the server closed the connection, having sent nothing more."""
        try:
            return self.received == b"" and self.socket.recv(65536) == b""
        except ConnectionResetError:  # closed before it had read everything
            return True


def given_name(body: bytes) -> str:
    name: str = json.loads(body)["internal_contact"]["given_name"]
    return name


def test_an_answer_has_its_date_and_keeps_the_connection(serve):
    with Connection(serve()) as connection:
        for number in range(3):
            connection.send(posted(number))
            status, headers, body = connection.answer()
            assert (status, given_name(body)) == ("HTTP/1.1 200 OK", f"Ada{number}")
            assert headers["date"].endswith("gmt")
            assert headers["content-type"] == "application/json"
            assert "connection" not in headers


def test_requests_that_come_at_once_are_answered_in_their_order(serve):
    from_page = "Origin: http://localhost:5173"  # answered by way of Starlette
    requests = [posted(1), posted(2, from_page), posted(3), posted(4, from_page), posted(5), posted(6)]
    with Connection(serve()) as connection:
        connection.send(b"".join(requests))
        answers = [connection.answer() for _ in requests]

    assert [given_name(body) for _, _, body in answers] == [f"Ada{number}" for number in range(1, 7)]
    assert ["access-control-allow-origin" in headers for _, headers, _ in answers] == [False, True, False, True, False, False]


def test_a_request_may_come_in_pieces(serve):
    request = posted(1)
    with Connection(serve()) as connection:
        for cut in (1, 20, request.index(b"\r\n\r\n") + 4, len(request) - 1):
            connection.send(posted(0) + request[:cut])
            assert given_name(connection.answer()[2]) == "Ada0"
            time.sleep(0.02)
            connection.send(request[cut:])
            assert given_name(connection.answer()[2]) == "Ada1"


def test_a_body_may_come_in_chunks(serve):
    head, _, body = posted(1).partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
    head = b"\r\n".join([*lines, b"Transfer-Encoding: chunked"]) + b"\r\n\r\n"
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    with Connection(serve()) as connection:
        connection.send(head + chunks)
        assert given_name(connection.answer()[2]) == "Ada1"
        connection.send(head + chunks[:30])
        time.sleep(0.02)
        connection.send(chunks[30:] + posted(2))
        assert [given_name(connection.answer()[2]) for _ in range(2)] == ["Ada1", "Ada2"]


def test_a_client_that_expects_it_is_told_to_go_on(serve):
    head, _, body = posted(1, "Expect: 100-continue").partition(b"\r\n\r\n")
    with Connection(serve()) as connection:
        connection.send(head + b"\r\n\r\n")
        assert connection.read_until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.send(body)
        assert given_name(connection.answer()[2]) == "Ada1"


def test_nothing_after_a_last_request_is_performed(serve):
    served = serve()
    with Connection(served) as connection:
        connection.send(posted(1, "Connection: close") + posted(2) + posted(3, "Origin: http://localhost"))
        assert connection.answer()[1]["connection"] == "close"
        assert connection.is_closed()
    with served.client() as client:
        answer = client.post(NORTHWIND, json={**ADA, "email": "ada2@acme.example", "given_name": "New"})

    assert answer.json()["internal_contact"]["given_name"] == "New"  # so she was not known


def test_a_client_of_http_1_0_gets_one_answer(serve):
    with Connection(serve()) as connection:
        connection.send(posted(1, "Connection: keep-alive", version="1.0"))
        assert connection.answer()[1]["connection"] == "close"
        assert connection.is_closed()


def test_a_body_that_came_whole_and_is_too_large_is_refused(serve):
    with Connection(serve("--max-body-size", "20")) as connection:
        connection.send(posted(1) + posted(2))
        status, headers, _ = connection.answer()
        assert (status, headers["connection"]) == ("HTTP/1.1 413 Request Entity Too Large", "close")
        assert connection.is_closed()


def test_a_path_may_come_with_scheme_and_host(serve):
    with Connection(serve()) as connection:
        connection.send(posted(1).replace(b" /v2", b" http://x/v2", 1))
        assert connection.answer()[0] == "HTTP/1.1 200 OK"


def test_a_client_that_reads_late_gets_every_answer(serve):
    requests = [posted(number % 10) for number in range(10_000)]
    with Connection(serve("--log-level", "warning")) as connection:
        sender = threading.Thread(target=connection.send, args=(b"".join(requests),))
        sender.start()
        time.sleep(0.5)  # until the answers fill all buffers, and the server reads no more
        names = [given_name(connection.answer()[2]) for _ in requests]
        sender.join()

    assert names == [f"Ada{number % 10}" for number in range(10_000)]


def test_a_connection_is_closed_when_nothing_came_for_a_while(serve):
    with Connection(serve()) as connection:
        connection.send(posted(1))
        connection.answer()
        time.sleep(1)
        begin = time.monotonic()
        connection.send(posted(1))
        connection.answer()
        assert connection.is_closed()

    assert time.monotonic() - begin > 4.9  # the five seconds begin anew with each answer


@pytest.mark.parametrize("large", ["/nowhere?{} HTTP/1.1\r\n", "/nowhere HTTP/1.1\r\nX-Large: {}\r\n"])
def test_a_head_that_is_too_large_is_refused_and_the_connection_closed(serve, large):
    with Connection(serve()) as connection:
        connection.send(b"GET " + large.format("x" * 70_000).encode() + b"Host: x\r\n\r\n")

        assert connection.answer()[0] == "HTTP/1.1 431 Request Header Fields Too Large"
        assert connection.is_closed()


def test_a_head_without_end_is_cut_off(serve):
    with Connection(serve()) as connection:
        connection.send(b"GET /nowhere HTTP/1.1\r\nX-Large: ")
        with pytest.raises(ConnectionError):
            connection.send(b"x" * 65_536_000)


def test_a_head_just_small_enough_is_read_whatever_came_before(serve):
    with Connection(serve()) as connection:
        before = b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" + b"x" * 200_000
        connection.send(before + b"GET /nowhere?" + b"x" * 65_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")

        assert [connection.answer()[0] for _ in range(2)] == ["HTTP/1.1 401 Unauthorized"] * 2


@pytest.mark.parametrize("more", ["", "Origin: http://localhost:5173", "X-Mock-Fault: delay=1"])
def test_an_answer_without_content_tells_no_length(serve, more):
    served = serve(LIBRARY, "--seed", FIXTURES[LIBRARY])
    lines = ["DELETE /members/2 HTTP/1.1", "Host: x", "Authorization: Bearer acme-token", "Connection: close"]
    with Connection(served) as connection:
        connection.send(("\r\n".join([*lines, *([more] if more else [])]) + "\r\n\r\n").encode())
        head = connection.read_until(b"\r\n\r\n").lower()

    assert head.startswith(b"http/1.1 204 ")
    assert b"content-length" not in head


def test_a_client_that_asks_before_it_sends_too_much_is_refused_at_once(serve):
    head, _, _ = posted(1, "Expect: 100-continue").partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
    with Connection(serve()) as connection:
        connection.send(b"\r\n".join([*lines, b"Content-Length: 99999999"]) + b"\r\n\r\n")
        status, headers, _ = connection.answer()
        assert status.startswith("HTTP/1.1 413 ")
        assert headers["connection"] == "close"
        assert connection.is_closed()
