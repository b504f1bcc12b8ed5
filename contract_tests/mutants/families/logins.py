"""Credentials that are records, got wrong: who is let in, for whom, with which scopes, and for how long."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from contract_tests.mutants.families.alterations import amending, answered, only_for
from contract_tests.mutants.hooks import (
    Identify,
    IdentifyHook,
    Mutant,
    MutantContext,
    MutantExecution,
    PerformHook,
    Proceed,
)
from contract_tests.oracle.shapes import ListShape, ObjectShape, RecordShape, Shape, answer_shape
from contract_tests.scenarios.issuers import Changer, Login
from contract_tests.scenarios.subject import Subject
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract, Operation, Resource
from mock_server.contract.problems import Refused
from mock_server.engine.engine import Performed
from mock_server.engine.store import Change, Owner, Record
from mock_server.exchange.messages import Request

FAMILY = "logins"

Alike = Callable[[str, str], bool]
"""Says whether a careless server takes what was sent (the first) for what is stored (the second)."""

LENIENT: tuple[tuple[str, str, Alike], ...] = (
    ("any-secret", "any {secret} is good", lambda sent, stored: True),
    ("secret-case", "case in the {secret} is ignored", lambda sent, stored: sent.lower() == stored.lower()),
    ("secret-longer", "what stands behind the {secret} is not looked at", lambda sent, stored: sent.startswith(stored)),
    ("secret-shorter", "the beginning of the {secret} is enough", lambda sent, stored: bool(sent) and stored.startswith(sent)),
    ("secret-trimmed", "space around the {secret} is ignored", lambda sent, stored: sent.strip() == stored.strip()),
)


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    subject = Subject.of(contract, ())
    for issuer in subject.issuers:
        operation = issuer.signature.operation
        if issuer.login is not None:
            yield from _of_login(operation, issuer.login)
        if issuer.resource.owned:
            about = "what it hands out lets in to another organization."
            yield _named(operation, "wrong-organization", about, perform=only_for(operation, _misplacing(issuer.resource)))
        if issuer.scopes:
            yield _named(
                operation, "scopes-ignored", "the scopes of what it hands out do not count.", identify=_unscoped(contract)
            )
    for changer in subject.changers:
        yield from _of_changer(changer)
    for operation in contract.operations:
        if operation.behaviour and operation.behaviour.uses_caller and not _changes(subject, operation) and subject.issuers:
            about = "it goes by the caller before, not by the one who calls."
            hook = only_for(operation, _other_caller)
            if any(step.makes for step in operation.behaviour.steps):
                yield _named(operation, "other-caller", about, perform=hook)
        yield from _showing(operation, contract)
    for resource in contract.resources.values():
        if resource.credential and resource.credential.expires:
            about = f"A {resource.name} goes on when it has expired."
            yield Mutant(f"{FAMILY}.never-expires.{resource.name}", FAMILY, about, identify=_forgiving(contract))


def _named(operation: Operation, name: str, about: str, **hooks: Any) -> Mutant:
    return Mutant(f"{FAMILY}.{name}.{operation.id}", FAMILY, f"{operation.id}: {about}", **hooks)


def _of_login(operation: Operation, login: Login) -> Iterator[Mutant]:
    for secret in login.secrets:
        for name, about, alike in LENIENT:
            told = f"{about.format(secret=secret)}."
            hook = only_for(operation, _taking(login, secret, alike))
            yield _named(operation, f"{name}.{secret}", told, perform=hook)
        about = f"the {secret} of anybody is good."
        yield _named(
            operation, f"anybodys-secret.{secret}", about, perform=only_for(operation, _taking_anybodys(login, secret))
        )
    for name in login.names[:1]:
        about = f"a {name} that nobody has is taken for somebody's."
        yield _named(operation, f"anybody.{name}", about, perform=only_for(operation, _taking_anybody(login)))
        response = operation.responses.get("401")
        if response is not None and not response.assumed:
            about = f"a {name} that nobody has is told from a wrong secret, by 404."
            hook = only_for(operation, _telling(login, name))
            yield _named(operation, f"tells-who-is-there.{name}", about, perform=hook)


def _of_changer(changer: Changer) -> Iterator[Mutant]:
    operation, resource = changer.signature.operation, changer.resource
    if changer.shown:
        about = "the credential that was replaced goes on beside the new one."
        yield _named(operation, "old-goes-on", about, perform=only_for(operation, _keeping(resource)))
        about = "the credential before goes on, and the new one is none."
        yield _named(operation, "new-is-none", about, perform=only_for(operation, _undone))
    else:
        about = "what was ended goes on."
        yield _named(operation, "goes-on", about, perform=only_for(operation, _keeping(resource)))
    about = "all credentials of the organization are ended."
    yield _named(operation, "ends-all", about, perform=only_for(operation, _ending_all(resource)))


def _changes(subject: Subject, operation: Operation) -> bool:
    return any(one.signature.operation is operation for one in subject.changers)


# ---------------------------------------------------------------------- logging in


def _records(context: MutantContext, resource: Resource) -> Iterator[Record]:
    for owner in list(context.store.owners(resource.name)):
        yield from list(context.store.scan(resource.name, owner))


def _named_by(login: Login, record: Record, body: Mapping[str, Json]) -> bool:
    return all(record.get(login.fields[name]) == body.get(name) for name in login.names)


def _taking(login: Login, secret: str, alike: Alike) -> PerformHook:
    """Return a hook that takes a secret for the right one where it is alike."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        body, field = execution.body, login.fields[secret]
        for record in _records(context, login.resource) if isinstance(body, dict) else ():
            if (
                isinstance(body, dict)
                and _named_by(login, record, body)
                and alike(str(body.get(secret)), str(record.get(field)))
            ):
                return proceed(execution.but(body={**body, secret: record[field]}))
        return proceed(execution)

    return hook


