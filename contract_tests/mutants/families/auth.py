"""Credentials: operations without protection, tokens that are compared carelessly, effects before the token is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias
from urllib.parse import parse_qs

from contract_tests.mutants.facts import carried_out, spread
from contract_tests.mutants.hooks import ExchangeHook, IdentifyHook, Mutant, MutantContext
from contract_tests.transport.wire import WireRequest, WireResponse
from mock_server.contract.model import Contract, Operation
from mock_server.contract.problems import Refused
from mock_server.exchange.messages import Request

FAMILY = "auth"

Lenient: TypeAlias = Callable[[MutantContext, str], str | None]
"""From the header Authorization to the organization that a careless server takes it for; None when it refuses as well."""

Finder: TypeAlias = Callable[[MutantContext, Request], str | None]
"""The same from a whole request."""


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    secured = [operation for operation in carried_out(contract) if operation.secured]
    for operation in secured:
        about = f"{operation.id} asks for no token at all."
        yield Mutant(f"{FAMILY}.unprotected.{operation.id}", FAMILY, about, identify=_lenient(operation, _first))
    for (name, about, lenient), operation in spread(LENIENT, secured):
        told = f"{operation.id}: {about}."
        yield Mutant(f"{FAMILY}.{name}.{operation.id}", FAMILY, told, identify=_lenient(operation, lenient))
    for (name, about, find), operation in spread(ELSEWHERE, secured):
        told = f"{operation.id}: {about}."
        yield Mutant(f"{FAMILY}.{name}.{operation.id}", FAMILY, told, identify=_allowing(operation, find))
    for operation in secured:
        if operation.method != "GET":
            about = f"{operation.id} does what is asked before it looks at the token, and then refuses."
            yield Mutant(f"{FAMILY}.effect-before.{operation.id}", FAMILY, about, exchange=_effect_first(operation))
    for (name, about, status, body), operation in spread(INSTEAD, secured):
        told = f"{operation.id}: without a usable token, {about}."
        yield Mutant(f"{FAMILY}.{name}.{operation.id}", FAMILY, told, exchange=_instead(operation, status, body))
    for operation in secured[-1:]:
        about = f"{operation.id} refuses the token of the second organization."
        yield Mutant(f"{FAMILY}.second-refused.{operation.id}", FAMILY, about, identify=_refusing(operation))


def _first(context: MutantContext, header: str) -> str | None:
    return context.setup.organizations[0]


def _any_token(context: MutantContext, header: str) -> str | None:
    return _first(context, header) if _bearer(header) else None


def _empty_token(context: MutantContext, header: str) -> str | None:
    return _first(context, header) if header.strip().lower() == "bearer" else None


def _any_scheme(context: MutantContext, header: str) -> str | None:
    return context.setup.tokens.get(header.partition(" ")[2].strip())


def _bare_token(context: MutantContext, header: str) -> str | None:
    return context.setup.tokens.get(header.strip())


def _expired_token(context: MutantContext, header: str) -> str | None:
    return _first(context, header) if _bearer(header) == context.setup.expired else None


def _similar(alike: Callable[[str, str], bool]) -> Lenient:
    """Return what takes a bearer token for the first known one that is like it."""

    def lenient(context: MutantContext, header: str) -> str | None:
        token = _bearer(header)
        return next((owner for known, owner in context.setup.tokens.items() if token and alike(token, known)), None)

    return lenient


def _bearer(header: str) -> str:
    """Return the token of a bearer scheme; an empty text where there is none."""
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


LENIENT: tuple[tuple[str, str, Lenient], ...] = (
    ("any-token", "any bearer token is good", _any_token),
    ("empty-token", "a bearer scheme without a token is good", _empty_token),
    ("any-scheme", "the scheme is not looked at", _any_scheme),
    ("bare-token", "a token without a scheme is good", _bare_token),
    ("expired-token", "an expired token is good", _expired_token),
    ("token-prefix", "the first eight characters are enough", _similar(lambda token, known: token[:8] == known[:8])),
    ("token-longer", "what stands behind a good token is not looked at", _similar(str.startswith)),
    ("token-shorter", "the beginning of a good token is enough", _similar(lambda token, known: known.startswith(token))),
    ("token-case", "case in tokens is ignored", _similar(lambda token, known: token.lower() == known.lower())),
    ("token-length", "only the length of a token is looked at", _similar(lambda token, known: len(token) == len(known))),
)


def _in_query(context: MutantContext, request: Request) -> str | None:
    given = [value for values in parse_qs(request.query).values() for value in values]
    return next((owner for token, owner in context.setup.tokens.items() if token in given), None)


def _in_other_headers(context: MutantContext, request: Request) -> str | None:
    given = [value.decode("latin-1") for name, value in request.headers.items() if name != b"authorization"]
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


def _lenient(operation: Operation, lenient: Lenient) -> IdentifyHook:
    return _allowing(operation, lambda context, request: lenient(context, request.header(b"authorization")))


def _allowing(operation: Operation, find: Finder) -> IdentifyHook:
    def hook(context: MutantContext, request: Request, proceed: Callable[[Request], str]) -> str:
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
    def hook(context: MutantContext, request: Request, proceed: Callable[[Request], str]) -> str:
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
        if context.operation_of(call) == operation.id and _unidentified(context, call):
            token = context.setup.token_of(call.organization or context.setup.organizations[0])
            others = tuple((name, value) for name, value in call.headers if name.lower() != "authorization")
            proceed(replace(call, headers=(*others, ("authorization", f"Bearer {token}"))))
        return reply

    return hook


def _instead(operation: Operation, status: int, body: bytes) -> ExchangeHook:
    def hook(context: MutantContext, call: WireRequest, proceed: Callable[[WireRequest], WireResponse]) -> WireResponse:
        reply = proceed(call)
        if context.operation_of(call) != operation.id or not _unidentified(context, call):
            return reply
        location = (("location", "https://login.example/"),) if status == 302 else ()
        return WireResponse(status, (*location, ("content-type", "application/json")), body)

    return hook


def _unidentified(context: MutantContext, call: WireRequest) -> bool:
    """Say whether a call carries no token that stands for an organization."""
    header = next((value for name, value in call.headers if name.lower() == "authorization"), "")
    return _bearer(header) not in context.setup.tokens
