"""Credentials: operations without protection, tokens that are compared carelessly, effects before the token is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple, TypeAlias
from urllib.parse import parse_qs, parse_qsl, urlencode

from contract_tests.mutants.facts import carried_out, goes_by_caller, spread
from contract_tests.mutants.hooks import ExchangeHook, Identify, IdentifyHook, Mutant, MutantContext
from contract_tests.oracle.hypotheses import as_request
from contract_tests.scenarios.credentials import is_judged, judged_scheme
from contract_tests.transport.wire import WireRequest, WireResponse
from mock_server.contract.access.security import Security, SecurityScheme
from mock_server.contract.model import Contract, Operation
from mock_server.contract.problems import Refused
from mock_server.exchange.messages import Request

FAMILY = "auth"

Lenient: TypeAlias = Callable[[MutantContext, "Shown"], str | None]
"""From what is shown to the organization that a careless server takes it for; None when it refuses as well."""

Finder: TypeAlias = Callable[[MutantContext, Request], str | None]
"""The same from a whole request."""


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    secured = [operation for operation in carried_out(contract) if is_judged(operation.security)]
    for operation in secured:
        about = f"{operation.id} asks for no token at all."
        yield Mutant(f"{FAMILY}.unprotected.{operation.id}", FAMILY, about, identify=_lenient(operation, _first))
    for (name, about, lenient), operation in spread(LENIENT, secured):
        if lenient in ABOUT_SCHEMES and not _names_scheme(operation.security):
            continue
        told = f"{operation.id}: {about}."
        yield Mutant(f"{FAMILY}.{name}.{operation.id}", FAMILY, told, identify=_lenient(operation, lenient))
    for (name, about, find), operation in spread(ELSEWHERE, secured):
        told = f"{operation.id}: {about}."
        yield Mutant(f"{FAMILY}.{name}.{operation.id}", FAMILY, told, identify=_allowing(operation, find))
    for operation in secured:
        steps = operation.steps
        if operation.method != "GET" and not any(map(goes_by_caller, steps)):  # another credential is not what it ends
            about = f"{operation.id} does what is asked before it looks at the token, and then refuses."
            yield Mutant(f"{FAMILY}.effect-before.{operation.id}", FAMILY, about, exchange=_effect_first(operation))
    for (name, about, status, body), operation in spread(INSTEAD, secured):
        told = f"{operation.id}: without a usable token, {about}."
        yield Mutant(f"{FAMILY}.{name}.{operation.id}", FAMILY, told, exchange=_instead(operation, status, body))
    for operation in secured[-1:]:
        about = f"{operation.id} refuses the token of the second organization."
        yield Mutant(f"{FAMILY}.second-refused.{operation.id}", FAMILY, about, identify=_refusing(operation))


class Shown(NamedTuple):
    """What a request shows in the place of its credential: the whole header, and the credential if it is written well."""

    scheme: SecurityScheme
    header: str
    credential: str

    @classmethod
    def by(cls, request: Request, operation: Operation) -> Shown:
        """Return what a request shows to an operation."""
        scheme = judged_scheme(operation.security)
        header = next((request.header(name.encode()) for name in scheme.secret_headers), "")
        return cls(scheme, header, scheme.credential(request.headers, request.query) or "")


def _first(context: MutantContext, shown: Shown) -> str | None:
    return context.setup.organizations[0]


def _any_token(context: MutantContext, shown: Shown) -> str | None:
    return _first(context, shown) if shown.credential else None


def _empty_token(context: MutantContext, shown: Shown) -> str | None:
    return _first(context, shown) if shown.header.strip().lower() == shown.scheme.word.lower() else None


def _any_scheme(context: MutantContext, shown: Shown) -> str | None:
    return context.setup.tokens.get(shown.header.partition(" ")[2].strip())


def _bare_token(context: MutantContext, shown: Shown) -> str | None:
    return context.setup.tokens.get(shown.header.strip())


def _expired_token(context: MutantContext, shown: Shown) -> str | None:
    return _first(context, shown) if shown.credential == context.setup.expired else None


def _similar(alike: Callable[[str, str], bool]) -> Lenient:
    """Return what takes a token for the first known one that is like it."""

    def lenient(context: MutantContext, shown: Shown) -> str | None:
        token = shown.credential
        return next((owner for known, owner in context.setup.tokens.items() if token and alike(token, known)), None)

    return lenient


LENIENT: tuple[tuple[str, str, Lenient], ...] = (
    ("any-token", "any token is good", _any_token),
    ("empty-token", "a scheme without a token is good", _empty_token),
    ("any-scheme", "the scheme is not looked at", _any_scheme),
    ("bare-token", "a token without a scheme is good", _bare_token),
    ("expired-token", "an expired token is good", _expired_token),
    ("token-prefix", "the first eight characters are enough", _similar(lambda token, known: token[:8] == known[:8])),
    ("token-longer", "what stands behind a good token is not looked at", _similar(str.startswith)),
    ("token-shorter", "the beginning of a good token is enough", _similar(lambda token, known: known.startswith(token))),
    ("token-case", "case in tokens is ignored", _similar(lambda token, known: token.lower() == known.lower())),
    ("token-length", "only the length of a token is looked at", _similar(lambda token, known: len(token) == len(known))),
)

ABOUT_SCHEMES: tuple[Lenient, ...] = (_empty_token, _any_scheme, _bare_token)
"""Those that are for credentials with the name of a scheme before them."""


def _in_query(context: MutantContext, request: Request) -> str | None:
    given = [value for values in parse_qs(request.query).values() for value in values]
    return next((owner for token, owner in context.setup.tokens.items() if token in given), None)


def _in_other_headers(context: MutantContext, request: Request) -> str | None:
    secret = {name for scheme in context.contract.schemes for name in scheme.secret_headers}
    given = [value.decode("latin-1") for name, value in request.headers.items() if name.decode("latin-1") not in secret]
    return next((owner for token, owner in context.setup.tokens.items() for value in given if token in value), None)


ELSEWHERE: tuple[tuple[str, str, Finder], ...] = (
    ("token-in-query", "a good token in the query is enough", _in_query),
    ("token-in-headers", "a good token in any header is enough", _in_other_headers),
)

INSTEAD = (
    ("server-error", "it answers with 500", 500, b'{"detail": "Internal Server Error"}'),
    ("empty-success", "it answers with 200 and nothing", 200, b"{}"),
    ("login-page", "it sends the client to a login page", 302, b""),
)


def _names_scheme(security: Security) -> bool:
    """Say whether the header that shows a credential begins with the name of the scheme."""
    scheme = judged_scheme(security)
    return any(value.startswith(f"{scheme.word} ") for _, value in scheme.carried("token").headers)


def _lenient(operation: Operation, lenient: Lenient) -> IdentifyHook:
    return _allowing(operation, lambda context, request: lenient(context, Shown.by(request, operation)))


def _allowing(operation: Operation, find: Finder) -> IdentifyHook:
    def hook(context: MutantContext, request: Request, proceed: Identify) -> str | None:
        try:
            return proceed(request)
        except Refused:
            if not _is_for(context, request, operation):
                raise
            organization = find(context, request)
            if organization is None:
                raise
            return organization

    return hook


def _refusing(operation: Operation) -> IdentifyHook:
    def hook(context: MutantContext, request: Request, proceed: Identify) -> str | None:
        organization = proceed(request)
        if organization != context.setup.organizations[0] and _is_for(context, request, operation):
            raise Refused("unauthenticated", "The bearer token is not known.")
        return organization

    return hook


def _is_for(context: MutantContext, request: Request, operation: Operation) -> bool:
    return context.operation_of(WireRequest(request.method, request.path)) == operation.id


def _effect_first(operation: Operation) -> ExchangeHook:
    def hook(context: MutantContext, call: WireRequest, proceed: Callable[[WireRequest], WireResponse]) -> WireResponse:
        reply = proceed(call)
        if context.operation_of(call) == operation.id and _unidentified(context, call, operation):
            token = context.setup.token_of(call.organization or context.setup.organizations[0])
            proceed(_with_credential(call, operation.security, token))
        return reply

    return hook


def _instead(operation: Operation, status: int, body: bytes) -> ExchangeHook:
    def hook(context: MutantContext, call: WireRequest, proceed: Callable[[WireRequest], WireResponse]) -> WireResponse:
        reply = proceed(call)
        if context.operation_of(call) != operation.id or not _unidentified(context, call, operation):
            return reply
        location = (("location", "https://login.example/"),) if status == 302 else ()
        return WireResponse(status, (*location, ("content-type", "application/json")), body)

    return hook


def _with_credential(call: WireRequest, security: Security, token: str) -> WireRequest:
    """Return a call that shows a token in place of what it shows."""
    carried = security.carried(token)
    secret = {name for scheme in security.schemes for name in (*scheme.secret_headers, *scheme.secret_parameters)}
    others = [(name, value) for name, value in call.headers if name.lower() not in secret]
    query = [(name, value) for name, value in parse_qsl(call.query, keep_blank_values=True) if name not in secret]
    return replace(call, headers=(*others, *carried.fields), query=urlencode([*query, *carried.query]))


def _unidentified(context: MutantContext, call: WireRequest, operation: Operation) -> bool:
    """Say whether a call carries no token that stands for an organization."""
    return Shown.by(as_request(call), operation).credential not in context.setup.tokens
