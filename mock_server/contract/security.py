"""Security: who has to show a credential, and how each scheme carries one.

The only module that knows how a credential is written. Whoever has to find one in a request, put one on a request, ask for
one or hide one asks a scheme. The one scheme so far is HTTP's `bearer` (RFC 6750); another one is another class that
`scheme_of` returns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from mock_server.contract.source import Json

AUTHORIZATION = "authorization"
CHALLENGE_HEADER = "WWW-Authenticate"
MASKED = "***"

USUALLY_SECRET_HEADERS = rf"(?:.*-)?(?:{AUTHORIZATION}|cookie2?|api-?key|(?:auth|access|csrf|xsrf|security|private)-token)"
USUALLY_SECRET_PARAMETERS = "access_token|api[_-]?key|client_secret|password|token"
"""What gives access in most APIs is hidden, whether or not a document declares it."""

BEHIND_SCHEME = r"(?i:(?:(?<=bearer )|(?<=basic ))[^\s\"',]+)"
"""A regular expression for the credential behind the name of an HTTP scheme, wherever that stands."""


class Carried(NamedTuple):
    """What a request carries to show a credential."""

    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()


class SecurityScheme(Protocol):
    """One way for a caller to show who it is."""

    @property
    def name(self) -> str:
        """The name that the document gives it."""

    @property
    def noun(self) -> str:
        """What a credential is called: bearer token."""

    @property
    def word(self) -> str:
        """The name of the scheme in a challenge (RFC 9110 section 11)."""

    @property
    def declaration(self) -> Mapping[str, Json]:
        """The scheme as a document declares it."""

    @property
    def secret_headers(self) -> frozenset[str]:
        """The headers, in lower case, that hold a credential."""

    @property
    def secret_parameters(self) -> frozenset[str]:
        """The query parameters that hold a credential."""

    def carried(self, credential: str) -> Carried:
        """Return what a request has to carry to show a credential."""

    def credential(self, headers: Mapping[bytes, bytes], query: str) -> str | None:
        """Return the credential that a request shows; None where it shows none in this way."""

    def advice(self, placeholder: str = "") -> str:
        """Return what a caller has to send, with a placeholder for the credential."""

    def challenge(self, *, is_unknown: bool) -> str:
        """Return how an answer asks for a credential: for any, or for another one than that which was shown."""


@dataclass(frozen=True, slots=True)
class HttpBearer:
    """HTTP's scheme `bearer`: the credential is a token in the header `Authorization` (RFC 6750)."""

    name: str
    realm: str
    noun: str = field(default="bearer token", init=False)
    word: str = field(default="Bearer", init=False)
    secret_headers: frozenset[str] = field(default=frozenset({AUTHORIZATION}), init=False)
    secret_parameters: frozenset[str] = field(default=frozenset(), init=False)

    @property
    def declaration(self) -> Mapping[str, Json]:
        """The scheme as a document declares it."""
        return {"type": "http", "scheme": "bearer"}

    def carried(self, credential: str) -> Carried:
        """Return the header that shows a token."""
        return Carried(headers=(("Authorization", f"{self.word} {credential}"),))

    def credential(self, headers: Mapping[bytes, bytes], query: str) -> str | None:
        """Return the token that a request shows; None where there is none."""
        scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        return token.strip(" ") or None if scheme.lower() == "bearer" else None

    def advice(self, placeholder: str = "<token>") -> str:
        """Return which header to send."""
        return f"the header Authorization: {self.word} {placeholder}"

    def challenge(self, *, is_unknown: bool) -> str:
        """Return the challenge as RFC 6750 section 3 has it."""
        return f'{self.word} realm="{self.realm}"' + (', error="invalid_token"' if is_unknown else "")


SUPPORTED_SCHEMES = "it has to be type http, scheme bearer"
"""What a security scheme of a document may be."""


def scheme_of(name: str, declaration: Mapping[str, Json], title: str) -> SecurityScheme | None:
    """Return the security scheme that a document of a `title` declares by a name; None for one that is not supported."""
    if declaration.get("type") == "http" and str(declaration.get("scheme")).lower() == "bearer":
        return usual_scheme(title, name)
    return None


def usual_scheme(title: str, name: str = "") -> SecurityScheme:
    """Return the scheme that credentials belong to where a document asks for none."""
    return HttpBearer(name, realm="".join(c for c in title if c.isascii() and c.isprintable() and c not in '"\\'))


@dataclass(frozen=True, slots=True)
class SchemeUse:
    """A scheme that a caller has to satisfy, with the scopes that its credential has to have."""

    scheme: SecurityScheme
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Security:
    """Who may call: whoever satisfies all schemes of one of the alternatives; everybody where there are none."""

    alternatives: tuple[tuple[SchemeUse, ...], ...] = ()

    @property
    def is_required(self) -> bool:
        """Whether a credential is needed: an alternative without any scheme lets everybody in."""
        return bool(self.alternatives) and all(self.alternatives)

    @property
    def schemes(self) -> tuple[SecurityScheme, ...]:
        """All schemes, each once."""
        return tuple(dict.fromkeys(use.scheme for alternative in self.alternatives for use in alternative))

    def carried(self, credential: str) -> Carried:
        """Return what a request has to carry to be let in with a credential: nothing where none is needed."""
        parts = [use.scheme.carried(credential) for use in (self.alternatives[0] if self.is_required else ())]
        return Carried(
            tuple(header for part in parts for header in part.headers),
            tuple(parameter for part in parts for parameter in part.query),
        )


class Redactor:
    """Hides what gives access: what the schemes of a document say, and what does in most APIs."""

    def __init__(self, schemes: Iterable[SecurityScheme]) -> None:
        schemes = tuple(schemes)
        headers = [re.escape(name) for scheme in schemes for name in sorted(scheme.secret_headers)]
        parameters = [re.escape(name) for scheme in schemes for name in sorted(scheme.secret_parameters)]
        self._header = re.compile("|".join([USUALLY_SECRET_HEADERS, *headers]), re.IGNORECASE)
        self._parameter = re.compile(rf"(?<![^&])({'|'.join([USUALLY_SECRET_PARAMETERS, *parameters])})=[^&]*", re.IGNORECASE)

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return headers without what gives access: only the scheme of an authorization is shown."""
        return {name: _masked(name, value) if self._header.fullmatch(name) else value for name, value in headers.items()}

    def query(self, query: str) -> str:
        """Return a query without the values of parameters that give access."""
        return self._parameter.sub(rf"\1={MASKED}", query)


def _masked(name: str, value: str) -> str:
    scheme, separator, _ = value.partition(" ")
    has_scheme = separator and name.lower().endswith(AUTHORIZATION) and scheme.isalpha()
    return f"{scheme} {MASKED}" if has_scheme else MASKED
