"""Scenarios about who calls: operations that only some may use, by what they are, or by what is theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from contract_tests.scenarios.builder import ScenarioBuilder
from contract_tests.scenarios.guard_cases import look
from contract_tests.scenarios.issuers import Issuer, Login
from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.state_changes import starts
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import FromResponse, HandedOut
from mock_server.contract.behaviours.expressions import FromCaller
from mock_server.contract.behaviours.guards import Requirement
from mock_server.contract.model import Step, Value

OTHERS = 50
"""Where the numbers of those begin who call: what is made beside them has others."""


@dataclass(frozen=True, slots=True)
class CallerCases:
    """Writes the scenarios."""

    subject: Subject

    def writers(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes each scenario."""
        for issuer in self.subject.issuers:
            for remover in self.subject.signatures:
                if issuer.login is not None and remover.deletes == issuer.login.resource.name:
                    yield partial(self.removed, remover, issuer, issuer.login)
        for signature, step, guard in self._guards():
            for issuer in self.subject.issuers:
                if issuer.login is None or issuer.scheme.name not in {one.name for one in signature.operation.security.schemes}:
                    continue
                if step.resource in (issuer.login.resource, issuer.resource) and _is_of_caller(step):
                    for field in guard.fields:
                        yield partial(self.by_each, signature, issuer, issuer.login, field)
                elif any(_from_caller(value) for values in guard.conditions.values() for value in values):
                    yield partial(self.by_another, signature, step, issuer, issuer.login)

    def removed(self, remover: Signature, issuer: Issuer, login: Login) -> ScenarioBuilder:
        """Somebody who is logged in is removed: what is left of what was made, and who is let in?"""
        builder = ScenarioBuilder(self.subject, f"{remover.operation}: a user who is logged in", "refusals")
        slot, maker = (
            next((one for one in remover.ids_of(remover.deletes) if one.location == "path"), None),
            builder.maker_of(login),
        )
        if slot is None or maker is None or remover.deletes not in maker.gives:
            return builder
        somebody = builder.somebody(login, 0, OTHERS, {})
        carried = _logged_in(builder, issuer, OTHERS)
        made = {}
        for one in self.subject.signatures:
            writes = (write for step in one.operation.steps for write in step.written)
            if any(_from_caller(write.value) for write in writes) and set(one.makes) & set(one.gives):
                made[builder.call(one, "create a record of the caller", fill="full", variant=1, carried=carried)] = one
        builder.call(
            remover, "remove the user who created it", path={slot.name: builder.id_of(maker, somebody, remover.deletes)}
        )
        for label, one in made.items():
            if one.makes[-1] in one.gives:
                builder.look_at(one, label)
        for one in self.subject.signatures:
            if one.lists and not one.ids and issuer.scheme.name in {scheme.name for scheme in one.operation.security.schemes}:
                builder.call(one, "with the credential of a removed user", carried=carried)
        builder.call(issuer.signature, "log in as the user who is removed next", key=OTHERS)
        return builder

    def by_each(self, signature: Signature, issuer: Issuer, login: Login, field: str) -> ScenarioBuilder:
        """Somebody of each sort calls, and those who may not are refused."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: by callers of every {field}", "refusals")
        maker = builder.maker_of(login)
        sorts = [one for one in starts(self.subject, login.resource, field) if one.signature is maker]
        for number, sort in enumerate(sorts, 1):
            key = number + OTHERS
            builder.somebody(login, 0, key, sort.values)
            carried = _logged_in(builder, issuer, key)
            builder.call(signature, f"by a user whose {field} is {sort.value}", key=number, variant=number, carried=carried)
            for resource in filter(None, (signature.deletes, signature.updates)):
                look(builder, self.subject.contract.resources[resource], number)
        return builder

    def by_another(self, signature: Signature, step: Step, issuer: Issuer, login: Login) -> ScenarioBuilder:
        """What belongs to one caller is tried by another one of the same organization, and then by its own."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: by another user", "refusals")
        for maker in self.subject.makers_of(step.resource.name)[:1]:
            if not builder.can_log_in(login, 0, 2):
                continue
            owner, other = (_logged_in(builder, issuer, key) for key in (OTHERS, OTHERS + 1))
            made = builder.call(maker, f"a {step.resource.name}", fill="full", variant=1, carried=owner)
            builder.refer_to(step.resource.name, maker, made)
            for variant, (note, carried) in enumerate((("by another user", other), ("by its owner", owner)), 2):
                builder.call(signature, note, variant=variant, fill="full", carried=carried)
                look(builder, step.resource)
        return builder

    def _guards(self) -> Iterator[tuple[Signature, Step, Requirement]]:
        """Yield the operations that require something of a record, with the step that does."""
        for signature in self.subject.signatures:
            for step in signature.operation.steps:
                guard = getattr(step, "guard", None)
                if guard is not None and guard.is_asking:
                    yield signature, step, guard


def _logged_in(builder: ScenarioBuilder, issuer: Issuer, key: int) -> HandedOut:
    """Add a login, and return what it hands out."""
    label = builder.call(issuer.signature, f"log in as user {key}", key=key)
    return HandedOut(issuer.scheme, FromResponse(label, issuer.shown[issuer.fields.secret]))


def _is_of_caller(step: Step) -> bool:
    """Say whether a step finds the caller, or what let the caller in."""
    return bool(step.found_by) and all(_from_caller(value) for value in step.found_by.values())


def _from_caller(value: Value) -> bool:
    return any(isinstance(expression, FromCaller) for expression in value.possible())
