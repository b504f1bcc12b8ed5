"""Writing scenarios: a builder fills in what an operation needs, and makes first what it refers to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal, TypeAlias

from contract_tests.scenarios.issuers import Login, account_value, written_from_body
from contract_tests.scenarios.signatures import BodyList, Signature, Slot
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import (
    OMITTED,
    TAG,
    FromResponse,
    HandedOut,
    Part,
    PlannedRequest,
    Scenario,
    Tagged,
    Template,
    media_type_of,
)
from contract_tests.scenarios.usual_headers import usual_headers
from mock_server.contract.files.source import pointer_to

Fill: TypeAlias = Literal["required", "full"]


class Unprovidable(Exception):  # noqa: N818 (such a scenario is left out; nothing is wrong)
    """Raised where an operation needs a record that nothing known makes, and that the run must not change."""


SECOND = 500
"""By how much the key of the second element of a list is larger than that of the first."""

OTHERS = 20
"""Where the numbers of those begin who log in at another organization: no two have the same password."""

PAUSE = 0.05
"""Seconds that pass before a request whose time has to show that nothing happened before it."""


class ScenarioBuilder:
    """A scenario while it is written."""

    def __init__(self, subject: Subject, title: str, part: Part = "lockstep") -> None:
        self.subject = subject
        self.title = title
        self.part = part
        self.requests: list[PlannedRequest] = []
        self._provided: dict[tuple[str, int, int], Template] = {}
        self._making: list[str] = []
        """The resources of which a record is being made because another one needs it."""

        self._accounts: dict[tuple[str, int, int], dict[str, Template]] = {}

    def scenario(self) -> Scenario:
        """Return what was written."""
        return Scenario(self.title, tuple(self.requests), self.part)

    def call(
        self,
        signature: Signature,
        note: str,
        *,
        tenant: int = 0,
        key: int = 1,
        variant: int = 0,
        fill: Fill = "required",
        values: Mapping[str, Template] | None = None,
        path: Mapping[str, Template] | None = None,
        query: Mapping[str, Template] | None = None,
        headers: Mapping[str, Template] | None = None,
        body: Template | None = None,
        **more: Any,
    ) -> int:
        """Add a request and return its label. `values` go before what is filled in; one that is `OMITTED` is left out.

        `key` numbers the key that the operation is given; the same number is the same key throughout the scenario.
        """
        if more.get("carried") is None and self._is_of_caller(signature):
            more["carried"] = self._own_credential(signature, tenant, key)
        filled = {} if values or body is not None else self._account_for(signature, tenant, key)
        for slot in signature.of("body"):
            if slot.name in filled:
                continue
            if self._fills(slot, fill) and not (self._derives(signature, slot) and not slot.required):
                filled[slot.name] = self._filled(signature, slot, tenant, key, variant)
        listed = [
            (one.at, self._listed(signature, one, tenant, key, variant, fill))
            for one in signature.lists_in
            if one.needed or not one.at or fill == "full"
        ]
        filled.update({at[0]: elements for at, elements in listed if at})
        filled.update(values or {})
        filled = {name: value for name, value in filled.items() if value is not OMITTED}
        given = {
            slot.name: self._filled(signature, slot, tenant, key, variant)
            for slot in signature.of("path")
            if slot.name not in (path or {})
        }
        if signature.operation.body is None:
            sent: Template = OMITTED
        else:
            sent = body if body is not None else next((elements for at, elements in listed if not at), filled)
        label = len(self.requests) + 1
        own_headers = {**usual_headers(signature, label), **(headers or {})}
        query, headers, cookies = (
            {**{slot.name: slot.value(variant) for slot in signature.of(location) if slot.required}, **(own or {})}
            for location, own in (("query", {**signature.removing, **(query or {})}), ("header", own_headers), ("cookie", None))
        )
        query, headers = ({name: value for name, value in given.items() if value is not OMITTED} for given in (query, headers))
        parts = {**given, **(path or {})}, query, headers, cookies
        more.setdefault("media_type", media_type_of(signature.operation))
        planned = PlannedRequest(label, signature.operation, note, tenant, *parts, sent, **more)
        self.requests.append(planned)
        return label

    def _listed(
        self, signature: Signature, listed: BodyList, tenant: int, key: int, variant: int, fill: Fill
    ) -> list[Template]:
        """Return a list of two for the body of an operation."""
        numbers = ((key, variant), (key + SECOND, variant + 1))
        return [self.item(signature, listed, tenant, *number, fill) for number in numbers]

    def item(
        self, signature: Signature, listed: BodyList, tenant: int, key: int, variant: int, fill: Fill = "required"
    ) -> dict[str, Template]:
        """Return an element of a list in the body of an operation."""
        slots = [slot for slot in listed.slots if self._fills(slot, fill)]
        return {slot.name: self._filled(signature, slot, tenant, key, variant) for slot in slots}

    def account(self, login: Login, tenant: int, key: int) -> dict[str, Template]:
        """Return the body by which somebody can log in, who is made first unless somebody is known."""
        place = (login.resource.name, tenant, key)
        if place not in self._accounts:
            self._accounts[place] = self._new_account(login, tenant, key)
        return {name: self._accounts[place][field] for name, field in login.fields.items()}

    def somebody(self, login: Login, tenant: int, key: int, values: Mapping[str, Template]) -> int:
        """Make somebody who is like `values`, and whom later logins with `key` are of; return the label of the request."""
        maker = self.maker_of(login)
        if maker is None:
            raise Unprovidable(login.resource.name)
        self._accounts[login.resource.name, tenant, key] = self._made_account(maker, login, tenant, key, values)
        return len(self.requests)

    def can_log_in(self, login: Login, tenant: int, key: int) -> bool:
        """Say whether there is somebody of a tenant who can log in, or who can be made."""
        if tenant >= len(self.subject.tenants):
            return False
        accounts = self.subject.tenants[tenant].accounts
        return self.maker_of(login) is not None or sum(one.resource == login.resource.name for one in accounts) >= key

    def maker_of(self, login: Login) -> Signature | None:
        """Return an operation that makes somebody who can log in; None where there is none."""
        wanted = set(login.fields.values())
        makers = (one for one in self.subject.signatures if wanted <= written_from_body(one, login.resource.name).keys())
        return next(makers, None)

    def account_values(self, maker: Signature, login: Login, key: int) -> dict[str, tuple[str, Template]]:
        """Return, by the properties of a login, those of the body that makes somebody, and what both say."""
        sent = written_from_body(maker, login.resource.name)
        return {name: (sent[field], account_value(maker, sent[field], key)) for name, field in login.fields.items()}

    def _new_account(self, login: Login, tenant: int, key: int) -> dict[str, Template]:
        maker = self.maker_of(login)
        if maker is not None:
            return self._made_account(maker, login, tenant, key, {})
        accounts = self.subject.tenants[tenant].accounts if tenant < len(self.subject.tenants) else ()
        known = [one for one in accounts if one.resource == login.resource.name]
        if len(known) < key:
            raise Unprovidable(login.resource.name)
        return dict(known[key - 1].values)

    def _made_account(
        self, maker: Signature, login: Login, tenant: int, key: int, values: Mapping[str, Template]
    ) -> dict[str, Template]:
        body = self.account_values(maker, login, key + tenant * OTHERS)
        note = f"create account {key}, which may log in"
        self.call(maker, note, tenant=tenant, key=key, fill="full", values={**values, **dict(body.values())})
        return {field: body[name][1] for name, field in login.fields.items()}

    def _account_for(self, signature: Signature, tenant: int, key: int) -> dict[str, Template]:
        """Return the body of a login that is right; nothing for any other operation, and where nobody can log in."""
        login = next((one.login for one in self.subject.issuers if one.signature is signature and one.login), None)
        try:
            return self.account(login, tenant, key) if login else {}
        except Unprovidable:
            return {}

    def _is_of_caller(self, signature: Signature) -> bool:
        """Say whether an operation ends, or replaces, the credential that its request shows."""
        return any(one.signature.operation is signature.operation and one.is_of_caller for one in self.subject.changers)

    def _own_credential(self, signature: Signature, tenant: int, key: int) -> HandedOut:
        """Return a credential that was handed out for one request alone, which may end it."""
        schemes = {scheme.name for scheme in signature.operation.security.schemes}
        changing = {one.signature.operation.id for one in self.subject.changers}
        for issuer in self.subject.issuers:
            if issuer.scheme.name in schemes and issuer.signature.operation.id not in changing:
                label = self.call(issuer.signature, "obtain the credential for the next request", tenant=tenant, key=key)
                return HandedOut(issuer.scheme, FromResponse(label, issuer.shown[issuer.fields.secret]))
        raise Unprovidable(signature.operation.id)

    def id_of(self, signature: Signature, label: int, resource: str) -> FromResponse:
        """Return the id of a resource in the answer to the request `label` of `signature`."""
        pointer = signature.gives[resource]
        id_field = self.subject.contract.resources[resource].id
        return FromResponse(label, pointer + pointer_to(id_field))

    def provide(self, signature: Signature, slot: Slot, tenant: int, key: int = 1) -> Template:
        """Return the id of a record that `slot` may refer to: a known one, else one that is made for it.

        A record that the operation changes or removes is always one that the scenario made.
        """
        if slot.resource is None:
            raise LookupError(slot.name)
        name = slot.resource.name
        changed = name in (signature.updates, signature.deletes)
        known = self.subject.tenants[tenant].known.get(name, ()) if tenant < len(self.subject.tenants) else ()
        by_id = slot.field in ("", slot.resource.id)
        if known and not changed and by_id:
            return known[0]
        place = (name, tenant, key)
        if place not in self._provided:
            self._provided[place] = self._made(signature, name, tenant, key, changed=changed)
        value = self._provided[place]
        if by_id or not isinstance(value, FromResponse):
            return value
        record = value.pointer.removesuffix(pointer_to(slot.resource.id))
        return replace(value, pointer=record + pointer_to(slot.field))

    def provided(self, resource: str, tenant: int, key: int, value: Template) -> None:
        """Say which record of `resource` later requests with `key` are about."""
        self._provided[resource, tenant, key] = value

    def refer_to(self, resource: str, maker: Signature, label: int, *, tenant: int = 0, key: int = 1) -> None:
        """Say that later requests with `key` are about the record that the request `label` of `maker` made."""
        self.provided(resource, tenant, key, self.id_of(maker, label, resource))

    def read_back(self, signature: Signature, key: int = 1, tenant: int = 0) -> None:
        """Add requests that show what is stored now, through every operation that does so and leaves it as it is."""
        resource = signature.updates or signature.replaces or signature.deletes
        for reader in self.subject.signatures:
            finds = reader.finds_by_key == resource or reader.operation.method == "GET"
            if finds and resource in reader.gives:
                self.call(reader, f"read the stored {resource}", key=key, tenant=tenant)

    def look_at(self, maker: Signature, label: int) -> None:
        """Add a request that shows what the request `label` of `maker` made, where an operation shows it by its id."""
        resource = maker.makes[-1]
        for reader in self.subject.signatures:
            ids = [slot for slot in reader.ids_of(resource) if slot.location == "path"]
            if ids and reader.operation.method == "GET" and resource in reader.gives:
                self.call(reader, f"the {resource}", path={ids[-1].name: self.id_of(maker, label, resource)})
                return

    def prepare(self, signature: Signature) -> None:
        """Make what an operation changes, removes or reads."""
        resource = signature.updates or signature.deletes
        if resource and not self._is_of_caller(signature):
            if not self.subject.makers_of(resource):
                raise Unprovidable(resource)
            for slot in signature.ids_of(resource)[:1]:
                self.provide(signature, slot, 0)
            if not signature.ids_of(resource) and signature.key_resource == resource:
                self._make_of_key(resource, "create the record that the next request is about")
        elif not signature.makes and signature.keys:
            self._make_of_key(signature.key_resource, "create the record that is read next")

    def _make_of_key(self, resource: str, note: str) -> None:
        for maker in self.subject.keyed_makers_of(resource)[:1]:
            self.call(maker, note, fill="full", variant=1)

    def check(self, signature: Signature) -> None:
        """Look at what is stored after requests that had to be refused."""
        if signature.updates or signature.deletes:
            self.read_back(signature)
            if signature.updates:
                self.call(signature, "a valid update after the rejected ones", variant=3, fill="full", pause=PAUSE)
                self.call(signature, "another valid update", variant=4)
        else:
            self.call(signature, "a valid request", variant=1)
            for reader in self.subject.signatures:
                if reader.lists and reader.lists in signature.makes and not signature.keys:
                    self.call(reader, "list all records")

    def _made(self, signature: Signature, name: str, tenant: int, key: int, *, changed: bool) -> Template:
        makers = self.subject.makers_of(name)
        if not makers:
            if changed:
                raise Unprovidable(name)
            return Tagged(f"{self.subject.contract.resources[name].id_prefix}{TAG}")
        wanted = {slot.resource.name for slot in signature.slots if slot.role == "id" and slot.resource}
        maker = max(makers, key=lambda other: len(wanted & {slot.resource.name for slot in other.slots if slot.resource}))
        if name in self._making:
            raise Unprovidable(name)
        self._making.append(name)
        try:
            label = self.call(maker, f"create the {name} that the test needs", tenant=tenant, key=key, fill="full")
        finally:
            self._making.pop()
        return self.id_of(maker, label, name)

    def _fills(self, slot: Slot, fill: Fill) -> bool:
        """Say whether a request gives a value to a slot: what refers to records of its own kind does so once, not on and on."""
        is_again = slot.role == "id" and slot.resource is not None and slot.resource.name in self._making
        return slot.required or (fill == "full" and not is_again)

    def _filled(self, signature: Signature, slot: Slot, tenant: int, key: int, variant: int) -> Template:
        if slot.role == "key":
            return slot.key(key)
        if slot.role == "id":
            id = self.provide(signature, slot, tenant, key)
            return [id] if slot.is_several else id
        return slot.value(variant)

    def _derives(self, signature: Signature, slot: Slot) -> bool:
        """Say whether a field may be derived from others, so that leaving it out tells more."""
        resources = {step.resource.name: step.resource for step in signature.operation.steps}
        return any(derived.field == slot.name for resource in resources.values() for derived in resource.derived)


def playable(writers: Iterable[Callable[[], ScenarioBuilder]]) -> Iterator[Scenario]:
    """Yield the scenarios of writers, each one that can be played with what is known."""
    for write in writers:
        try:
            yield write().scenario()
        except Unprovidable:
            continue
