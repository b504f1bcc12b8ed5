"""Messages that are not sent, sent twice, to others, of something else, unsigned, or of what was refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from contract_tests.mutants.families.alterations import only_for
from contract_tests.mutants.hooks import Mutant, MutantContext, MutantExecution, Proceed
from contract_tests.transport.wire import WireRequest, WireResponse
from mock_server.contract.behaviours.expressions import FromThis, walk
from mock_server.contract.model import Contract, Operation
from mock_server.engine.engine import Performed
from mock_server.engine.outgoing import Outgoing
from mock_server.engine.verbs import Send

FAMILY = "webhooks"

Messages: TypeAlias = tuple[Outgoing, ...]
Alter: TypeAlias = Callable[[MutantContext, MutantExecution, Messages], Messages]


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    for operation in contract.operations:
        sends = [step for step in operation.steps if isinstance(step, Send)]
        for step in sends:
            yield from _of(operation, step, contract)


def _of(operation: Operation, step: Send, contract: Contract) -> Iterator[Mutant]:
    def named(word: str, about: str, alter: Alter) -> Mutant:
        name = f"{FAMILY}.{word}.{step.event}.{operation.id}"
        return Mutant(name, FAMILY, f"{operation.id} sends {step.event} {about}.", perform=_altered(operation, step, alter))

    yield named("not-sent", "to nobody", lambda context, execution, messages: ())
    yield named("twice", "twice", lambda context, execution, messages: (*messages, *messages))
    yield named("earlier", "with what it sent before", _earlier)
    yield named("nothing-in-it", "with nothing in it", lambda context, execution, messages: _with(messages, body={}))
    if contract.delivery.signature is not None and step.secret is not None:
        yield named("unsigned", "unsigned", lambda context, execution, messages: _with(messages, secret=None))
        wrong = named(
            "wrongly-signed", "signed with another secret", lambda context, execution, messages: _with(messages, secret="x")
        )
        yield wrong
    if step.subscribes:
        yield named("only-first", "to one subscriber only", lambda context, execution, messages: messages[:1])
        if step.where:
            yield named("to-all", "to those who did not ask for it", _to(step, everywhere=False))
        if step.resource.owned:
            yield named("to-others", "to subscribers of other organizations", _to(step, everywhere=True))
    about = f"{operation.id} sends {step.event} of what it refuses too."
    yield Mutant(f"{FAMILY}.refused.{step.event}.{operation.id}", FAMILY, about, exchange=_of_refused(operation, step))


def _altered(operation: Operation, step: Send, alter: Alter) -> Callable[[MutantContext, MutantExecution, Proceed], Performed]:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        own = tuple(message for message in performed.messages if message.event == step.event)
        others = tuple(message for message in performed.messages if message.event != step.event)
        return performed._replace(messages=(*others, *alter(context, execution, own)))

    return only_for(operation, hook)


def _with(messages: Messages, **changes: object) -> Messages:
    return tuple(message._replace(**changes) for message in messages)  # type: ignore[arg-type]  # each is one of its fields


def _earlier(context: MutantContext, execution: MutantExecution, messages: Messages) -> Messages:
    before = context.memory.get("body")
    if messages:
        context.memory["body"] = messages[0].body
    return messages if before is None else _with(messages, body=before)


def _to(step: Send, *, everywhere: bool) -> Alter:
    """Return what sends to more subscribers: to all of the organization, or to those of every one."""

    def alter(context: MutantContext, execution: MutantExecution, messages: Messages) -> Messages:
        urls = {part.field for one in step.url.possible() for part in walk(one) if isinstance(part, FromThis)}
        known = {message.url for message in messages}
        if not messages:
            return messages
        owners = context.setup.organizations if everywhere else [execution.organization]
        more = [
            record[field]
            for owner in owners
            for record in context.store.scan(step.resource.name, owner if step.resource.owned else None)
            for field in urls
            if record.get(field) not in known
        ]
        return (*messages, *(messages[0]._replace(url=url) for url in more))

    return alter


def _of_refused(
    operation: Operation, step: Send
) -> Callable[[MutantContext, WireRequest, Callable[[WireRequest], WireResponse]], WireResponse]:
    def hook(context: MutantContext, call: WireRequest, proceed: Callable[[WireRequest], WireResponse]) -> WireResponse:
        reply = proceed(call)
        if context.operation_of(call) == operation.id and 400 <= reply.status < 500:
            for message in [one for one in context.sent if one.event == step.event][-1:]:
                context.deliver(message)
        return reply

    return hook
