"""Security: who has to show a credential, in which of several ways, and with which scopes.

How a credential is written is known to the schemes alone (`security_schemes.py`): whoever has to find one in a request, put
one on a request, or ask for one asks a scheme.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, TypeAlias

AUTHORIZATION = "authorization"
CHALLENGE_HEADER = "WWW-Authenticate"

CredentialKind: TypeAlias = Literal["token", "api-key", "username"]
"""What a credential is, in the words of fixtures."""


class Carried(NamedTuple):
    """What a request carries to show a credential."""

    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    cookies: tuple[tuple[str, str], ...] = ()

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The headers, with the cookies in one of their own."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies)
        return (*self.headers, ("Cookie", cookies)) if cookies else self.headers

    @property
    def places(self) -> frozenset[tuple[str, str]]:
        """The locations and names of what it consists of; those of headers in lower case."""
        headers = (("header", name.lower()) for name, _ in self.headers)
        others = ((place, name) for place, pairs in (("query", self.query), ("cookie", self.cookies)) for name, _ in pairs)
        return frozenset([*headers, *others])

    @classmethod
    def together(cls, parts: Iterable[Carried]) -> Carried:
        """Return what a request carries to show several credentials."""
        parts = tuple(parts)
        return cls(
            tuple(header for part in parts for header in part.headers),
            tuple(parameter for part in parts for parameter in part.query),
            tuple(cookie for part in parts for cookie in part.cookies),
        )


class SecurityScheme(Protocol):
    """One way for a caller to show who it is."""

    @property
    def name(self) -> str:
        """The name that the document gives it."""

    @property
    def noun(self) -> str:
        """What a credential is called: bearer token."""

    @property
    def kind(self) -> CredentialKind:
        """Which of the credentials of fixtures are for it; those that say nothing are for every scheme."""

    @property
    def word(self) -> str:
        """The name of the scheme in a challenge (RFC 9110 section 11); an empty text where there are no challenges."""

    @property
    def is_taken_as_given(self) -> bool:
        """Whether it cannot be told if a credential is right, so that every one is."""

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

    def advice(self) -> str:
        """Return what a caller has to send, with a placeholder for the credential; an empty text where that is nothing."""

    def challenge(self, *, is_unknown: bool = False, scopes: Sequence[str] = ()) -> str:
        """Return how an answer asks for a credential: for any, for another than that which was shown, or for one with scopes.

        It is an empty text where the scheme has no words for that.
        """


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

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the query parameters and cookies that hold credentials."""
        carried = Carried.together(scheme.carried("") for scheme in self.schemes)
        return tuple(name for name, _ in (*carried.query, *carried.cookies))

    def carried(self, credential: str) -> Carried:
        """Return what a request has to carry to be let in with a credential: nothing where none is needed."""
        return Carried.together(use.scheme.carried(credential) for use in (self.alternatives[0] if self.is_required else ()))

    def challenges(self, *, is_unknown: bool = False) -> tuple[str, ...]:
        """Return how an answer asks for credentials, each way once."""
        asked = (scheme.challenge(is_unknown=is_unknown) for scheme in self.schemes)
        return tuple(dict.fromkeys(filter(None, asked)))
