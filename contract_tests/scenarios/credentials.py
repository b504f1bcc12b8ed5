"""Credentials that are none: what a request may carry in place of the one that a security scheme asks for."""

from __future__ import annotations

from contract_tests.transport.secrets import PREFIX
from mock_server.contract.access.security import Carried, Security, SecurityScheme

NOTHING = Carried()

UNKNOWN = "not-a-token"


def is_judged(security: Security) -> bool:
    """Say whether it can be told who is to be let in: not where what callers show is taken as given."""
    return security.is_required and not any(
        all(use.scheme.is_taken_as_given for use in alternative) for alternative in security.alternatives
    )


def judged_scheme(security: Security) -> SecurityScheme:
    """Return the first scheme whose credentials are right or wrong."""
    return next(scheme for scheme in security.schemes if not scheme.is_taken_as_given)


def unknown_credential(security: Security) -> Carried:
    """Return what a request carries with a credential that nobody has."""
    return security.carried(UNKNOWN)


def wrong_credentials(security: Security, token: str, expired_token: str) -> dict[str, Carried]:
    """Return every way of not having a token, by a note on it; `token` is the one of the tenant that sends the request."""
    scheme = judged_scheme(security)
    wrong = {
        **_wrong_headers(scheme, token),
        "an unknown token": scheme.carried(UNKNOWN),
        "null": scheme.carried("null"),
        "the token and one more character": scheme.carried(f"{token}x"),
        "one more character and the token": scheme.carried(f"x{token}"),
        "the token twice": scheme.carried(f"{token}{token}"),
        "the token and another word": scheme.carried(f"{token} {token}"),
        "the token without its last character": scheme.carried(token[:-1]),
        "the beginning of the token": scheme.carried(token[:PREFIX]),
        "the token in the other case": scheme.carried(token.upper() if token.upper() != token else token.lower()),
        "a wildcard": scheme.carried("*"),
    }
    if expired_token:
        wrong["an expired token"] = scheme.carried(expired_token)
    return {"without a token": NOTHING} | {note: carried for note, carried in wrong.items() if _shown(scheme, carried) != token}


def _wrong_headers(scheme: SecurityScheme, token: str) -> dict[str, Carried]:
    """Return headers that are like the one that shows the token, where a header does."""
    right = scheme.carried(token).headers
    if not right:
        return {}
    name, value = right[0]
    texts = {"an empty header": ""}
    if value.startswith(f"{scheme.word} "):
        texts |= {
            "a scheme without a token": scheme.word,
            "the token without a scheme": token,
            "another scheme": f"{'Bearer' if scheme.word == 'Basic' else 'Basic'} {token}",
            "a scheme of its own": f"Token {token}",
        }
    return {note: Carried(headers=((name, text),)) for note, text in texts.items()}


def _shown(scheme: SecurityScheme, carried: Carried) -> str | None:
    """Return the credential that a request shows which carries something."""
    headers = {name.lower().encode(): text.encode() for name, text in carried.fields}
    return scheme.credential(headers, "&".join(f"{name}={value}" for name, value in carried.query))
