"""Where in the answers of an operation which resource stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from mock_server.contract.behaviours.expressions import (
    Concatenation,
    Count,
    Expression,
    FromStep,
    FromThis,
    ObjectOf,
    Outcomes,
    Viewed,
    WholeThis,
    walk,
)
from mock_server.contract.files.source import pointer_to
from mock_server.contract.model import Contract, Operation, Resource, View


@dataclass(frozen=True, slots=True)
class RecordShape:
    """A record of `resource`; `nested` are the fields in which another record stands. A `view` shows it in another way."""

    resource: Resource
    nested: Mapping[str, RecordShape]
    view: View | None = None
    embedded: Mapping[str, RecordShape] = field(default_factory=dict)
    """The records that may be shown in full beside or in place of their ids."""

    @property
    def id(self) -> str:
        """The property that tells which record it is; an empty text where none does."""
        if self.view is None:
            return self.resource.id
        return next((name for name, shown in self.view.members.items() if shown == FromThis(self.resource.id)), "")


@dataclass(frozen=True, slots=True)
class ListShape:
    """A list of records, of the step with a name."""

    item: RecordShape
    step: str = ""
    is_whole: bool = False
    """Whether it is what the request came to, so that nothing of others is in it."""


@dataclass(frozen=True, slots=True)
class ListsShape:
    """Several lists of records, one after the other."""

    lists: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class ObjectShape:
    """An object that the behaviour puts together."""

    members: Mapping[str, Shape]


@dataclass(frozen=True, slots=True)
class PlainShape:
    """A plain value; `field` says which field of which resource it is, where it is one, else `made_of` what makes it."""

    field: tuple[Resource, str] | None = None
    made_of: Expression | None = None


@dataclass(frozen=True, slots=True)
class SeveralShape:
    """The values of one field of several records, in their order."""

    of: PlainShape


@dataclass(frozen=True, slots=True)
class OutcomesShape:
    """What a step came to for each of several: what is told of those that were done, and of those that were refused."""

    done: Shape
    refused: Shape


Shape: TypeAlias = RecordShape | ListShape | ListsShape | ObjectShape | PlainShape | SeveralShape | OutcomesShape


def answer_shape(operation: Operation, contract: Contract) -> Shape:
    """Return the shape of what `operation` answers when it succeeds."""
    if operation.behaviour is None:
        return PlainShape()
    steps = {step.name: step for step in operation.behaviour.steps}

    def shape(template: object, this: Resource | None = None) -> Shape:
        if isinstance(template, (dict, ObjectOf)):
            members = template if isinstance(template, dict) else template.members
            return ObjectShape({key: shape(member, this) for key, member in members.items()})
        if isinstance(template, Outcomes):
            return OutcomesShape(shape(template.done, steps[template.of.name].resource), shape(template.refused))
        if isinstance(template, WholeThis):
            return record_shape(contract.resources[template.resource], contract)
        if isinstance(template, FromThis) and this is not None:
            return PlainShape((this, template.field))
        if isinstance(template, FromStep):
            step = steps[template.name]
            if template.field is not None:
                plain = PlainShape((step.resource, template.field))
                return SeveralShape(plain) if step.each is not None else plain
            record = record_shape(step.resource, contract)
            return ListShape(record, step.name, step.each is not None) if step.is_list else record
        if isinstance(template, Viewed):
            step = steps[template.of.name]
            viewed = RecordShape(step.resource, {}, contract.views[template.view])
            return ListShape(viewed, step.name, step.each is not None) if step.is_list else viewed
        if isinstance(template, Concatenation):
            return ListsShape(tuple(shape(one) for one in template.lists))
        return PlainShape(made_of=template)  # type: ignore[arg-type]  # nothing else is in a template

    return shape(operation.behaviour.answer.template)


def counts_strangers(expression: Expression | None) -> bool:
    """Say whether a value counts records by something else than the id of one: then what the run did not make counts too."""
    counts = [part for part in walk(expression) if isinstance(part, Count)] if expression is not None else []
    return any(not any(_is_id(value) for value in count.where.values()) for count in counts)


def _is_id(expression: Expression) -> bool:
    return isinstance(expression, FromThis | FromStep) and expression.field in (None, "id")


def record_shape(resource: Resource, contract: Contract) -> RecordShape:
    """Return the shape in which records of `resource` are shown."""
    nested = {
        field.name: record_shape(contract.resources[field.refers_to], contract)
        for field in resource.fields.values()
        if field.refers_to is not None
    }
    embedded = {one.name: RecordShape(contract.resources[one.to], {}) for one in resource.embedded}
    return RecordShape(resource, nested, embedded=embedded)


def shown_records(shape: Shape, pointer: str = "") -> Iterator[tuple[str, Resource]]:
    """Yield the pointer and the resource of every record that always stands in an answer."""
    if isinstance(shape, RecordShape) and shape.view is None:
        yield pointer, shape.resource
        for name, nested in shape.nested.items():
            yield from shown_records(nested, pointer + pointer_to(name))
    elif isinstance(shape, ObjectShape):
        for name, member in shape.members.items():
            yield from shown_records(member, pointer + pointer_to(name))


def named_records(shape: Shape, pointer: str = "") -> Iterator[tuple[str, Resource]]:
    """Yield the pointer and the resource of every object that a behaviour puts together and that has the id of a record."""
    for name, member in shape.members.items() if isinstance(shape, ObjectShape) else ():
        if isinstance(member, PlainShape) and member.field is not None and member.field[1] == member.field[0].id == name:
            yield pointer, member.field[0]
        yield from named_records(member, pointer + pointer_to(name))


def is_told(shape: Shape | None) -> bool:
    """Say whether a place of an answer holds no record and no list of them."""
    return not isinstance(shape, (ListShape, ListsShape, RecordShape))
