"""Operations about credentials that are records: which of them hand one out, put another in its place, or end it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.templates import Template
from mock_server.contract.access.security import SecurityScheme
from mock_server.contract.behaviours.expressions import (
    Expression,
    FromBody,
    FromCaller,
    FromParameter,
    FromStep,
    FromThis,
    Viewed,
)
from mock_server.contract.files.source import pointer_to
from mock_server.contract.model import Contract, Resource, Step, Value
from mock_server.contract.record_rules import CredentialFields
from mock_server.engine.verbs import Delete, Find, Update


@dataclass(frozen=True, slots=True)
class Login:
    """What an operation looks up before it hands a credential out: the fields of a resource, by the properties of the body."""

    resource: Resource
    fields: Mapping[str, str]

    @property
    def secrets(self) -> tuple[str, ...]:
        """The properties that hold what nobody is shown, a password."""
        return tuple(name for name, field in self.fields.items() if field in self.resource.hidden)

    @property
    def names(self) -> tuple[str, ...]:
        """The properties that say who it is."""
        return tuple(name for name in self.fields if name not in self.secrets)


@dataclass(frozen=True, slots=True)
class Issuer:
    """An operation that makes a credential and shows it. `shown` has the pointers at which its answer shows fields of it."""

    signature: Signature
    resource: Resource
    fields: CredentialFields
    scheme: SecurityScheme
    shown: Mapping[str, str]
    login: Login | None
    scopes: str = ""
    """The property of the body that says which scopes the credential has, if one does."""


@dataclass(frozen=True, slots=True)
class Changer:
    """An operation that ends a credential, or (`shown`) puts another secret in its place; `where` says which one is meant."""

    signature: Signature
    resource: Resource
    where: Mapping[str, Expression]
    shown: Mapping[str, str]

    @property
    def is_of_caller(self) -> bool:
        """Whether it is about the credential that the request shows."""
        return any(isinstance(expression, FromCaller) for expression in self.where.values())


def read_issuers(contract: Contract, signatures: Sequence[Signature]) -> tuple[Issuer, ...]:
    """Return the operations that hand out credentials which an answer shows."""
    schemes = {scheme.name: scheme for scheme in contract.schemes}
    return tuple(
        Issuer(signature, step.resource, fields, schemes[fields.scheme], shown, _login(signature), _scopes(step, fields))
        for signature, step, fields in _steps(signatures)
        if step.makes and fields.scheme in schemes and fields.secret in (shown := _shown(signature, step, contract))
    )


def read_changers(contract: Contract, signatures: Sequence[Signature]) -> tuple[Changer, ...]:
    """Return the operations that end credentials, or put others in their place."""
    found = []
    for signature, step, fields in _steps(signatures):
        where = {field: fixed for field, value in step.found_by.items() if (fixed := _only(value)) is not None}
        replaces = isinstance(step, Update) and any(write.field == fields.secret for write in step.written)
        if where and (replaces or isinstance(step, Delete)):
            shown = _shown(signature, step, contract) if replaces else {}
            found.append(Changer(signature, step.resource, where, shown))
    return tuple(found)


def _steps(signatures: Sequence[Signature]) -> Iterator[tuple[Signature, Step, CredentialFields]]:
    for signature in signatures:
        for step in signature.operation.steps:
            if step.resource.credential is not None:
                yield signature, step, step.resource.credential


def _only(value: Value) -> Expression | None:
    return value.fixed if value.assumption is None else None


def _shown(signature: Signature, step: Step, contract: Contract) -> dict[str, str]:
    """Return where the answer of an operation shows the fields of the result of a step."""
    behaviour = signature.operation.behaviour
    return dict(_places(behaviour.answer.template, step, contract)) if behaviour else {}


def _places(template: object, step: Step, contract: Contract, pointer: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(template, dict):
        for name, member in template.items():
            yield from _places(member, step, contract, pointer + pointer_to(name))
    elif isinstance(template, FromStep) and template.name == step.name:
        if template.field is not None:
            yield template.field, pointer
        else:
            yield from ((name, pointer + pointer_to(name)) for name in step.resource.fields.keys() - step.resource.hidden)
    elif isinstance(template, Viewed) and template.of.name == step.name:
        members = contract.views[template.view].members
        yield from ((one.field, pointer + pointer_to(name)) for name, one in members.items() if isinstance(one, FromThis))


def _login(signature: Signature) -> Login | None:
    """Return what an operation looks up by its body before anything else; None where nothing is a secret in it."""
    steps = signature.operation.steps
    for step in steps:
        if isinstance(step, Find):
            fields = {}
            for field, value in step.found_by.items():
                expression = _only(value)
                if isinstance(expression, FromBody) and len(expression.tokens) == 1:
                    fields[expression.tokens[0]] = field
            login = Login(step.resource, fields)
            if login.secrets and login.names and len(fields) == len(step.found_by):
                return login
    return None


def _scopes(step: Step, fields: CredentialFields) -> str:
    for write in step.written:
        expression = _only(write.value)
        if write.field == fields.scopes and isinstance(expression, FromBody) and len(expression.tokens) == 1:
            return expression.tokens[0]
    return ""


def written_from_body(signature: Signature, resource: str) -> dict[str, str]:
    """Return the properties of a body that an operation makes the fields of a record of, by field; none where it makes none."""
    sent: dict[str, str] = {}
    for step in signature.operation.steps:
        for write in step.written if step.makes and step.resource.name == resource else ():
            expression = _only(write.value)
            if isinstance(expression, FromBody) and len(expression.tokens) == 1:
                sent[write.field] = expression.tokens[0]
    return sent


def account_value(signature: Signature, name: str, key: int) -> Template:
    """Return what somebody logs in by, which nobody else has: a name, or a password."""
    slot = next(slot for slot in signature.of("body") if slot.name == name)
    if slot.role != "free" or slot.is_address or slot.accepts(f"{name}-{'x' * 16}-{key}"):
        return slot.key(key)
    return slot.value(key)


def place_in_request(expression: Expression) -> tuple[str, str] | None:
    """Return where a request says what an expression comes to: the argument of `ScenarioBuilder.call`, and the name in it."""
    if isinstance(expression, FromBody) and len(expression.tokens) == 1:
        return "values", expression.tokens[0]
    if isinstance(expression, FromParameter):
        return {"header": "headers"}.get(expression.location, expression.location), expression.name
    return None
