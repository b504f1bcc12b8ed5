"""What each operation takes and gives, read from its behaviour: which values are keys, which are ids, which are free."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as field_of_class
from datetime import date, timedelta
from typing import Any, Literal

from contract_tests.oracle.shapes import answer_shape, named_records, shown_records
from contract_tests.scenarios.templates import OMITTED, TAG, Tagged, TaggedNumber, TaggedUuid, Template
from mock_server.contract.behaviours.expressions import FromBody, FromItem, FromParameter
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract, Operation, Resource, Step, Value
from mock_server.contract.sampling.dice import Dice
from mock_server.contract.sampling.least import sample
from mock_server.contract.sampling.patterns import matching
from mock_server.contract.schemas.checks import SchemaCheck
from mock_server.contract.schemas.schema import Schema
from mock_server.contract.step_rules import Occasion
from mock_server.engine.verbs import Delete, FindOrCreate, List, Replace, Update

LARGEST = 2**31 - 1
LONGEST_MATCH = 255
"""How long a text is at most that is made to match a pattern."""

DAY = date(2026, 1, 15)
"""The day that values begin with."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A value that an operation takes. `resource` and `field` say which key or id it is, for one of those."""

    location: Literal["body", "path", "query", "header", "cookie", "item"]
    name: str
    schema: Schema
    check: SchemaCheck
    required: bool
    role: Literal["key", "id", "free"]
    resource: Resource | None = None
    field: str = ""
    stored: tuple[SchemaCheck, ...] = ()
    """What the fields that it is written to ask for beside."""

    known: dict[int, Json] = field_of_class(default_factory=dict, compare=False, repr=False)
    """Its values so far, by variant."""

    @property
    def types(self) -> frozenset[str]:
        """The JSON types that it may have."""
        return self.schema.types

    @property
    def is_text(self) -> bool:
        """Whether any text will do, as far as its schema says."""
        return "string" in self.types and not self.choices

    @property
    def choices(self) -> tuple[Json, ...]:
        """The values that its schema lists, if it does."""
        return tuple(value for value in self.schema.values or () if self.accepts(value))

    @property
    def is_address(self) -> bool:
        """Whether it holds an email address, by its name or its format."""
        return "email" in self.schema.formats or "email" in (self.field or self.name).lower()

    @property
    def is_several(self) -> bool:
        """Whether it holds a list of ids, and not one."""
        return self.role == "id" and "array" in self.types

    @property
    def argument(self) -> str:
        """The argument of `ScenarioBuilder.call` that sets it."""
        return {"body": "values", "header": "headers"}.get(self.location, self.location)

    def accepts(self, value: Json) -> bool:
        """Say whether a value is valid whatever is chosen."""
        return self.check.strictest.is_valid(value)

    def value(self, variant: int) -> Json:
        """Return a valid value; another variant is another value where the schema has more than one."""
        if variant not in self.known:
            self.known[variant] = self._value(variant)
        return self.known[variant]

    def _value(self, variant: int) -> Json:
        choices = [choice for choice in self.choices if self.fits(choice)]
        if choices:
            return choices[variant % len(choices)]
        samples = [sample(check.schema) for check in (*self.stored, self.check)]
        candidates: list[Json] = []
        for form in ("date", "date-time") if "string" in self.types else ():
            if form in self.schema.formats:
                day = (DAY + timedelta(days=variant)).isoformat()
                candidates.append(day if form == "date" else f"{day}T09:30:00Z")
        if "string" in self.types:
            candidates.append(f"{self.name.replace('_', ' ').capitalize()} {variant}")
            candidates += self._of_patterns(variant)
        if "number" in self.types:
            bases = [base for base in samples if isinstance(base, int) and not isinstance(base, bool)]
            candidates += [base + variant for base in bases]
        if "boolean" in self.types:
            candidates.append(variant % 2 == 0)
        if "array" in self.types:
            candidates += [[f"{self.name} {variant}", "two"], [variant]]
            listed = (self.schema.items.values if self.schema.items else None) or ()
            candidates += [[listed[variant % len(listed)]]] if listed else []
        return next((value for value in [*candidates, *samples] if self.fits(value)), samples[-1])

    def _of_patterns(self, variant: int) -> list[Json]:
        """Return texts that match a pattern that is asked for; another variant gives other ones."""
        made = []
        for schema in (self.schema, *(check.schema for check in self.stored)):
            most = LONGEST_MATCH if schema.max_length is None else min(schema.max_length, LONGEST_MATCH)
            texts = (matching(pattern, Dice(variant), schema.min_length, most) for pattern in schema.patterns)
            made += [text for text in texts if text is not None]
        return made

    def fits(self, value: Json) -> bool:
        """Say whether a value is valid, and may be stored."""
        return self.accepts(value) and all(check.strictest.is_valid(value) for check in self.stored)

    def key(self, number: int) -> Template:
        """Return a key value that only this playing of a scenario has; each number is another one."""
        if "uuid" in self.schema.formats:
            return TaggedUuid(number)
        if "string" not in self.types:
            least, most = self.schema.minimum, self.schema.maximum
            return TaggedNumber(number, 1 if least is None else int(least), LARGEST if most is None else int(most))
        name = self.field or self.name  # one operation may have in its path what another one has in its body
        return Tagged(f"ann{number}.{TAG}@example.com" if self.is_address else f"{name}-{TAG}-{number}")


