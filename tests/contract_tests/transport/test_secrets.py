"""Tokens are masked by value wherever anything is written, whatever a target does with them."""

from __future__ import annotations

import base64
import json
import re

import pytest
from commands import command
from listening import http, listening
from tampering import tampering

from contract_tests.transport.secrets import Secrets
from contract_tests.transport.tenants import Tenant
from contract_tests.transport.wire import Interaction, WireRequest, WireResponse

MINE, THEIRS, EXPIRED = "sk-live-MINE-7f3a", "sk-live-THEIRS-9b1c", "sk-live-OLD-0d5e"
SECRETS = Secrets((Tenant("a", MINE), Tenant("b", THEIRS)), EXPIRED)


def test_each_token_has_a_shell_variable_of_its_own():
    assert SECRETS.mask(f"{MINE} {THEIRS} {EXPIRED}") == "$TOKEN $OTHER_TOKEN $EXPIRED_TOKEN"


def test_what_the_run_makes_of_a_token_is_masked_as_well():
    masked = SECRETS.mask(f"{MINE[:-1]} {MINE.upper()} {MINE.lower()} x{MINE}{MINE}x")

    assert masked == "${TOKEN%?} ${TOKEN^^} ${TOKEN,,} x$TOKEN$TOKENx"


def test_a_token_is_masked_as_it_stands_in_an_address():
    assert (
        Secrets((Tenant("a", "ab+/c d=="),)).mask("?token=ab%2B%2Fc+d%3D%3D&key=ab%2B%2Fc%20d%3D%3D")
        == "?token=$TOKEN&key=$TOKEN"
    )


@pytest.mark.parametrize(
    ("pair", "masked"),
    [
        ("ann:s3cret", "$TOKEN"),
        ("ann:s3cretx", "$TOKENx"),
        ("ann:s3cre", "${TOKEN%?}"),
        ("sk_live_77:", "$OTHER_TOKEN:"),
    ],
)
def test_a_secret_within_a_user_name_and_password_is_masked_though_it_is_encoded(pair, masked):
    secrets = Secrets((Tenant("a", "ann:s3cret"), Tenant("b", "sk_live_77")))
    encoded = base64.b64encode(pair.encode()).decode()

    assert secrets.mask(f"Authorization: Basic {encoded}") == f"Authorization: Basic base64({masked})"
    assert (
        secrets.mask("Basic bm9ib2R5Om5vYm9keQ==, Basic !, basic /////w==")
        == "Basic bm9ib2R5Om5vYm9keQ==, Basic !, basic /////w=="
    )


def test_a_token_that_holds_another_one_is_masked_whole():
    secrets = Secrets((Tenant("a", "abcdef"), Tenant("b", "abcdef-ghi")))

    assert secrets.mask("abcdef-ghi abcdef") == "$OTHER_TOKEN $TOKEN"


def test_all_parts_of_a_step_are_masked():
    header = (("Authorization", f"Bearer {MINE}"), ("X-Echo", THEIRS))
    body = f'{{"token": "{EXPIRED}"}}'.encode()
    step = Interaction(
        WireRequest("GET", f"/{MINE}", f"q={THEIRS}", header, body),
        WireResponse(200, header, body, trouble=f"refused {MINE}"),
        "note",
    )

    masked = SECRETS.mask_step(step)

    assert not any(secret in repr(masked) for secret in (MINE, THEIRS, EXPIRED))
    assert masked.call.path == "/$TOKEN"
    assert masked.reply.trouble == "refused $TOKEN"


def test_no_token_masks_nothing():
    assert Secrets((Tenant("a", ""),)).mask("nothing of note") == "nothing of note"


def variants_of(secret: str) -> list[str]:
    return [secret, secret[:-1], secret.upper(), secret.lower()]


def leaks(text: str) -> list[str]:
    return [found for secret in (MINE, THEIRS, EXPIRED) for found in variants_of(secret) if found in text]


