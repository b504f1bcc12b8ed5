"""Scenarios about credentials that are records: logging in, what a token is good for, and when it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from contract_tests.scenarios.builder import ScenarioBuilder
from contract_tests.scenarios.issuers import Changer, Issuer, Login, place_in_request
from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import TAG, FromResponse, HandedOut, IdVariant, Tagged, Template
from contract_tests.scenarios.values import ORDINARY
from mock_server.contract.behaviours.expressions import FromCaller
from mock_server.contract.model import Operation

ODD = [about for about, text in ORDINARY.items() if text]
ODD_IN_ONE = 20

NEAR: tuple[IdVariant, ...] = ("prefix", "longer", "upper")
"""What is near a secret, and none."""


@dataclass(frozen=True, slots=True)
class CredentialCases:
    """Writes the scenarios."""

    subject: Subject

    def writers(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes each scenario."""
        for issuer in self.subject.issuers:
            if self._probes(issuer):
                yield partial(self.authenticates, issuer)
                yield partial(self.of_its_organization, issuer)
                for changer in self.subject.changers:
                    if changer.resource is issuer.resource and changer.signature is not issuer.signature:
                        yield partial(self.changed, issuer, changer)
            if issuer.login is not None:
                yield partial(self.wrong_logins, issuer, issuer.login)
                for start in range(0, len(ODD), ODD_IN_ONE):
                    yield partial(self.odd_secrets, issuer, issuer.login, ODD[start : start + ODD_IN_ONE])
            if issuer.scopes:
                yield from (partial(self.scoped, issuer, operation) for operation in self._asking_for_scopes(issuer))

    def builder(self, title: str) -> ScenarioBuilder:
        """Return a builder of an empty scenario."""
        return ScenarioBuilder(self.subject, title)

    def authenticates(self, issuer: Issuer) -> ScenarioBuilder:
        """What was handed out lets in, each for whom it was given; what is near it does not."""
        builder = self.builder(f"{issuer.signature.operation}: the credentials that it hands out")
        given = [self._issue(builder, issuer, key=key) for key in self._keys(issuer)]
        for number, label in enumerate(given, 1):
            self._probe(builder, issuer, f"with credential {number}", label)
        for number, label in enumerate([*given, *given], 1):
            for signature in self._about_caller(issuer):
                builder.call(
                    signature, f"create a record of caller {number}", variant=number, carried=self._shown(issuer, label)
                )
        for change in NEAR:
            self._probe(builder, issuer, f"with a credential that is nearly right: {change}", given[0], change=change)
        self._probe(builder, issuer, "with the credential again", given[0])
        return builder

    def of_its_organization(self, issuer: Issuer) -> ScenarioBuilder:
        """A credential lets in for the organization that it was handed out for."""
        builder = self.builder(f"{issuer.signature.operation}: two organizations")
        if len(self.subject.tenants) < 2 or not issuer.resource.owned:
            return builder
        given = [self._issue(builder, issuer, tenant=tenant, key=1) for tenant in (0, 1)]
        listed = self._probes(issuer)[0].lists
        makers = [one for one in self._secured(issuer) if one.makes and one.gives and not self._changes(one)]
        maker = max(makers, key=lambda one: listed in one.makes, default=None)
        for tenant, label in enumerate(given):
            if maker is not None:
                shown = self._shown(issuer, label)
                builder.call(maker, "create a record", tenant=tenant, key=7, fill="full", carried=shown, variant=tenant + 1)
        for tenant in (0, 1, 0):
            self._probe(builder, issuer, "list the records of this organization", given[tenant], tenant=tenant)
            self._probe(builder, issuer, "list the records of this organization, with its own token", None, tenant=tenant)
        return builder

    def wrong_logins(self, issuer: Issuer, login: Login) -> ScenarioBuilder:
        """Whoever does not know the secret is not let in."""
        builder = self.builder(f"{issuer.signature.operation}: wrong credentials")
        right = builder.account(login, 0, 1)
        more = self._others(builder, login)
        for note, body in self._wrong(login, right, more):
            self._call(builder, issuer.signature, note, body)
        self._call(builder, issuer.signature, "with the right values", right)
        return builder

    def odd_secrets(self, issuer: Issuer, login: Login, odd: list[str]) -> ScenarioBuilder:
        """Whoever is made with a secret logs in with it, whatever its characters are."""
        builder = self.builder(f"{issuer.signature.operation}: secrets with odd characters")
        maker = builder.maker_of(login)
        for number, about in enumerate(odd, 1):
            if maker is None:
                break
            body = builder.account_values(maker, login, number)
            for name in login.secrets:
                slot = next(slot for slot in maker.of("body") if slot.name == body[name][0])
                if slot.is_text and slot.accepts(ORDINARY[about]):
                    body[name] = (body[name][0], ORDINARY[about])
            builder.call(maker, f"somebody with {about}", key=number, fill="full", values=dict(body.values()))
            self._call(builder, issuer.signature, f"with {about}", {name: value for name, (_, value) in body.items()})
        return builder

    def changed(self, issuer: Issuer, changer: Changer) -> ScenarioBuilder:
        """What was ended, or replaced by another one, lets nobody in any more; others do."""
        builder = self.builder(f"{changer.signature.operation}: credentials of {issuer.signature.operation}")
        changed, other = (self._issue(builder, issuer, key=1) for _ in range(2))
        third = self._issue(builder, issuer, key=self._keys(issuer)[-1])
        self._probe(builder, issuer, "before", changed)
        ending = self._change(builder, issuer, changer, changed)
        if ending is None:
            builder.requests.clear()
            return builder
        self._probe(builder, issuer, "with the credential that was ended", changed)
        self._probe(builder, issuer, "with another credential of the same user", other)
        self._probe(builder, issuer, "with the credential of another user", third)
        if issuer.fields.secret in changer.shown:
            renewed = FromResponse(ending, changer.shown[issuer.fields.secret])
            for _ in range(2):
                self._probe(
                    builder, issuer, "with the credential that replaced it", None, carried=HandedOut(issuer.scheme, renewed)
                )
        self._change(builder, issuer, changer, changed)
        self._probe(builder, issuer, "with another credential of the same user", other)
        return builder

    def scoped(self, issuer: Issuer, asking: Signature) -> ScenarioBuilder:
        """A credential is good for its scopes and for nothing else."""
        builder = self.builder(f"{asking.operation}: scopes of what {issuer.signature.operation} hands out")
        slot = next(slot for slot in issuer.signature.of("body") if slot.name == issuer.scopes)
        needed = self._scopes_of(asking.operation, issuer)
        for scopes in ([], needed, [f"{scope}:other" for scope in needed], [*needed, "other"], needed[:-1]):
            value: Template = scopes if "array" in slot.types else " ".join(scopes)
            if slot.accepts(value):
                label = builder.call(issuer.signature, f"with the scopes {scopes}", values={issuer.scopes: value}, fill="full")
                builder.call(asking, f"with the scopes {scopes}", carried=self._shown(issuer, label))
        return builder

    # ------------------------------------------------------------------ what the scenarios are made of

    def _wrong(
        self, login: Login, right: Mapping[str, Template], more: list[dict[str, Template]]
    ) -> Iterator[tuple[str, dict[str, Template]]]:
        for name in login.secrets:
            secret = right[name]
            yield f"another {name}", {**right, name: Tagged(f"not-the-{name}-{TAG}")}
            yield f"a longer {name}", {**right, name: _changed(secret, lambda text: f"{text}x")}
            yield f"the beginning of the {name}", {**right, name: _changed(secret, lambda text: text[:-1])}
            yield f"the {name} in the other case", {**right, name: _changed(secret, _other_case)}
            yield f"the {name} and a space", {**right, name: _changed(secret, lambda text: f"{text} ")}
            yield f"an empty {name}", {**right, name: ""}
            for other in more:
                yield f"the {name} of another user", {**right, name: other[name]}
        for name in login.names:
            yield f"a {name} that nobody has", {**right, name: Tagged(f"nobody.{TAG}@example.com")}
            for other in more:
                yield f"the {name} of another user", {**right, name: other[name]}

    def _others(self, builder: ScenarioBuilder, login: Login) -> list[dict[str, Template]]:
        """Return the bodies by which others can log in."""
        others = []
        for tenant, key in ((0, 2), (1, 1)):
            if tenant < len(self.subject.tenants) and builder.can_log_in(login, tenant, key):
                others.append(builder.account(login, tenant, key))
        return others

    def _call(self, builder: ScenarioBuilder, signature: Signature, note: str, body: Mapping[str, Template]) -> int:
        return builder.call(signature, note, values=body)

    def _keys(self, issuer: Issuer) -> tuple[int, ...]:
        """Return the numbers of two who may log in, or of one where there are no two."""
        is_one = issuer.login is not None and not ScenarioBuilder(self.subject, "").can_log_in(issuer.login, 0, 2)
        return (1,) if is_one else (1, 2)

    def _issue(self, builder: ScenarioBuilder, issuer: Issuer, *, tenant: int = 0, key: int = 1) -> int:
        return builder.call(issuer.signature, f"log in as user {key}", tenant=tenant, key=key, fill="required")

    def _change(self, builder: ScenarioBuilder, issuer: Issuer, changer: Changer, label: int) -> int | None:
        """Add the request that ends or replaces what was handed out by the request `label`; None where nothing tells how."""
        arguments: dict[str, dict[str, Template]] = {}
        carried: Any = None
        for field, expression in changer.where.items():
            if isinstance(expression, FromCaller):
                carried = self._shown(issuer, label)
                continue
            place = place_in_request(expression)
            if place is None or field not in issuer.shown:
                return None
            arguments.setdefault(place[0], {})[place[1]] = FromResponse(label, issuer.shown[field])
        return builder.call(changer.signature, "end or replace the credential", carried=carried, **arguments)  # type: ignore[arg-type]

    def _probe(
        self,
        builder: ScenarioBuilder,
        issuer: Issuer,
        note: str,
        label: int | None,
        *,
        tenant: int = 0,
        change: IdVariant = "",
        carried: HandedOut | None = None,
    ) -> None:
        """Add a request that shows whether a credential lets in; that of the tenant without any."""
        shown = self._shown(issuer, label, change) if label is not None else carried
        builder.call(self._probes(issuer)[0], note, tenant=tenant, carried=shown)

    def _shown(self, issuer: Issuer, label: int, change: IdVariant = "") -> HandedOut:
        return HandedOut(issuer.scheme, FromResponse(label, issuer.shown[issuer.fields.secret], change))

    def _secured(self, issuer: Issuer) -> list[Signature]:
        """Return the operations that a credential alone lets in, whatever its scopes."""
        return [
            one
            for one in self.subject.signatures
            if one.operation.secured and self._ways(one.operation, issuer) and one is not issuer.signature
        ]

    def _probes(self, issuer: Issuer) -> list[Signature]:
        """Return the operations that show whom a credential lets in, the most telling first."""
        usable = [one for one in self._secured(issuer) if not self._changes(one) and one.operation.method == "GET"]
        return sorted(usable, key=lambda one: (not one.lists, len(one.slots))) or [
            one for one in self._secured(issuer) if not self._changes(one)
        ]

    def _about_caller(self, issuer: Issuer) -> list[Signature]:
        """Return the operations that go by who calls."""
        return [
            one
            for one in self._secured(issuer)
            if one.operation.behaviour and one.operation.behaviour.uses_caller and not self._changes(one) and not one.deletes
        ]

    def _changes(self, signature: Signature) -> bool:
        return any(one.signature is signature for one in self.subject.changers)

    def _asking_for_scopes(self, issuer: Issuer) -> Iterator[Signature]:
        for one in self._secured(issuer):
            if one is not issuer.signature and not self._changes(one) and self._scopes_of(one.operation, issuer):
                yield one

    def _ways(self, operation: Operation, issuer: Issuer) -> list[tuple[str, ...]]:
        """Return the scopes that each alternative asks for by which a credential alone lets in."""
        alternatives = operation.security.alternatives
        return [way[0].scopes for way in alternatives if len(way) == 1 and way[0].scheme.name == issuer.scheme.name]

    def _scopes_of(self, operation: Operation, issuer: Issuer) -> list[str]:
        return list(next(iter(self._ways(operation, issuer)), ()))


def _changed(secret: Template, change: Callable[[str], str]) -> Template:
    if isinstance(secret, Tagged):
        return replace(secret, text=change(secret.text))
    return change(secret) if isinstance(secret, str) else secret


def _other_case(text: str) -> str:
    parts = text.split(TAG)
    return TAG.join(part.swapcase() for part in parts)
