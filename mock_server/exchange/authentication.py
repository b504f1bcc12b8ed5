"""Who calls: the organization that the credential of a request stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mock_server.contract.problems import Refused
from mock_server.contract.security import CHALLENGE_HEADER, Security
from mock_server.exchange.messages import Request


@dataclass(frozen=True, slots=True)
class Credentials:
    """Which token stands for which organization; `any_token` is the organization of all other tokens, if any."""

    tokens: Mapping[str, str]
    any_token: str | None = None

    def owner(self, credential: str) -> str | None:
        """Return the organization that a credential stands for; None where it stands for none."""
        return self.tokens.get(credential, self.any_token)


class Authenticator:
    """Finds out who calls, where `security` is asked for."""

    def __init__(self, security: Security, credentials: Credentials) -> None:
        self._security = security
        self._credentials = credentials
        self._header, self._known = _usual_headers(security, credentials)

    def identify(self, request: Request) -> str | None:
        """Return the organization that calls, None where nobody is asked; raise `Refused` without a usable credential."""
        known = self._known.get(request.headers.get(self._header, b""))
        return known if known is not None else self._identify(request)

    def _identify(self, request: Request) -> str | None:
        security = self._security
        if not security.is_required:
            return None
        is_shown = False
        for alternative in security.alternatives:
            shown = [use.scheme.credential(request.headers, request.query) for use in alternative]
            owners = {None if credential is None else self._credentials.owner(credential) for credential in shown}
            owner = owners.pop()
            if owner is not None and not owners:
                return owner
            is_shown = is_shown or None not in shown
        raise _unauthenticated(security, is_shown=is_shown)


def _usual_headers(security: Security, credentials: Credentials) -> tuple[bytes, dict[bytes, str]]:
    """Return the header that alone tells who calls, and whom its usual values stand for: to look one up takes no reading.

    There are none where more than one header is needed, or something else.
    """
    header, known = b"", {}
    for token, owner in credentials.tokens.items() if security.is_required and len(security.alternatives) == 1 else ():
        carried = security.carried(token)
        if len(carried.headers) == 1 and not carried.query:
            name, value = carried.headers[0]
            header = name.lower().encode("latin-1")
            known[value.encode()] = owner
    return header, known


def _unauthenticated(security: Security, *, is_shown: bool) -> Refused:
    schemes = security.schemes
    what = [scheme.noun if is_shown else scheme.advice() for scheme in schemes]
    told = " or ".join(dict.fromkeys(what))
    challenges = tuple((CHALLENGE_HEADER, scheme.challenge(is_unknown=is_shown)) for scheme in schemes)
    detail = f"The {told} is unknown." if is_shown else f"Send {told}."
    return Refused("unauthenticated", detail, headers=challenges)
