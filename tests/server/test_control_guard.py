"""The control API as an attacker meets it: from another machine, from a page, by a name that turned, without the token."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import httpx
import pytest

from mock_server.server.application import Application
from mock_server.server.log import Log
from mock_server.server.mock import Mock
from mock_server.server.settings import Settings

READS = ["state", "requests", "fixtures", "openapi.json", "events", "operations", "clock/", "requests/1", ""]
CHANGES = [("POST", "reset"), ("PUT", "state"), ("POST", "shutdown"), ("DELETE", "requests"), ("PATCH", "assumptions")]


@pytest.fixture
def serve(serve_shared):
    """Whom a server lets in depends on how it was started, not on what it was asked before."""
    return serve_shared


def ask(served, path="state", method="GET", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.request(method, f"{served.url}/__admin/{path}", headers=named, verify=False)


def assert_refused(answer, status=403):
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert "northwind" not in answer.text.lower()


@pytest.fixture
def from_elsewhere():
    """Ask a mock from another machine: from_elsewhere("/__admin/state", settings, headers)."""

    def ask(path, settings=None, headers=None, client="192.0.2.7", host="127.0.0.1:4010"):
        settings = settings or Settings()
        application = Application(Mock.from_settings(settings), settings, Log("error"))

        async def request():
            transport = httpx.ASGITransport(application, client=(client, 5000))
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as asking:
                return await asking.get(path, headers=headers)

        return asyncio.run(request())

    return ask


@pytest.mark.parametrize("path", READS)
def test_another_machine_is_refused(from_elsewhere, path):
    assert_refused(from_elsewhere(f"/__admin/{path}"))


@pytest.mark.parametrize("client", ["192.0.2.7", "10.0.0.1", "::ffff:10.0.0.1", "fe80::1", "0.0.0.0", "localhost"])
def test_only_loopback_addresses_are_of_this_machine(from_elsewhere, client):
    assert_refused(from_elsewhere("/__admin/state", client=client))


@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_loopback_addresses_are_let_in(from_elsewhere, client):
    assert from_elsewhere("/__admin/state", client=client).status_code == 200


def test_a_machine_that_says_it_is_this_one_is_refused(from_elsewhere):
    forged = {"X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1", "X-Real-IP": "127.0.0.1"}

    assert_refused(from_elsewhere("/__admin/state", headers=forged))


@pytest.mark.parametrize(
    "told",
    [
        {"X-Forwarded-For": "192.0.2.7"},
        {"X-Forwarded-For": "192.0.2.7, 127.0.0.1"},
        {"X-Real-IP": "192.0.2.7"},
        {"Forwarded": 'proto=http;for="[2001:db8::7]:4711", for=127.0.0.1'},
        {"Forwarded": "For=_hidden"},
    ],
)
def test_a_proxy_on_this_machine_lets_no_other_in(serve, told):
    assert_refused(ask(serve(), **told))


def test_a_proxy_that_asks_for_this_machine_is_let_in(serve):
    told = {"X-Forwarded-For": "127.0.0.1, ::ffff:127.0.0.1", "Forwarded": 'for="[::1]";proto=http'}

    assert ask(serve(), **told).status_code == 200


def test_no_variable_lets_another_machine_say_that_it_is_this_one(serve):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unconnected:
        try:
            unconnected.connect(("192.0.2.7", 9))  # sends nothing: it tells which address this machine would send from
        except OSError:
            pytest.skip("NOT TESTED: this machine has no address besides its loopback ones")
        address = unconnected.getsockname()[0]
    served = serve("--host", "0.0.0.0", environment={"FORWARDED_ALLOW_IPS": "*"})
    port = served.url.rpartition(":")[2]
    headers = {"Host": "localhost", "X-Forwarded-For": "127.0.0.1"}

    assert_refused(httpx.get(f"http://{address}:{port}/__admin/state", headers=headers))


def test_health_is_told_to_everybody(from_elsewhere):
    assert from_elsewhere("/__admin/health", host="mock.example").json()["status"] == "ok"


def test_a_name_that_turned_to_the_loopback_address_opens_nothing(serve):
    served = serve()
    port = served.url.rpartition(":")[2]
    for host in (f"evil.example:{port}", "localhost.evil.example", "127.0.0.1.evil.example", "xlocalhost", "127.0.0.1:1:2"):
        for path in READS:
            assert_refused(ask(served, path, Host=host))
        assert_refused(ask(served, Host=host, Origin=f"http://{host}"))


def test_two_hosts_or_none_open_nothing(serve):
    served = serve()
    host, port = served.url.removeprefix("http://").split(":")
    for hosts in (b"", b"Host: localhost\r\nHost: evil.example\r\n", b"Host: evil.example\r\nHost: localhost\r\n"):
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            connection.sendall(b"GET /__admin/state HTTP/1.0\r\n" + hosts + b"\r\n")
            assert connection.recv(65536).split()[1] in (b"400", b"403")


@pytest.mark.parametrize(
    ("target", "host", "status"),
    [
        ("http://evil.example/__admin/state", "localhost", b"403"),
        ("http://localhost@evil.example/__admin/state", "localhost", b"403"),
        ("HTTP://evil.example:80/__admin/reset?x", "localhost", b"403"),
        ("http://localhost/__admin/state", "evil.example", b"200"),
    ],
)
def test_the_host_of_a_target_goes_before_the_header(serve, target, host, status):
    name, port = serve().url.removeprefix("http://").split(":")
    with socket.create_connection((name, int(port)), timeout=60) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())

        assert connection.recv(65536).split()[1] == status


@pytest.mark.parametrize("host", ["localhost:4010", "app.localhost", "LOCALHOST", "[::1]:4010", "127.0.0.2"])
def test_names_of_this_machine_are_let_in(serve, host):
    assert ask(serve(), Host=host).status_code == 200


def test_pages_of_other_origins_are_refused(serve):
    served = serve()
    for origin in (
        "https://evil.example",
        "null",
        "http://localhost:5173",
        served.url.replace("http:", "https:"),
        "",
        "file://",
    ):
        for method, path in CHANGES:
            assert_refused(ask(served, path, method, Origin=origin, Content_Type="application/json"))
        assert_refused(ask(served, Origin=origin))
        assert_refused(ask(served, method="OPTIONS", Origin=origin, Access_Control_Request_Method="PUT"))
    assert served.process.poll() is None


def test_pages_of_other_origins_are_refused_although_cors_lets_them_call_the_mock(serve):
    served = serve("--cors-origin", "*")
    answer = ask(served, Origin="https://evil.example")

    assert_refused(answer)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_a_page_embeds_is_refused(serve, site):
    served = serve()
    for mode, place in (("no-cors", "image"), ("no-cors", "script"), ("navigate", "iframe"), ("navigate", "document")):
        assert_refused(ask(served, Sec_Fetch_Site=site, Sec_Fetch_Mode=mode, Sec_Fetch_Dest=place))
    assert_refused(ask(served, "", Sec_Fetch_Site=site, Sec_Fetch_Mode="no-cors"))


def test_the_console_is_opened_by_a_link_and_never_framed(serve):
    answer = ask(serve(), "", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate")

    assert answer.status_code == 200
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert (answer.headers["X-Frame-Options"], answer.headers["X-Content-Type-Options"]) == ("DENY", "nosniff")


def test_the_console_s_own_requests_are_let_in(serve):
    served = serve()
    answer = ask(served, "reset", "POST", Origin=served.url, Sec_Fetch_Site="same-origin", Sec_Fetch_Mode="cors")

    assert answer.status_code == 204


@pytest.mark.parametrize(
    "path",
    ["../cli.py", "..%2fcli.py", "%2e%2e/cli.py", "..%5ccli.py", "/etc/passwd", "assets/../../cli.py", "%00", "a" * 5000],
)
def test_nothing_but_the_console_s_files_is_served(serve, path):
    served = serve()
    host, port = served.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(f"GET /__admin/{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        told = b""
        while received := connection.recv(65536):
            told += received

    assert told.split()[1] in (b"400", b"404"), told
    assert b"import" not in told


def test_without_the_admin_token_nobody_is_let_in(serve):
    served = serve("--admin-token", "s3cret")
    for path in ("state", "requests", "fixtures", "openapi.json", "events", "operations", "requests/1"):
        assert_refused(ask(served, path), 401)
    for sent in (
        "Bearer",
        "Bearer wrong",
        "Bearer s3cre",
        "Bearer s3cretx",
        "Basic s3cret",
        "s3cret",
        "Bearer acme-token",
    ):
        answer = ask(served, Authorization=sent)
        assert_refused(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    for path in ("/state", "state/", "./state", "%73tate", "state?token=s3cret"):
        assert "northwind" not in ask(served, path).text.lower()
    assert ask(served, Authorization="Bearer s3cret").status_code == 200


def test_with_the_admin_token_other_machines_are_let_in(from_elsewhere):
    settings, headers = Settings(admin_token="s3cret"), {"Authorization": "Bearer s3cret"}

    assert from_elsewhere("/__admin/state", settings, headers, host="mock.example").status_code == 200
    assert_refused(from_elsewhere("/__admin/state", settings, host="mock.example"), 401)


def test_the_admin_token_is_nowhere_to_be_read(serve):
    served = serve("--admin-token", "s3cret")
    for path in ("state", "requests", "openapi.json", "operations", "health", "assumptions"):
        assert "s3cret" not in ask(served, path, Authorization="Bearer s3cret").text
    httpx.get(f"{served.url}/v2/nothing", headers={"Authorization": "Bearer s3cret"})
    assert "s3cret" not in ask(served, "requests", Authorization="Bearer s3cret").text


@pytest.mark.parametrize("path", ["", "/", "/health", "/state", "/events"])
def test_without_the_control_api_nothing_of_it_is_there(serve, path):
    served = serve("--no-admin")
    answer = httpx.get(f"{served.url}/__admin{path}", headers={"Authorization": "Bearer acme-token"})

    assert answer.status_code == 404
    assert "There is no path /__admin" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/__administer", "/%5f_admin/state", "/__ADMIN/state", "//__admin/state"])
def test_only_its_own_prefix_is_the_control_api_s(serve, path):
    answer = httpx.get(f"{serve().url}{path}", headers={"Authorization": "Bearer acme-token"})

    assert "no path" in answer.json()["detail"] or answer.status_code == 404


def test_a_body_without_end_is_cut_off(serve):
    def endless():
        while True:
            yield b" " * 1_000_000

    served = serve()
    status = 413
    with contextlib.suppress(httpx.TransportError):  # cut off while it is still sending, it does not look for the answer
        status = httpx.put(
            f"{served.url}/__admin/state", content=endless(), headers={"Content-Type": "application/json"}
        ).status_code

    assert status == 413
    assert ask(served).status_code == 200
