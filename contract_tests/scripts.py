"""Writing scenarios: a script fills in what an operation needs, and makes first what it refers to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from contract_tests.forms import Form, Slot
from contract_tests.moves import LEFT, TAG, Found, Move, Party, Scenario, Tagged, Template
from mock_server.contract.model import Resource
from mock_server.contract.source import pointer_to

Fill: TypeAlias = Literal["required", "full"]


class Unprovidable(Exception):  # noqa: N818 (such a scenario is left out; nothing is wrong)
    """Raised where an operation needs a record that nothing known makes, and that the run must not change."""


class Script:
    """A scenario while it is written."""

    def __init__(self, forms: Sequence[Form], parties: Sequence[Party], title: str, part: Any = "lockstep") -> None:
        self.forms = forms
        self.parties = parties
        self.title = title
        self.part = part
        self.moves: list[Move] = []
        self._provided: dict[tuple[str, int, int], Template] = {}

    def scenario(self) -> Scenario:
        """Return what was written."""
        return Scenario(self.title, tuple(self.moves), self.part)

    def call(
        self,
        form: Form,
        note: str,
        *,
        party: int = 0,
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
        """Add a move and return its label. `values` go before what is filled in; one that is `LEFT` is left out.

        `key` numbers the key that the operation is given; the same number is the same key throughout the scenario.
        """
        filled: dict[str, Template] = {}
        for slot in form.of("body"):
            if slot.required or (fill == "full" and not self._derives(form, slot)):
                filled[slot.name] = self._filled(form, slot, party, key, variant)
        filled.update(values or {})
        filled = {name: value for name, value in filled.items() if value is not LEFT}
        given = {
            slot.name: self._filled(form, slot, party, key, variant)
            for slot in form.of("path")
            if slot.name not in (path or {})
        }
        if form.operation.body is None:
            sent: Template = LEFT
        else:
            sent = filled if body is None else body
        asked = {slot.name: slot.value(variant) for slot in form.of("query") if slot.required}
        label = len(self.moves) + 1
        parts = {**given, **(path or {})}, {**asked, **(query or {})}, dict(headers or {})
        move = Move(label, form.operation, note, party, *parts, sent, **more)
        self.moves.append(move)
        return label

    def id_of(self, form: Form, label: int, resource: str) -> Found:
        """Return the id of a resource in the answer to the move `label` of `form`."""
        pointer = form.gives[resource]
        id_field = self.resource(resource).id
        return Found(label, pointer + pointer_to(id_field))

    def resource(self, name: str) -> Resource:
        """Return a resource by name."""
        for form in self.forms:
            for step in form.operation.behaviour.steps if form.operation.behaviour else ():
                if step.resource.name == name:
                    return step.resource
        raise LookupError(name)

    def provide(self, form: Form, slot: Slot, party: int, key: int = 1) -> Template:
        """Return the id of a record that `slot` may refer to: a known one, else one that is made for it.

        A record that the operation changes or removes is always one that the scenario made.
        """
        if slot.resource is None:
            raise LookupError(slot.name)
        name = slot.resource.name
        changed = name in (form.updates, form.deletes)
        known = self.parties[party].known.get(name, ()) if party < len(self.parties) else ()
        if known and not changed:
            return known[0]
        place = (name, party, key)
        if place not in self._provided:
            self._provided[place] = self._made(form, name, party, key, changed=changed)
        return self._provided[place]

    def provided(self, resource: str, party: int, key: int, value: Template) -> None:
        """Say which record of `resource` later moves with `key` are about."""
        self._provided[resource, party, key] = value

    def _made(self, form: Form, name: str, party: int, key: int, *, changed: bool) -> Template:
        makers = makers_of(self.forms, name)
        if not makers:
            if changed:
                raise Unprovidable(name)
            return Tagged(f"{self.resource(name).id_prefix}{TAG}")
        wanted = {slot.resource.name for slot in form.slots if slot.role == "id" and slot.resource}
        maker = max(makers, key=lambda other: len(wanted & {slot.resource.name for slot in other.slots if slot.resource}))
        label = self.call(maker, f"make the {name} that is needed next", party=party, key=key, fill="full")
        return self.id_of(maker, label, name)

    def _filled(self, form: Form, slot: Slot, party: int, key: int, variant: int) -> Template:
        if slot.role == "key":
            return slot.key(key)
        if slot.role == "id":
            return self.provide(form, slot, party, key)
        return slot.value(variant)

    def _derives(self, form: Form, slot: Slot) -> bool:
        """Say whether a field may be derived from others, so that leaving it out tells more."""
        resources = (
            {step.resource.name: step.resource for step in form.operation.behaviour.steps} if form.operation.behaviour else {}
        )
        return any(derived.field == slot.name for resource in resources.values() for derived in resource.derived)


def makers_of(forms: Sequence[Form], resource: str) -> list[Form]:
    """Return the operations that make a resource and show it."""
    return [form for form in forms if resource in form.makes and resource in form.gives]
