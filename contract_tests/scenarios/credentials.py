"""Credentials that are none: what a request may carry in place of the one that a security scheme asks for.

`TOKEN` stands for the token of the tenant that sends the request: it is filled in when it is sent.
"""

from __future__ import annotations

from contract_tests.transport.secrets import PREFIX
from mock_server.contract.security import Carried, SecurityScheme

TOKEN = "{token}"

NOTHING = Carried()


def unknown_credential(scheme: SecurityScheme) -> Carried:
    """Return what a request carries with a credential that nobody has."""
    return scheme.carried("not-a-token")


def wrong_credentials(scheme: SecurityScheme, token: str, expired_token: str) -> dict[str, Carried]:
    """Return every way of not having a token, by a note on it; `token` is the one of the tenant that sends the request."""
    wrong = {
        "without a token": NOTHING,
        "an empty header": _header(scheme, ""),
        "a scheme without a token": _header(scheme, scheme.word),
        "the token without a scheme": _header(scheme, TOKEN),
        "another scheme": _header(scheme, f"Basic {TOKEN}"),
        "a scheme of its own": _header(scheme, f"Token {TOKEN}"),
        "an unknown token": unknown_credential(scheme),
        "null": scheme.carried("null"),
        "the token and one more character": scheme.carried(f"{TOKEN}x"),
        "one more character and the token": scheme.carried(f"x{TOKEN}"),
        "the token twice": scheme.carried(f"{TOKEN}{TOKEN}"),
        "the token and another word": scheme.carried(f"{TOKEN} {TOKEN}"),
        "the token without its last character": scheme.carried(token[:-1]),
        "the beginning of the token": scheme.carried(token[:PREFIX]),
        "the token in the other case": scheme.carried(token.upper() if token.upper() != token else token.lower()),
        "a wildcard": scheme.carried("*"),
    }
    return {**wrong, "an expired token": scheme.carried(expired_token)} if expired_token else wrong


def _header(scheme: SecurityScheme, text: str) -> Carried:
    """Return the header of a scheme with another text in it."""
    return Carried(headers=tuple((name, text) for name, _ in scheme.carried(TOKEN).headers))
