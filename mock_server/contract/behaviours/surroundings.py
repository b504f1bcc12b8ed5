"""What the steps of one operation may refer to, and reading the expressions by which they do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mock_server.contract.behaviours.assumptions import Decisions
from mock_server.contract.behaviours.declarations import Declaration
from mock_server.contract.behaviours.expressions import GRAMMAR, Expression, FromBody, FromParameter, FromStep, parse_expression
from mock_server.contract.documents.document import Node
from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.model import Parameter, RequestBody, Resource, Response, Step, Value
from mock_server.contract.schemas.checks import Schemas
from mock_server.contract.schemas.schema import Schema
from mock_server.contract.unread import Unread


@dataclass
class UnreadParts:
    """Which parts of an operation could not be read in full, so that what seems to be missing there may be no mistake."""

    parameters: bool
    body: bool
    responses: bool
    broken: list[Node] = field(default_factory=list)
    """The parts of requests that cannot be read: an operation with any cannot be answered."""


@dataclass
class Surroundings:
    """What the steps of one operation may refer to."""

    resources: Mapping[str, Resource]
    unread: Unread
    unread_parts: UnreadParts
    decisions: Decisions
    schemas: Schemas
    parameters: tuple[Parameter, ...]
    body: RequestBody | None
    responses: Mapping[str, Response]
    secured: bool
    results: dict[str, Step] = field(default_factory=dict)
    unread_results: set[str] = field(default_factory=set)
    """Names of the results of steps that are wrong, so that what refers to them is not called wrong too."""

    has_nameless_unread: bool = False
    """Whether a step is wrong whose result has no name that could be read: then any name may be meant for it."""

    @property
    def body_schema(self) -> Schema | None:
        """The schema of the body whose parts have names: that of JSON, if the operation takes it."""
        return self.body.schema if self.body else None

    @property
    def body_schemas(self) -> tuple[Schema | None, ...]:
        """The schemas of which a body satisfies one, that of its media type; None for bodies that are held to none."""
        if self.body is None:
            return (None,)
        objects: list[Schema | None] = list(self.body.objects.values())
        found = objects or [media.schema for media in self.body.content.values()]
        return tuple({schema.target if schema else None: schema for schema in found}.values())

    def note_unread(self, step: Node, declaration: Declaration | None) -> None:
        """Note that a step could not be read: whatever name its result has, what refers to it is not wrong."""
        name = step.value.get("as") if isinstance(step.value, dict) else None
        if isinstance(name, str):
            self.unread_results.add(name)
        elif declaration is None:
            self.has_nameless_unread = True


class ExpressionReader:
    """Reads the expressions of one step and tells what the document shows about their values."""

    def __init__(self, node: Node, surroundings: Surroundings) -> None:
        self.node = node
        self.around = surroundings
        self.all_read = True
        """Whether every value so far could be read; else what seems to lack may be there."""

    def value(self, node: Node) -> Value | None:
        """Return the value that `node` declares; None, with flaws noted, when it is wrong."""
        value: Value | None = self.around.decisions.read(node, self.expression)
        self.all_read &= value is not None
        return value

    def expression(self, node: Node, raw: object) -> Expression | None:
        """Return the expression `raw`; None, with a flaw noted at `node`, when it leads nowhere."""
        expression = self.linked(node, raw)
        self.all_read &= expression is not None
        return expression

    def linked(self, node: Node, raw: object) -> Expression | None:
        """Return the expression that `raw` is, if what it refers to is there; None, with a flaw noted, when it is not."""
        try:
            expression = parse_expression(raw)
        except ValueError:
            node.flaw(f"{piece(raw)} is not an expression", f"expressions are {GRAMMAR}; $$ begins a literal $")
            return None
        if isinstance(expression, FromParameter):
            known = [parameter.name for parameter in self.around.parameters if parameter.location == expression.location]
            if expression.name not in known:
                if self.around.unread_parts.parameters:
                    return None
                hint = did_you_mean(expression.name, known)
                node.flaw(f"the operation has no {expression.location} parameter {piece(expression.name)}", hint)
                return None
        if isinstance(expression, FromBody) and self.source(expression) is None:
            if self.around.unread_parts.body:
                return None
            names = self.around.body_schema.properties if self.around.body_schema else {}
            message = (
                "the schema of the body has no such part" if names else "the operation has no JSON body or form with a schema"
            )
            node.flaw(f"{piece(raw)}: {message}", did_you_mean(expression.tokens[-1] if expression.tokens else "", names))
            return None
        if isinstance(expression, FromStep):
            step = self.around.results.get(expression.name)
            if step is None and (self.around.has_nameless_unread or expression.name in self.around.unread_results):
                return None
            if step is None:
                known_steps = [name for name in self.around.results if not name.startswith("step-")]
                node.flaw(f"no earlier step is named {piece(expression.name)}", did_you_mean(expression.name, known_steps))
                return None
            if expression.field is not None and expression.field not in step.resource.fields:
                hint = did_you_mean(expression.field, step.resource.fields)
                node.flaw(f"{step.resource.name} has no field {piece(expression.field)}", hint)
                return None
        return expression

    def source(self, expression: Expression) -> Schema | None:
        """Return the schema that the values of `expression` satisfy, where there is one."""
        if isinstance(expression, FromParameter):
            found = (p for p in self.around.parameters if (p.location, p.name) == (expression.location, expression.name))
            return next(found).check.schema
        if isinstance(expression, FromStep):
            resource = self.around.results[expression.name].resource
            return resource.fields[expression.field].schema if expression.field else resource.schema
        if isinstance(expression, FromBody):
            return _part_of(self.around.body_schema, expression)
        return None

    def sources(self, expression: Expression) -> tuple[Schema | None, ...]:
        """Return the schemas of which the values of `expression` satisfy one, None where there is none: bodies of several media
        types may have one each."""
        if not isinstance(expression, FromBody):
            return (self.source(expression),)
        return tuple(_part_of(schema, expression) for schema in self.around.body_schemas)

    def may_be_absent(self, expression: Expression) -> bool:
        """Say whether a request that the contract lets through may leave the value of `expression` out."""
        if isinstance(expression, FromParameter):
            found = (p for p in self.around.parameters if (p.location, p.name) == (expression.location, expression.name))
            return next(found).may_be_absent
        if isinstance(expression, FromStep) and expression.field:
            return not self.around.results[expression.name].resource.fields[expression.field].required
        if isinstance(expression, FromBody) and expression.tokens:
            around = self.sources(FromBody(expression.tokens[:-1]))
            is_required = all(
                schema is not None and expression.tokens[-1] in schema.required_in("request") for schema in around
            )
            return not is_required or self.may_be_absent(FromBody(expression.tokens[:-1]))
        return isinstance(expression, FromBody) and not (self.around.body and self.around.body.required)


def _part_of(body: Schema | None, expression: FromBody) -> Schema | None:
    """Return the schema of the part of a body that an expression names."""
    for token in expression.tokens:
        body = body.properties.get(token) if body else None
    return body