ARGUMENTS = ["--token", MINE, "--other-token", THEIRS, "--expired-token", EXPIRED, "--max-requests", "700", "--timeout", "5"]
KNOWN = ["--known", "Partner=ptn_northwind", "--known", "Partner=ptn_contoso", "--other-known", "Partner=ptn_initech"]
REPORTS = ["--report=r.json", "--report=r.md", "--report=r.xml", "--report=r.html", "--profile-out=p.yaml", "--ledger=l.txt"]


@pytest.fixture
def fixtures(tmp_path):
    from places import FIXTURES, PARTNER_API

    path = tmp_path / "fixtures.yaml"
    path.write_text(FIXTURES[PARTNER_API].read_text().replace("acme-token", MINE).replace("globex-token", THEIRS))
    return path


def written(folder) -> str:
    return "".join(path.read_text() for path in folder.iterdir() if path.name != "fixtures.yaml")


def authorization(received) -> str:
    return received.headers.get("authorization", "")


def in_the_body(received, status, body):
    """The phone of everybody, and what is wrong with a request, is the token that came."""
    told = authorization(received).encode()
    return status, re.sub(rb'"(phone|detail)":("[^"]*"|null)', lambda found: b'"%s":"%s"' % (found[1], told), body)


def in_an_error(received, status, body):
    """Every valid change ends in a traceback with the token."""
    is_change = received.line.startswith("PATCH") and status == 200
    return (500, f"Traceback: headers={received.headers}".encode()) if is_change else (status, body)


def in_an_id(received, status, body):
    """Ids hold the token, which no contract forbids."""
    return status, body.replace(b'"id":"ica_', b'"id":"ica_%s_' % authorization(received).removeprefix("Bearer ").encode())


@pytest.mark.parametrize(
    ("change", "code"), [(in_the_body, 1), (in_an_error, 1), (in_an_id, 1)], ids=lambda one: getattr(one, "__name__", "")
)
def test_a_target_that_tells_its_tokens_again_has_them_masked_everywhere(serve, tmp_path, fixtures, change, code):
    with tampering(serve("--seed", fixtures).url, change) as server:
        said = command("run", "--url", server.url, *ARGUMENTS, *KNOWN, *REPORTS, cwd=tmp_path)

    assert said.code == code, said
    assert leaks(said.everything) == []
    assert leaks(written(tmp_path)) == []
    assert "$TOKEN" in (tmp_path / "r.html").read_text()
    assert json.loads((tmp_path / "r.json").read_text())["verdict"] == "broken"


@pytest.mark.parametrize(
    "answer",
    [
        lambda received: http(401, authorization(received).encode(), f"WWW-Authenticate: {authorization(received)}"),
        lambda received: http(404, authorization(received).encode()),
        lambda received: http(200, b"", f"X: {authorization(received)}\x01", "Connection: close"),
        lambda received: f"HTTP/1.1 {authorization(received)} OK\r\nConnection: close\r\n\r\n".encode(),
        lambda received: http(302, b"", f"Location: https://login.example/?token={authorization(received)}"),
    ],
    ids=["refused", "not found", "in a header", "in the status line", "in a redirect"],
)
def test_whatever_is_answered_to_all_requests_tells_no_token(tmp_path, answer):
    with listening(answer) as server:
        said = command("run", "--url", server.url, *ARGUMENTS, *REPORTS, cwd=tmp_path)

    assert said.code in (1, 2), said
    assert leaks(said.everything) == []
    assert leaks(written(tmp_path)) == []


def test_a_token_that_was_put_into_the_url_is_not_told_again(tmp_path):
    said = command("run", "--url", f"http://ann:{MINE}@127.0.0.1:9", "--token", "other-token", cwd=tmp_path)

    assert said.code == 2
    assert leaks(said.everything) == []


@pytest.mark.parametrize("token", [f"{MINE}\n", f"{MINE}\r\nX-More: 1", f"{MINE}é", f"Bearer {MINE}"])
def test_a_token_that_is_none_is_told_of_and_not_told(tmp_path, token):
    with listening(lambda received: http(401)) as server:
        said = command("run", "--url", server.url, "--token", token, cwd=tmp_path)

        assert server.connections == 0
    assert said.code == 2
    assert said.errors.startswith("contract-tests: --token is not a bearer token")
    assert leaks(said.everything) == []
