"""Keys of requests got wrong: done twice, answered otherwise, mixed up."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from contract_tests.mutants.families.alterations import with_body
from contract_tests.mutants.hooks import ExchangeHook, Mutant, MutantContext
from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.state_changes import moves
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.usual_headers import key_header
from contract_tests.transport.wire import WireRequest, WireResponse
from mock_server.contract.behaviours.expressions import Literal
from mock_server.contract.model import Contract, Operation

FAMILY = "idempotency"

Send = Callable[[WireRequest], WireResponse]


@dataclass(frozen=True, slots=True)
class Keyed:
    """A request with a key, and the first one that had it: the request, and the reply to it."""

    key: str
    first: tuple[WireRequest, WireResponse] | None
    call: WireRequest

    @property
    def is_other(self) -> bool:
        """Whether the key was sent with another request before."""
        return self.first is not None and (self.first[0].body, self.first[0].path) != (self.call.body, self.call.path)

    @property
    def is_again(self) -> bool:
        """Whether just this request was sent before."""
        return self.first is not None and not self.is_other


Alter = Callable[[Keyed, Send, Operation], WireResponse]


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    subject = Subject.of(contract, ())
    for signature in subject.signatures:
        operation, header = signature.operation, key_header(signature)
        idempotency = operation.idempotency
        if idempotency is None:
            continue
        makes = bool(signature.makes)
        for name, about, alter, applies in (
            ("twice", "does again what is sent again", _twice(header), True),
            ("other-request", "takes another request with the key of an earlier one", _other(header), True),
            ("any-request", "answers another request as the one that had its key first", _any, True),
            ("status", "answers what is sent again with 202", _status(202), makes),
            ("conflict", "refuses what is sent again", _status(409), True),
            (
                "forgets-refusals",
                "does what was refused with its key before",
                _forgetful(header),
                _recovers(signature, subject),
            ),
            ("empty", "answers what is sent again with an empty object", _empty, makes),
        ):
            if applies:
                yield _named(operation, name, about, _altering(operation, header, alter))
        if makes:
            hook = _altering(operation, header, _any, shared=True)
            yield _named(operation, "shared", "shares keys between organizations", hook)
        if "invalid" in idempotency.when_missing.possible():
            yield _named(operation, "keyless", "takes what has no key", _keyless(operation, header))


def _recovers(signature: Signature, subject: Subject) -> bool:
    """Say whether a record that an operation refuses can be brought to a state in which it does not."""
    for step in signature.operation.steps:
        guard, resource = getattr(step, "guard", None), step.resource
        for field, values in guard.conditions.items() if guard else ():
            asked = [value.fixed.value for value in values if isinstance(value.fixed, Literal)]
            given = [move.value for move in moves(subject, resource, field)]
            table = resource.transitions.tables.get(field) if resource.transitions else None
            begin = resource.fields[field].default
            for bad in (value for value in given if value not in asked):
                for good in (value for value in given if value in asked):
                    if table is None or (bad in table.get(str(begin), ()) and good in table.get(str(bad), ())):
                        return True
    return False


def _named(operation: Operation, name: str, about: str, hook: ExchangeHook) -> Mutant:
    return Mutant(f"{FAMILY}.{name}.{operation.id}", FAMILY, f"{operation.id} {about}.", exchange=hook)


def _altering(operation: Operation, header: str, alter: Alter, *, shared: bool = False) -> ExchangeHook:
    """Return a hook that alters what becomes of the requests for an operation that have a key; `shared` ones are altered that
    another organization's request had before."""

    def hook(context: MutantContext, call: WireRequest, proceed: Send) -> WireResponse:
        key = next((value for name, value in call.headers if name.lower() == header.lower()), "")
        if not key or context.operation_of(call) != operation.id:
            return proceed(call)
        place = f"{key} {'' if shared else call.organization}"
        first = context.memory.get(place)
        if shared and first is not None and first[0].organization == call.organization:
            return proceed(call)
        reply = alter(Keyed(key, first, call), proceed, operation)
        if reply.status not in (400, 401, 422):
            context.memory.setdefault(place, (call, reply))
        return reply

    return hook


def _with_key(call: WireRequest, header: str, key: str) -> WireRequest:
    others = tuple((name, value) for name, value in call.headers if name.lower() != header.lower())
    return replace(call, headers=(*others, (header, key)))


def _fresh(call: WireRequest, header: str) -> WireRequest:
    return _with_key(call, header, str(uuid.uuid4()))


def _twice(header: str) -> Alter:
    return lambda keyed, send, operation: send(_fresh(keyed.call, header) if keyed.is_again else keyed.call)


def _other(header: str) -> Alter:
    return lambda keyed, send, operation: send(_fresh(keyed.call, header) if keyed.is_other else keyed.call)


def _forgetful(header: str) -> Alter:
    def alter(keyed: Keyed, send: Send, operation: Operation) -> WireResponse:
        is_forgotten = keyed.is_again and keyed.first is not None and not keyed.first[1].is_success
        return send(_fresh(keyed.call, header) if is_forgotten else keyed.call)

    return alter


def _any(keyed: Keyed, send: Send, operation: Operation) -> WireResponse:
    reply = send(keyed.call)
    return keyed.first[1] if keyed.first is not None else reply


def _status(status: int) -> Alter:
    def alter(keyed: Keyed, send: Send, operation: Operation) -> WireResponse:
        reply = send(keyed.call)
        return replace(reply, status=status) if keyed.is_again and reply.is_success else reply

    return alter


def _empty(keyed: Keyed, send: Send, operation: Operation) -> WireResponse:
    reply = send(keyed.call)
    return with_body(reply, b"{}") if keyed.is_again and reply.is_success and reply.body else reply


def _keyless(operation: Operation, header: str) -> ExchangeHook:
    def hook(context: MutantContext, call: WireRequest, proceed: Send) -> WireResponse:
        has_key = any(name.lower() == header.lower() for name, _ in call.headers)
        is_meant = context.operation_of(call) == operation.id and not has_key
        return proceed(_fresh(call, header) if is_meant else call)

    return hook
