"""No encoding that a target may choose brings a secret past the mask, and no mask hides what is none."""

from __future__ import annotations

import base64
import html
import json
import re
from random import Random
from urllib.parse import quote, unquote, unquote_plus

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from contract_tests.transport.decodings import views_of
from contract_tests.transport.secrets import Secrets
from contract_tests.transport.tenants import Tenant
from contract_tests.transport.wire import Interaction, WireRequest, WireResponse

TOKENS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40)
AROUND = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=10)
RUN = re.compile(r"[A-Za-z0-9+/_-]+")


def escaped(text: str, rolls, plain, *forms) -> str:
    """Return a text of which each character is as it is, where it may be, or escaped in one of some forms."""
    written = []
    for character in text:
        choices = [*([str] if plain(character) else []), *forms]
        written.append(choices[rolls.randrange(len(choices))](character))
    return "".join(written)


def in_json(text: str, rolls) -> str:
    def hex(character: str) -> str:
        return f"\\u{ord(character):04x}" if rolls.randrange(2) else f"\\u{ord(character):04X}"

    return escaped(text, rolls, lambda one: one not in '"\\' and one >= " ", hex, lambda one: "\\/" if one == "/" else hex(one))


def in_an_address(text: str, rolls) -> str:
    def percent(character: str) -> str:
        coded = "".join(f"%{byte:02X}" for byte in character.encode())
        return coded.lower() if rolls.randrange(2) else coded

    return escaped(text, rolls, lambda one: one not in "%+", percent)


def in_html(text: str, rolls) -> str:
    return escaped(text, rolls, lambda one: one not in "&<>\"'", lambda one: f"&#{ord(one)};", lambda one: f"&#x{ord(one):x};")


WAYS = {
    "JSON": (in_json, lambda text: json.loads(f'"{text}"', strict=False)),
    "percent": (in_an_address, unquote),
    "form": (lambda text, rolls: in_an_address(text, rolls).replace(" ", "+"), unquote_plus),
    "HTML": (in_html, html.unescape),
    "as it is": (lambda text, rolls: text, str),
}


def base64_within(text: str) -> list[bytes]:
    """Return what all that may be Base64 in a text stands for."""
    found = []
    for run in RUN.findall(text):
        for start in range(4):
            piece = run[start:]
            piece = piece[: len(piece) // 4 * 4]
            found.append(base64.b64decode(piece.replace("-", "+").replace("_", "/")))
    return found


@given(token=TOKENS, before=AROUND, after=AROUND, ways=st.lists(st.sampled_from(sorted(WAYS)), max_size=2), rolls=st.randoms())
@example(token="aaaaaaaaaaaa", before="aaa", after="aaaaa", ways=["JSON", "JSON"], rolls=Random(1))
def test_a_token_is_masked_however_it_is_escaped(token, before, after, ways, rolls):
    secrets = Secrets([Tenant("one", token)])
    assume(token not in secrets.mask(token))
    text = f"{before}{token}{after}"
    for way in ways:
        text = WAYS[way][0](text, rolls)

    masked = secrets.mask(text)

    assert secrets.mask_bytes(text.encode()) == masked.encode()
    for way in reversed(ways):
        masked = WAYS[way][1](masked)
    assert token not in masked


@given(
    token=TOKENS,
    before=st.binary(max_size=7),
    after=st.binary(max_size=7),
    way=st.sampled_from(sorted(WAYS)),
    rolls=st.randoms(),
)
@pytest.mark.parametrize("alphabet", [None, b"-_"])
def test_a_token_is_masked_in_base64_wherever_it_begins(token, alphabet, before, after, way, rolls):
    secrets = Secrets([Tenant("one", token)])
    coded = base64.b64encode(before + token.encode() + after, alphabet).decode()

    masked = secrets.mask(WAYS[way][0](f"<{coded}>", rolls))

    assert coded not in masked
    assert not any(token.encode() in one for one in base64_within(WAYS[way][1](masked)))


@given(token=TOKENS)
def test_a_token_is_masked_in_utf_16(token):
    masked = Secrets([Tenant("one", token)]).mask_bytes(f"<{token}>".encode("utf-16-le"))

    assert token not in masked.replace(b"\0", b"").decode()


@given(token=TOKENS, text=st.text(max_size=200))
def test_what_holds_no_token_is_left_as_it_is(token, text):
    secrets = Secrets([Tenant("one", token)])
    variants = (token[:-1], token[:8], token.upper()[:-1], token.lower()[:-1])
    assume(not any(one.encode() in view.text for one in variants for view in views_of(text.encode())))
    assume(not RUN.search(text) or len(max(RUN.findall(text), key=len)) < 8)

    assert secrets.mask(text) == text


@pytest.mark.parametrize("shift", range(0, 24, 5))
def test_of_a_large_response_as_much_is_kept_as_anybody_reads_and_no_part_of_a_token(shift):
    token = "sk-live-0123456789"
    escaped = "".join(f"%{ord(one):02x}" for one in token).encode()
    body = b"x" * (500_000 - shift) + escaped + b"%41" * 1_000_000

    masked = Secrets([Tenant("one", token)]).mask_step(Interaction(WireRequest("GET", "/a"), WireResponse(200, (), body)))

    assert len(masked.reply.body) < 502_000
    assert masked.reply.body.endswith(f"… ({len(body):,} bytes in all)".encode())
    assert escaped[:9] not in masked.reply.body


SHORT = Secrets([Tenant("one", "a"), Tenant("two", "b7")], names={"authorization", "x-key", "cookie", "key", "password"})


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("a banana, b7 and A", "a banana, b7 and A"),
        ("curl -H 'Authorization: Bearer a' /a", "curl -H 'Authorization: Bearer $TOKEN' /a"),
        ("X-Key: b7, x-keys: b7", "X-Key: $OTHER_TOKEN, x-keys: b7"),
        ("q=a&key=a&monkey=a&key=ab", "q=a&key=$TOKEN&monkey=a&key=ab"),
        ('{"password": "a", "name": "a"}', '{"password": "$TOKEN", "name": "a"}'),
        (f"Authorization: Basic {base64.b64encode(b'a').decode()}", "Authorization: Basic base64($TOKEN)"),
    ],
)
def test_a_short_token_is_masked_where_it_stands_as_a_credential_alone(text, masked):
    assert SHORT.mask(text) == masked
    if "Basic" not in text:
        assert SHORT.mask_bytes(text.encode()) == masked.encode()


def test_a_short_token_is_masked_in_the_headers_of_a_step_that_hold_credentials():
    headers = (("Authorization", "Bearer a"), ("X-Key", "a"), ("Cookie", "x=a; y=ab"), ("Accept", "a"))

    masked = SHORT.mask_step(Interaction(WireRequest("GET", "/a", "q=a&key=a", headers), WireResponse(200, headers, b"a")))

    expected = (("Authorization", "Bearer $TOKEN"), ("X-Key", "$TOKEN"), ("Cookie", "x=$TOKEN; y=ab"), ("Accept", "a"))
    assert (masked.call.headers, masked.reply.headers) == (expected, expected)
    assert (masked.call.path, masked.call.query, masked.reply.body) == ("/a", "q=a&key=$TOKEN", b"a")


def test_a_secret_that_is_handed_out_is_masked_in_every_form():
    secrets = Secrets([Tenant("one", "")])
    secrets.learn("pässwörd 1")

    for form in (json.dumps("pässwörd 1")[1:-1], quote("pässwörd 1"), "p%C3%A4ssw%c3%b6rd+1", "pässwörd 1"):
        assert secrets.mask(f"<{form}>") == "<$HANDED_OUT>"
