"""Reliability: what goes wrong now and then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from contract_tests.mutants.facts import carried_out, spread
from contract_tests.mutants.families.alterations import headers_with, with_body
from contract_tests.mutants.hooks import ExchangeHook, Mutant, MutantContext
from contract_tests.transport.wire import WireRequest, WireResponse
from mock_server.contract.model import Contract, Operation

FAMILY = "reliability"
Send = Callable[[WireRequest], WireResponse]
WireFault = Callable[[MutantContext, WireRequest, Send], WireResponse]

ERROR = WireResponse(500, (("content-type", "application/json"),), b'{"detail": "Internal Server Error"}')
GATEWAY = WireResponse(502, (("content-type", "text/html"),), b"<html><h1>502 Bad Gateway</h1></html>")


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    acting = [operation for operation in carried_out(contract) if operation.behaviour]
    changing = [operation for operation in acting if operation.method != "GET"]
    for number, ((name, about, fault), operation) in enumerate([*spread(FAULTS, acting), *spread(FAULTS_OF_CHANGES, changing)]):
        every = 7 + 2 * (number % 4)
        told = f"{operation.id}: every {every}th request {about}."
        hook = _now_and_then(operation, every, fault)
        yield Mutant(f"{FAMILY}.{name}.{operation.id}", FAMILY, told, exchange=hook)


def _now_and_then(operation: Operation, every: int, fault: WireFault) -> ExchangeHook:
    def hook(context: MutantContext, call: WireRequest, proceed: Send) -> WireResponse:
        if context.operation_of(call) != operation.id:
            return proceed(call)
        reply = fault(context, call, proceed) if context.count("requests") % every == 0 else proceed(call)
        if reply.is_success and reply.body:
            context.memory["last"] = reply
        return reply

    return hook


def _done_and_failed(context: MutantContext, call: WireRequest, proceed: Send) -> WireResponse:
    proceed(call)
    return ERROR


def _cut(context: MutantContext, call: WireRequest, proceed: Send) -> WireResponse:
    reply = proceed(call)
    return with_body(reply, reply.body[: len(reply.body) // 2])


def _broken_off(context: MutantContext, call: WireRequest, proceed: Send) -> WireResponse:
    reply = proceed(call)
    return replace(
        reply, body=reply.body[: len(reply.body) // 2], trouble="the connection was closed before the end of the body"
    )


def _last(context: MutantContext, call: WireRequest, proceed: Send) -> WireResponse:
    reply = proceed(call)
    last: WireResponse | None = context.memory.get("last")
    return last if last is not None and reply.is_success else reply


def _lost(context: MutantContext, call: WireRequest, proceed: Send) -> WireResponse:
    """Answer as ever, and do nothing."""
    before = context.store.snapshot()
    reply = proceed(call)
    with context.lock:
        context.store.restore(before)
    return reply


def _empty(context: MutantContext, call: WireRequest, proceed: Send) -> WireResponse:
    return with_body(proceed(call), b"")


def _typeless(context: MutantContext, call: WireRequest, proceed: Send) -> WireResponse:
    reply = proceed(call)
    return replace(reply, headers=headers_with(reply, "content-type", "text/html"))


FAULTS: tuple[tuple[str, str, WireFault], ...] = (
    ("error", "is answered with 500", lambda context, call, proceed: ERROR),
    ("gateway", "is answered with 502 by a gateway", lambda context, call, proceed: GATEWAY),
    ("unavailable", "is answered with 503", lambda context, call, proceed: replace(ERROR, status=503)),
    ("cut", "gets half an answer", _cut),
    ("broken-off", "gets half an answer, and the connection is closed", _broken_off),
    ("reset", "gets no answer", lambda context, call, proceed: WireResponse(0, trouble="the connection was reset")),
    ("last-answer", "gets the answer to the request before", _last),
    ("empty", "gets an empty answer", _empty),
    ("called-html", "gets an answer that is called HTML", _typeless),
    ("unauthenticated", "is refused as if its token were not known", lambda context, call, proceed: replace(ERROR, status=401)),
)

FAULTS_OF_CHANGES: tuple[tuple[str, str, WireFault], ...] = (
    ("error-after", "is done and answered with 500", _done_and_failed),
    ("lost", "is answered as ever, and not done", _lost),
)