@dataclass(frozen=True, slots=True)
class BodyList:
    """A list in a body for each of whose elements a step is done."""

    at: tuple[str, ...]
    """Where in the body it stands."""

    slots: tuple[Slot, ...]
    """What is taken of each element."""

    needed: bool
    """Whether a request lacks something without it: records are made of it, or the body requires it."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What one operation takes and gives. `gives` holds the pointer of each record that its answer shows, by resource."""

    operation: Operation
    slots: tuple[Slot, ...]
    gives: Mapping[str, str]
    makes: tuple[str, ...]
    """The resources that it may make."""
    finds_by_key: str = ""
    """The resource that it finds or creates by its natural key."""
    updates: str = ""
    """The resource that it updates, or replaces where it is there."""
    replaces: str = ""
    """The resource that it replaces, or makes (an upsert) where it is not there: it is given the whole record."""
    deletes: str = ""
    """The resource that it deletes."""
    lists: str = ""
    """The resource that it lists."""
    lists_in: tuple[BodyList, ...] = ()
    """The lists that it takes, or the one that its body is."""

    def of(self, location: str) -> list[Slot]:
        """Return the slots of one part of the request."""
        return [slot for slot in self.slots if slot.location == location]

    def ids_of(self, resource: str) -> list[Slot]:
        """Return its slots that hold ids of a resource."""
        return [slot for slot in self.slots if slot.role == "id" and slot.resource and slot.resource.name == resource]

    @property
    def ids(self) -> list[Slot]:
        """Its slots that hold ids, in the path."""
        return [slot for slot in self.of("path") if slot.role == "id"]

    @property
    def deciders(self) -> list[Slot]:
        """Its slots that decide whether a step is done."""
        steps = self.operation.steps
        return [slot for slot in (self.deciding(one) for step in steps for one in step.occasions) if slot is not None]

    def deciding(self, occasion: Occasion) -> Slot | None:
        """Return the slot for the value that decides whether a step is done, where it is a parameter or a property."""
        match occasion.value:
            case FromBody((name,)):
                place = ("body", name)
            case FromParameter(location, name):
                place = (location, name)
            case _:
                return None
        return next((slot for slot in self.slots if (slot.location, slot.name) == place), None)

    def values_deciding(self, occasion: Occasion, *, holds: bool) -> list[Template]:
        """Return values that may be sent for which a condition holds, or does not; the one that is left out last."""
        slot = self.deciding(occasion)
        if slot is None:
            return []
        known = [*occasion.among, *slot.choices, *(slot.value(variant) for variant in (1, 2))]
        fitting = [one for one in dict.fromkeys(known) if one is not None and slot.accepts(one)]
        found: list[Template] = [one for one in fitting if (one in occasion.among) is (occasion.is_among is holds)]
        if not slot.required and (None in occasion.among) is (occasion.is_among is holds):
            found.append(OMITTED)
        return found

    @property
    def removing(self) -> dict[str, Template]:
        """The query that has it remove what it removes, where a parameter decides that."""
        steps = self.operation.steps
        occasions = [one for step in steps if step.removes for one in step.occasions]
        slots = {slot.name: self.values_deciding(one, holds=True) for one in occasions if (slot := self.deciding(one))}
        return {slot.name: slots[slot.name][0] for slot in self.of("query") if slots.get(slot.name)}

    @property
    def keys(self) -> list[Slot]:
        """Its slots that hold parts of keys."""
        return [slot for slot in self.slots if slot.role == "key"]

    @property
    def key_resource(self) -> str:
        """The resource whose key it is given; an empty text where there is none."""
        return next((slot.resource.name for slot in self.keys if slot.resource), "")

    @property
    def without_key(self) -> dict[str, Template]:
        """Values for `ScenarioBuilder.call` that leave the key out of a body that may lack it."""
        return {slot.name: OMITTED for slot in self.keys if slot.location == "body" and not slot.required}

    def with_key(self, number: int) -> dict[str, Template]:
        """Return values for `ScenarioBuilder.call` that give another key in the body."""
        return {slot.name: slot.key(number) for slot in self.keys if slot.location == "body"}

    @property
    def free(self) -> list[Slot]:
        """The free slots of its body."""
        return [slot for slot in self.slots if slot.role == "free" and slot.location == "body"]


