"""What a contract says that mutants are derived from: which property goes where, what is looked up by which key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle
from typing import TypeVar

from contract_tests.oracle.shapes import answer_shape, shown_records
from mock_server.contract.behaviours.expressions import Expression, FromBody, FromCaller, FromParameter, Literal
from mock_server.contract.decisions import Decision
from mock_server.contract.files.source import Json
from mock_server.contract.messages.codecs import JSON
from mock_server.contract.model import Contract, Field, Operation, Resource, Step, Value, Write
from mock_server.contract.sampling.least import sample
from mock_server.contract.schemas.schema import Schema
from mock_server.engine.choices import Choices
from mock_server.engine.verbs import Create, Delete, Find, FindOrCreate, List, Replace, Update

One = TypeVar("One")
Other = TypeVar("Other")
WritingStep = FindOrCreate | Create | Update | Replace


@dataclass(frozen=True, slots=True)
class WrittenProperty:
    """A property of a request body that a step writes into a field of a resource."""

    operation: Operation
    step: WritingStep
    field: Field
    token: str
    schema: Schema

    @property
    def resource(self) -> Resource:
        """The resource that is written."""
        return self.step.resource

    @property
    def place(self) -> str:
        """The name of the property, with its operation."""
        return f"{self.operation.id}.{self.token}"

    @property
    def is_key(self) -> bool:
        """Whether it is a part of the key of its resource."""
        return self.field.name in self.resource.key

    @property
    def nullable(self) -> bool:
        """Whether null may be sent."""
        return self.schema.nullable

    @property
    def is_text(self) -> bool:
        """Whether it holds free text."""
        schema = self.schema
        return "string" in schema.types and schema.values is None and not schema.patterns and not schema.formats

    def takes(self, value: Json, contract: Contract) -> bool:
        """Say whether the request may send `value`, whatever the choices."""
        return contract.schemas.check(self.schema, "request").strictest.is_valid(value)


@dataclass(frozen=True, slots=True)
class KeyLookup:
    """An operation that finds or makes a record by its key; `tokens` are the properties of its body by field of the key."""

    operation: Operation
    step: FindOrCreate
    tokens: Mapping[str, str]

    @property
    def resource(self) -> Resource:
        """The resource that is looked up."""
        return self.step.resource

    def asked(self, body: object) -> dict[str, Json] | None:
        """Return the key that a body asks for, by field; None when it lacks a part."""
        if not isinstance(body, dict):
            return None
        asked = {field: body.get(token) for field, token in self.tokens.items()}
        return None if None in asked.values() else asked


@dataclass(frozen=True, slots=True)
class IdLookup:
    """A step that reaches a record by an id that stands in the path."""

    operation: Operation
    step: Find | Update | Replace | Delete
    parameter: str

    @property
    def resource(self) -> Resource:
        """The resource that is reached."""
        return self.step.resource


def settled(contract: Contract, decision: Decision[One]) -> One:
    """Return the outcome of a decision under the default choices."""
    return decision.settle(Choices(contract.defaults()))


def steps(contract: Contract) -> Iterator[tuple[Operation, Step]]:
    """Yield every step with its operation."""
    for operation in contract.operations:
        for step in operation.steps:
            yield operation, step


def body_schema(operation: Operation) -> Schema | None:
    """Return the schema of the JSON body of an operation."""
    media = operation.body.content.get(JSON) if operation.body else None
    return media.schema if media else None


def body_properties(operation: Operation) -> Mapping[str, Schema]:
    """Return the properties of the JSON body of an operation."""
    schema = body_schema(operation)
    return schema.properties if schema else {}


def sound_body(operation: Operation) -> Json:
    """Return a small valid body; an empty object for an operation that takes none."""
    schema = body_schema(operation)
    if schema is None or operation.body is None:
        return {}
    body = sample(schema)
    if isinstance(body, dict) and not operation.body.checks[JSON].strictest.is_valid(body):
        body = {name: sample(property_schema) for name, property_schema in schema.properties.items()} | body
    return body


def written_properties(contract: Contract) -> list[WrittenProperty]:
    """Return every property of a body that is written to a field as it is."""
    found = []
    for operation, step in steps(contract):
        if isinstance(step, (FindOrCreate, Create, Update, Replace)):
            properties = body_properties(operation)
            for write in step.writes:
                token = _token(write.value)
                if token in properties and write.field != step.resource.id:
                    field = step.resource.fields[write.field]
                    found.append(WrittenProperty(operation, step, field, token, properties[token]))
    return found


def key_lookups(contract: Contract) -> list[KeyLookup]:
    """Return every operation that finds or makes a record by a key that its body names."""
    found = []
    for operation, step in steps(contract):
        if isinstance(step, FindOrCreate):
            tokens = {write.field: _token(write.value) for write in step.writes if write.field in step.resource.key}
            if "" not in tokens.values() and set(tokens) == set(step.resource.key):
                found.append(KeyLookup(operation, step, tokens))
    return found


def id_lookups(contract: Contract) -> list[IdLookup]:
    """Return every step that reaches a record by an id in the path, the last one for each resource of an operation.

    None of them makes a record under that id.
    """
    found: dict[tuple[str, str], IdLookup] = {}
    for operation, step in steps(contract):
        if isinstance(step, (Find, Update, Replace, Delete)) and not step.makes and step.resource.id in step.where:
            expression = step.where[step.resource.id].possible()[0]
            if isinstance(expression, FromParameter) and expression.location == "path":
                found[operation.id, step.resource.name] = IdLookup(operation, step, expression.name)
    return list(found.values())


def carried_out(contract: Contract) -> list[Operation]:
    """Return the operations that a run may carry out to the end: none that removes what no operation makes."""
    made = {step.resource.name for _, step in steps(contract) if step.makes}
    removing = {
        operation.id for operation, step in steps(contract) if isinstance(step, Delete) and step.resource.name not in made
    }
    return [operation for operation in contract.operations if operation.id not in removing]


def goes_by_caller(step: Step) -> bool:
    """Say whether a step finds its record by the credential that a request shows: then it is there."""
    fixed = [value.fixed for value in step.found_by.values()]
    return bool(fixed) and all(isinstance(expression, FromCaller) for expression in fixed)


def place_of(contract: Contract, operation: Operation, resource: Resource) -> str | None:
    """Return the pointer at which the answers of an operation show a record of `resource`; None where they show none."""
    return next((place for place, one in shown_records(answer_shape(operation, contract)) if one == resource), None)


def is_readable(contract: Contract, resource: Resource, field: str) -> bool:
    """Say whether some answer shows this field of stored records without having to write it."""
    for operation, step in steps(contract):
        schema = body_schema(operation)
        demanded = schema.required_in("request") if schema else set()
        for place, shown in shown_records(answer_shape(operation, contract)):
            if shown == resource and place and step.resource != resource:
                return True
        if step.resource == resource and isinstance(step, (List, FindOrCreate)):
            return True
        updates = any(isinstance(one, (Update, Replace)) and one.resource == resource for one in operation.steps)
        if step.resource == resource and isinstance(step, Find) and not updates:
            return True
        if step.resource == resource and isinstance(step, Update):
            written = [write for write in step.writes if write.field == field]
            if not any(_token(write.value) in demanded for write in written):
                return True
    return False


def spread(ones: Iterable[One], others: list[Other]) -> Iterator[tuple[One, Other]]:
    """Pair each of `ones` with the next of `others`, from the start again when these are used up; none when there are none."""
    return zip(ones, cycle(others)) if others else iter(())


def may_be_null(contract: Contract, schema: Schema) -> bool:
    """Say whether null comes to stand in the field that `schema` is of, under the default choices."""
    resource, field, sources = _sources(contract, schema)
    if resource is None or field is None:
        return True
    if field.name in resource.server_made or field.name in resource.key:
        return field.nullable and field.name not in resource.key
    return not sources or any(isinstance(source, FromBody) or source == Literal(None) for source in sources)


def may_be_set(contract: Contract, schema: Schema) -> bool:
    """Say whether anything but null comes to stand in the field that `schema` is of, under the default choices."""
    resource, field, sources = _sources(contract, schema)
    if resource is None or field is None or field.name in resource.server_made or field.default is not None:
        return True
    return any(source != Literal(None) for source in sources)


def _sources(contract: Contract, schema: Schema) -> tuple[Resource | None, Field | None, list[Expression]]:
    """Return the field that `schema` is of, and where its values come from under the default choices."""
    for resource in contract.resources.values():
        for field in resource.fields.values():
            if field.schema.place == schema.place:
                writes = [write.value for write in _writes(contract, resource) if write.field == field.name]
                return resource, field, [settled(contract, value) for value in writes]
    return None, None, []


def _writes(contract: Contract, resource: Resource) -> Iterator[Write]:
    for _, step in steps(contract):
        if step.resource == resource:
            yield from step.written


def _token(value: Value) -> str:
    """Return the property of the body that a value is; an empty text when it is something else."""
    expressions = value.possible()
    if len(expressions) == 1 and isinstance(expressions[0], FromBody) and len(expressions[0].tokens) == 1:
        return expressions[0].tokens[0]
    return ""
