"""Who calls: the organization that the credentials of a request stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mock_server.contract.access.security import CHALLENGE_HEADER, Carried, SchemeUse, Security
from mock_server.contract.problems import Refused
from mock_server.engine.credentials import UNLIMITED, Limit
from mock_server.engine.generating import Generator
from mock_server.engine.store import Record, Store
from mock_server.exchange.messages import Request


@dataclass(frozen=True, slots=True)
class Credentials:
    """Which credential stands for which organization; `any_token` is the organization of all others, if any.

    `limits` tells what those are good for that are not good for everything.
    """

    tokens: Mapping[str, str]
    any_token: str | None = None
    limits: Mapping[str, Limit] = field(default_factory=dict)

    @property
    def first(self) -> str | None:
        """The organization of callers that show nothing by which they could be told apart."""
        return self.any_token or next(iter(self.tokens.values()), None)

    def owner(self, use: SchemeUse, credential: str) -> str | None:
        """Return the organization that a credential stands for, shown in the way of a scheme; None where it is unknown."""
        is_for_it = self.limits.get(credential, UNLIMITED).is_for(use)
        return self.tokens.get(credential, self.any_token) if is_for_it else self.any_token

    def lacks(self, use: SchemeUse, credential: str) -> bool:
        """Say whether a credential lacks a scope that is asked for."""
        return self.limits.get(credential, UNLIMITED).lacks(use)


class Known(Protocol):
    """Whom credentials stand for at the time of a request; `Credentials` are those that always do."""

    @property
    def tokens(self) -> Mapping[str, str]:
        """The credentials that stand for an organization at any time."""

    @property
    def first(self) -> str | None:
        """The organization of callers that show nothing by which they could be told apart."""

    def owner(self, use: SchemeUse, credential: str) -> str | None:
        """Return the organization that a credential stands for, shown in the way of a scheme; None where it is unknown."""

    def lacks(self, use: SchemeUse, credential: str) -> bool:
        """Say whether a credential lacks a scope that is asked for."""


class Authenticator:
    """Finds out who calls, where `security` is asked for."""

    def __init__(self, security: Security, credentials: Credentials) -> None:
        self._security = security
        self._credentials = credentials
        self._header, self._known = _usual_headers(security, credentials)

    def identify(self, request: Request, store: Store | None = None, generator: Generator | None = None) -> str | None:
        """Return the organization that calls, None for anybody; raise `Refused` without a usable credential.

        Where records authenticate callers, they are those of `store` at the time of `generator`.
        """
        known = self._known.get(request.headers.get(self._header, b""))
        return known if known is not None else self._identify(request, self.known(store, generator))

    def known(self, store: Store | None, generator: Generator | None) -> Known:
        """Return whom credentials stand for just now."""
        return self._credentials

    def caller(self, request: Request, store: Store, generator: Generator | None) -> Record | None:
        """Return the record of the credential that a request shows; None where no records authenticate."""
        return None

    def _identify(self, request: Request, credentials: Known) -> str | None:
        """Try the alternatives in order. One whose credentials cannot be told right or wrong counts only after all others."""
        security = self._security
        is_shown, is_given, lacking = False, False, None
        for alternative in filter(None, security.alternatives):
            shown = _shown(alternative, request)
            if shown is None:
                continue
            compared = [(use, credential) for use, credential in shown if _is_compared(use, credential, credentials)]
            owners = {credentials.owner(use, credential) for use, credential in compared}
            if not owners:
                is_given = True
            elif len(owners) > 1 or None in owners:
                is_shown = True
            elif uses := [use for use, credential in compared if credentials.lacks(use, credential)]:
                lacking = lacking or uses
            else:
                return owners.pop()
        if is_given:
            return credentials.first
        if lacking:
            raise _insufficient(lacking)
        if is_shown or security.is_required:
            raise _unauthenticated(security, is_shown=is_shown)
        return None


def _shown(alternative: Iterable[SchemeUse], request: Request) -> list[tuple[SchemeUse, str]] | None:
    """Return the credentials that a request shows for the schemes of an alternative; None unless it shows all."""
    shown = []
    for use in alternative:
        credential = use.scheme.credential(request.headers, request.query)
        if credential is None:
            return None
        shown.append((use, credential))
    return shown


def _is_compared(use: SchemeUse, credential: str, credentials: Known) -> bool:
    return not use.scheme.is_taken_as_given or credential in credentials.tokens


def _usual_headers(security: Security, credentials: Credentials) -> tuple[bytes, dict[bytes, str]]:
    """Return the header that alone tells who calls, and whom its usual values stand for: to look one up takes no reading.

    There are none where more than one header is needed, or something else.
    """
    headers: dict[str, dict[bytes, str]] = {}
    for alternative in security.alternatives:
        for token, owner in credentials.tokens.items():
            carried = Carried.together(use.scheme.carried(token) for use in alternative)
            is_enough = all(credentials.owner(use, token) == owner and not credentials.lacks(use, token) for use in alternative)
            if is_enough and len(carried.fields) == 1 and not carried.query:
                name, value = carried.fields[0]
                headers.setdefault(name.lower(), {}).setdefault(value.encode(), owner)
    name, known = next(iter(headers.items()), ("", {}))
    return name.encode("latin-1"), known


def _insufficient(uses: Sequence[SchemeUse]) -> Refused:
    scopes = list(dict.fromkeys(scope for use in uses for scope in use.scopes))
    challenges = dict.fromkeys(use.scheme.challenge(scopes=scopes) for use in uses)
    told = f"The {uses[0].scheme.noun} lacks a scope: this operation needs {' and '.join(scopes)}."
    return Refused("forbidden", told, headers=_asking(challenges))


def _unauthenticated(security: Security, *, is_shown: bool) -> Refused:
    if is_shown:
        nouns = " or ".join(dict.fromkeys(scheme.noun for scheme in security.schemes if not scheme.is_taken_as_given))
        detail = f"The {nouns} is unknown."
    else:
        ways = [" and ".join(filter(None, (use.scheme.advice() for use in way))) for way in security.alternatives]
        detail = f"Send {' or '.join(dict.fromkeys(filter(None, ways)))}."
    return Refused("unauthenticated", detail, headers=_asking(security.challenges(is_unknown=is_shown)))


def _asking(challenges: Iterable[str]) -> tuple[tuple[str, str], ...]:
    return tuple((CHALLENGE_HEADER, challenge) for challenge in challenges if challenge)