def read_signatures(contract: Contract) -> list[Signature]:
    """Return a signature for each operation whose behaviour is declared, and for those that do nothing but answer."""
    return [
        read_signature(operation, contract)
        for operation in contract.operations
        if operation.behaviour or operation.method == "GET"
    ]


def read_signature(operation: Operation, contract: Contract) -> Signature:
    """Return what an operation takes and gives."""
    roles = dict(_roles(operation, contract.resources))
    stored = _stored(operation)
    slots = []
    for parameter in operation.parameters:
        role, resource, field = roles.get((parameter.location, parameter.name), ("free", None, ""))
        slots.append(
            Slot(
                parameter.location,  # type: ignore[arg-type]  # the loader knows no other
                parameter.name,
                parameter.check.schema,
                parameter.check,
                parameter.required,
                role,  # type: ignore[arg-type]  # one of the three
                resource,
                field,
            )
        )
    body = body_schema(operation)
    for name, schema in body.properties.items() if body else ():
        role, resource, field = roles.get(("body", name), ("free", None, ""))
        check = contract.schemas.check(schema, "request")
        needed, checks = body is not None and name in body.required_in("request"), tuple(stored.get(name, ()))
        slots.append(Slot("body", name, schema, check, needed, role, resource, field, checks))  # type: ignore[arg-type]
    steps = operation.steps
    makes = tuple(step.resource.name for step in steps if step.makes)
    shape = answer_shape(operation, contract)
    named = ((pointer, resource) for pointer, resource in named_records(shape) if resource.name in makes)
    gives = {resource.name: pointer for pointer, resource in reversed([*shown_records(shape), *named])}
    return Signature(
        operation,
        tuple(slots),
        gives,
        makes,
        finds_by_key=_first(steps, FindOrCreate),
        updates=_first(steps, Update) or _first([step for step in steps if not step.makes], Replace),
        replaces=_first(steps, Replace),
        deletes=_first(steps, Delete),
        lists=_first(steps, List),
        lists_in=tuple(_lists_in(operation, contract)),
    )