def _taking_anybodys(login: Login, secret: str) -> PerformHook:
    """Return a hook that takes the secret of any record for the right one."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        body, field = execution.body, login.fields[secret]
        records = list(_records(context, login.resource))
        if isinstance(body, dict) and any(record.get(field) == body.get(secret) for record in records):
            for record in records:
                if _named_by(login, record, body):
                    return proceed(execution.but(body={**body, secret: record[field]}))
        return proceed(execution)

    return hook


def _taking_anybody(login: Login) -> PerformHook:
    """Return a hook that lets whoever nobody knows in as the first one."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        body, records = execution.body, list(_records(context, login.resource))
        if records and isinstance(body, dict) and not any(_named_by(login, record, body) for record in records):
            body = {**body, **{name: records[0].get(field) for name, field in login.fields.items()}}
            return proceed(execution.but(body=body))
        return proceed(execution)

    return hook


def _telling(login: Login, name: str) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        body = execution.body
        if isinstance(body, dict) and not any(_named_by(login, one, body) for one in _records(context, login.resource)):
            raise Refused("not-found", f"There is nobody with this {name}.")
        return proceed(execution)

    return hook


# ---------------------------------------------------------------------- what is handed out, and ended


def _misplacing(resource: Resource) -> PerformHook:
    """Return a hook that gives a new credential to another organization."""

    def give(context: MutantContext, execution: MutantExecution, change: Change) -> None:
        others = [one for one in context.setup.organizations if one != change.organization]
        if change.after is not None and change.before is None and others:
            context.store.remove(change.resource, change.organization, change.id)
            context.store.put(change.resource, others[0], change.id, change.after)

    return amending(resource, give)


def _keeping(resource: Resource) -> PerformHook:
    """Return a hook that keeps what a credential was before, beside what comes in its place."""

    def keep(context: MutantContext, execution: MutantExecution, change: Change) -> None:
        if change.before is not None:
            id = change.id if change.after is None else context.generator.id(resource)
            context.store.put(change.resource, change.organization, id, {**change.before, resource.id: id})

    return amending(resource, keep)


def _undone(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
    """Answer as ever, and change nothing."""
    before = context.store.snapshot()
    performed = proceed(execution)
    context.store.restore(before)
    return performed


def _ending_all(resource: Resource) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        performed = proceed(execution)
        owner: Owner = execution.owner(resource)
        kept = {change.id for change in performed.changes if change.after is not None}
        for record in list(context.store.scan(resource.name, owner)):
            if record[resource.id] not in kept:
                context.store.remove(resource.name, owner, record[resource.id])
        context.store.commit()
        return performed

    return hook


def _other_caller(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
    """Perform for whoever called before."""
    before, context.memory["caller"] = context.memory.get("caller"), execution.caller
    return proceed(execution.but(caller=before if before is not None else execution.caller))


# ---------------------------------------------------------------------- who is let in


def _holder(context: MutantContext, contract: Contract, request: Request) -> Owner:
    """Return whose record has the secret that a request shows, whatever else that record says."""
    shown = " ".join(value.decode("latin-1") for value in request.headers.values()) + f" {request.query}"
    for resource in contract.resources.values():
        for owner in context.store.owners(resource.name) if resource.credential else ():
            for record in context.store.scan(resource.name, owner):
                secret = record.get(resource.credential.secret) if resource.credential else None
                if isinstance(secret, str) and secret in shown.split():
                    return owner or context.setup.organizations[0]
    return None


def _allowing(contract: Contract, kind: str) -> IdentifyHook:
    def hook(context: MutantContext, request: Request, proceed: Identify) -> str | None:
        try:
            return proceed(request)
        except Refused as refused:
            owner = _holder(context, contract, request) if refused.kind == kind else None
            if owner is None:
                raise
            return owner

    return hook


def _unscoped(contract: Contract) -> IdentifyHook:
    return _allowing(contract, "forbidden")


def _forgiving(contract: Contract) -> IdentifyHook:
    return _allowing(contract, "unauthenticated")


# ---------------------------------------------------------------------- what is shown


def _showing(operation: Operation, contract: Contract) -> Iterator[Mutant]:
    shape = answer_shape(operation, contract)
    for resource in _resources(shape):
        for field in sorted(resource.stored):
            about = f"it shows the {field} of a {resource.name}."
            hook = answered(operation, partial(_told, resource=resource, field=field))
            yield _named(operation, f"shows.{field}", about, exchange=hook)


def _resources(shape: Shape) -> list[Resource]:
    """Return the resources whose records an answer shows in full."""
    if isinstance(shape, RecordShape):
        return [shape.resource] if shape.view is None else []
    if isinstance(shape, ListShape):
        return _resources(shape.item)
    return [one for member in shape.members.values() for one in _resources(member)] if isinstance(shape, ObjectShape) else []


def _told(context: MutantContext, body: Json, resource: Resource, field: str) -> Json:
    """Return a body in which each record of a resource has a field that nobody should see."""
    if isinstance(body, list):
        return [_told(context, item, resource, field) for item in body]
    if not isinstance(body, dict):
        return body
    shown = {name: _told(context, member, resource, field) for name, member in body.items()}
    stored = next((one for one in _records(context, resource) if one[resource.id] == body.get(resource.id)), None)
    return {**shown, field: stored.get(field)} if stored is not None else shown