def _lists_in(operation: Operation, contract: Contract) -> Iterator[BodyList]:
    """Yield the lists in the body of an operation for each of whose elements a step is done."""
    roles = dict(_roles(operation, contract.resources))
    seen: set[tuple[str, ...]] = set()
    for step in operation.steps:
        if step.each is None or step.each.of.tokens in seen:
            continue
        at = step.each.of.tokens
        seen.add(at)
        part, needed = body_schema(operation), step.makes
        for token in at:
            needed |= part is not None and token in part.required_in("request")
            part = part.properties.get(token) if part else None
        schema = part.items if part else None
        if schema is None or (at and "object" not in schema.types):  # a list of plain values is a value like any other
            continue
        slots = []
        for name, property_schema in schema.properties.items():
            role, resource, field = roles.get((item_of(at), name), ("free", None, ""))
            check, is_required = contract.schemas.check(property_schema, "request"), name in schema.required_in("request")
            slot = Slot("item", name, property_schema, check, is_required, role, resource, field)  # type: ignore[arg-type]
            slots.append(slot)
        yield BodyList(at, tuple(slots), needed)


def item_of(at: tuple[str, ...]) -> str:
    """Return what stands for the element of a list of the body, among the parts of a request."""
    return "/".join(("item", *at))


def _stored(operation: Operation) -> dict[str, list[SchemaCheck]]:
    """Return what the fields ask for that properties of the body are written to, where the body does not ask for it."""
    found: dict[str, list[SchemaCheck]] = {}
    for step in operation.steps:
        for write in step.written:
            expression = write.value.possible()[0]
            if write.check is not None and isinstance(expression, FromBody) and len(expression.tokens) == 1:
                found.setdefault(expression.tokens[0], []).append(write.check)
    return found


def body_schema(operation: Operation) -> Schema | None:
    """Return the schema of the body that an operation takes."""
    return operation.body.schema if operation.body else None


def _first(steps: Sequence[Any], kind: type[Any]) -> str:
    return next((step.resource.name for step in steps if isinstance(step, kind)), "")


def _roles(
    operation: Operation, resources: Mapping[str, Resource]
) -> Iterator[tuple[tuple[str, str], tuple[str, Resource, str]]]:
    """Yield which place of a request is which key or id; the first thing that a behaviour does with it decides."""
    found: dict[tuple[str, str], tuple[str, Resource, str]] = {}

    def note(step: Step, value: Value, role: str, resource: Resource, field: str) -> None:
        expression = value.possible()[0]
        if isinstance(expression, FromParameter):
            found.setdefault((expression.location, expression.name), (role, resource, field))
        elif isinstance(expression, FromBody) and len(expression.tokens) == 1:
            found.setdefault(("body", expression.tokens[0]), (role, resource, field))
        elif expression == FromItem(()) and role == "id" and step.each is not None and len(step.each.of.tokens) == 1:
            found.setdefault(("body", step.each.of.tokens[0]), (role, resource, field))
        elif isinstance(expression, FromItem) and step.each is not None and len(expression.tokens) == 1:
            found.setdefault((item_of(step.each.of.tokens), expression.tokens[0]), (role, resource, field))

    for step in operation.steps:
        resource = step.resource
        for field, value in step.found_by.items():
            if field == resource.id:
                note(step, value, "key" if step.makes else "id", resource, field)
            elif (reference := resource.references.get(field)) is not None:
                note(step, value, "id", resources[reference.to], resources[reference.to].id)
            elif field in resource.key:
                note(step, value, "key", resource, field)
            elif field in resource.slugs or _tells_apart(resource, field):
                note(step, value, "id", resource, field)
        for write in step.written:
            identifies = write.field == resource.id and step.makes
            if (reference := resource.references.get(write.field)) is not None and not identifies:
                note(step, write.value, "id", resources[reference.to], resources[reference.to].id)
            elif identifies or write.field in resource.key or any(write.field in group for group in resource.unique):
                note(step, write.value, "key", resource, write.field)
    return iter(found.items())


def _tells_apart(resource: Resource, field: str) -> bool:
    """Say whether no two records have the same in a field: none at all, or none of those that belong to the same, as the issues
    of a project are numbered."""
    groups = [group for group in resource.unique if field in group]
    return any(all(other == field or other in resource.references for other in group) for group in groups)
