"""What the steps of one operation may refer to, and reading the expressions by which they do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mock_server.contract.behaviours.assumptions import Decisions
from mock_server.contract.behaviours.declarations import Declaration
from mock_server.contract.behaviours.expressions import (
    GRAMMAR,
    ByTime,
    Concatenation,
    Count,
    Expression,
    First,
    FromBody,
    FromCaller,
    FromItem,
    FromParameter,
    FromRefusal,
    FromStep,
    FromThis,
    Generated,
    Joined,
    ListOf,
    Literal,
    Now,
    ObjectOf,
    Outcome,
    Outcomes,
    Split,
    Sum,
    TextOf,
    Uuid,
    Viewed,
    WholeThis,
    parse_expression,
    walk,
    with_item,
)
from mock_server.contract.behaviours.operators import read_composed
from mock_server.contract.documents.document import Node
from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.files.source import Json
from mock_server.contract.messages.model import Parameter, RequestBody, Response
from mock_server.contract.model import Field, Resource, Step, Value, View
from mock_server.contract.schemas.checks import Schemas
from mock_server.contract.schemas.schema import Schema, node_of
from mock_server.contract.unread import Unread, UnreadParts


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
    views: Mapping[str, View] = field(default_factory=dict)
    callers: tuple[Resource, ...] = ()
    """The resources whose records a caller may authenticate by."""

    uses_caller: bool = False
    """Whether an expression so far refers to the record that the caller authenticates by."""

    used_parameters: set[tuple[str, str]] = field(default_factory=set)
    """Location and name of the parameters that expressions so far refer to."""

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
        self.this: Resource | None = None
        """The resource whose record `$this` is, where there is one."""

        self.told: Outcome | None = None
        """Of what outcome something is told: `$this` is the record that came of it, or `$refusal` tells why none did."""

        self.item: Schema | None = None
        """The schema of `$item`, where the step is done for each element of a list."""

        self.all_read = True
        """Whether every value so far could be read; else what seems to lack may be there."""

    @property
    def resources(self) -> Mapping[str, Resource]:
        """The resources that may be counted."""
        return self.around.resources

    @property
    def views(self) -> Mapping[str, View]:
        """The views by which something may be shown: none, but in an answer."""
        return {}

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

    def told_outcome(self, of: FromStep, told: Outcome, node: Node) -> Expression | None:
        """Return what `node` says of what a step came to for one of several; None, with a flaw noted, where it is wrong."""
        step, outer = self.around.results[of.name], (self.this, self.told)
        if step.each is None or "report" not in step.each.when_one_fails.possible():
            node.flaw(f"{of.name} has no such outcomes", "let its step have `each` and `when-one-fails: report`")
            return None
        self.this, self.told = step.resource if told == "done" else None, told
        expression = self.expression(node, node.value)
        self.this, self.told = outer
        return expression

    def linked(self, node: Node, raw: object) -> Expression | None:
        """Return the expression that `raw` is, if what it refers to is there; None, with a flaw noted, when it is not."""
        if isinstance(raw, (dict, list)):
            return read_composed(self, node)
        try:
            expression = parse_expression(raw)
        except ValueError:
            node.flaw(f"{piece(raw)} is not an expression", f"expressions are {GRAMMAR}; $$ begins a literal $")
            return None
        if self.item is not None:
            expression = with_item(expression)
        if isinstance(expression, WholeThis) and self.this is not None:
            expression = WholeThis(self.this.name)
        unlinked = [part for part in walk(expression) if not self._is_linked(node, raw, part)]
        return None if unlinked else expression

    def _is_linked(self, node: Node, raw: object, expression: Expression) -> bool:
        """Say whether what an expression refers to is there; else note a flaw, unless it may be in what could not be read."""
        if isinstance(expression, FromParameter):
            known = [parameter.name for parameter in self.around.parameters if parameter.location == expression.location]
            if expression.name not in known:
                if self.around.unread_parts.parameters:
                    return False
                hint = did_you_mean(expression.name, known)
                node.flaw(f"the operation has no {expression.location} parameter {piece(expression.name)}", hint)
                return False
            self.around.used_parameters.add((expression.location, expression.name))
        if isinstance(expression, FromBody) and self.source(expression) is None:
            if self.around.unread_parts.body:
                return False
            names = self.around.body_schema.properties if self.around.body_schema else {}
            message = (
                "the schema of the body has no such part" if names else "the operation has no JSON body or form with a schema"
            )
            node.flaw(f"{piece(raw)}: {message}", did_you_mean(expression.tokens[-1] if expression.tokens else "", names))
            return False
        if isinstance(expression, FromItem) and self.source(expression) is None:
            if not isinstance(self.node.value, dict) or "each" not in self.node.value:
                node.flaw(f"{piece(raw)}: the step is not done for each of several", "`each: $request.body#/POINTER`")
            elif self.item is not None:
                hint = did_you_mean(expression.tokens[-1] if expression.tokens else "", self.item.properties)
                node.flaw(f"{piece(raw)}: the schema of the elements has no such part", hint)
            return False
        if isinstance(expression, FromStep):
            step = self.around.results.get(expression.name)
            if step is None and (self.around.has_nameless_unread or expression.name in self.around.unread_results):
                return False
            if step is None:
                known_steps = [name for name in self.around.results if not name.startswith("step-")]
                node.flaw(f"no earlier step is named {piece(expression.name)}", did_you_mean(expression.name, known_steps))
                return False
            known_parts = step.parts
            if expression.field is not None and expression.field not in known_parts:
                what = f"a list of {step.resource.name} has" if step.is_list else f"{step.resource.name} has"
                no_part = "no value" if step.is_list else "no field"
                node.flaw(f"{what} {no_part} {piece(expression.field)}", did_you_mean(expression.field, known_parts))
                return False
        if isinstance(expression, FromCaller):
            return self._is_of_caller(node, expression)
        if isinstance(expression, (WholeThis, FromRefusal)):
            is_told = self.told == ("done" if isinstance(expression, WholeThis) else "refused")
            if not is_told:
                node.flaw(f"{piece(raw)}: no such outcome is told here", "it is for `$outcomes` of an answer")
            return is_told
        if isinstance(expression, FromThis):
            if self.this is None:
                node.flaw(f"{piece(raw)}: no record is looked at here", "`$this` is for computed fields, views and counts")
                return False
            if expression.field not in self.this.fields:
                hint = did_you_mean(expression.field, self.this.fields)
                node.flaw(f"{self.this.name} has no field {piece(expression.field)}", hint)
                return False
        return True

    def _is_of_caller(self, node: Node, expression: FromCaller) -> bool:
        """Say whether a caller authenticates by records with a field; else note a flaw."""
        self.around.uses_caller = True
        if not self.around.callers and not self.around.unread.resources:
            hint = "let the x-resource of what authenticates for its security scheme have `credential`"
            node.flaw("no record authenticates the callers of this operation", hint)
        known = {name for resource in self.around.callers for name in resource.fields}
        if expression.field not in known and self.around.callers:
            names = " or ".join(resource.name for resource in self.around.callers)
            node.flaw(f"{names} has no field {piece(expression.field)}", did_you_mean(expression.field, known))
        return expression.field in known

    def _of_caller(self, name: str) -> Field:
        return next(resource.fields[name] for resource in self.around.callers if name in resource.fields)

    def source(self, expression: Expression) -> Schema | None:
        """Return the schema that the values of `expression` satisfy, where there is one."""
        if isinstance(expression, FromParameter):
            found = (p for p in self.around.parameters if (p.location, p.name) == (expression.location, expression.name))
            return next(found).check.schema
        if isinstance(expression, FromStep):
            step = self.around.results[expression.name]
            if step.is_list and expression.field:
                return self.written_out(self.schema_of(expression), f"{self.node.pointer}/{expression.name}.{expression.field}")
            return step.resource.fields[expression.field].schema if expression.field else step.resource.schema
        if isinstance(expression, FromThis):
            return self.this.fields[expression.field].schema if self.this else None
        if isinstance(expression, FromCaller):
            return self._of_caller(expression.field).schema
        if isinstance(expression, FromBody):
            return _part_of(self.around.body_schema, expression)
        if isinstance(expression, FromItem):
            return _part_of(self.item, expression)
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
            step = self.around.results[expression.name]
            if step.each is not None:
                return self.may_be_absent(step.each.of)
            return not step.is_list and not step.resource.fields[expression.field].required
        if isinstance(expression, FromCaller):
            return not self._of_caller(expression.field).required
        if isinstance(expression, FromThis):
            return self.this is not None and not self.this.fields[expression.field].required
        if isinstance(expression, TextOf):
            return any(self.may_be_absent(part) or self._may_be_null(part) for part in expression.parts)
        if isinstance(expression, Split):
            return self.may_be_absent(expression.value) or self._may_be_null(expression.value)
        if isinstance(expression, FromBody) and expression.tokens:
            around = self.sources(FromBody(expression.tokens[:-1]))
            is_required = all(
                schema is not None and expression.tokens[-1] in schema.required_in("request") for schema in around
            )
            return not is_required or self.may_be_absent(FromBody(expression.tokens[:-1]))
        if isinstance(expression, FromItem) and expression.tokens:
            around_it = self.source(FromItem(expression.tokens[:-1]))
            required = around_it.required_in("request") if around_it else ()
            return expression.tokens[-1] not in required or self.may_be_absent(FromItem(expression.tokens[:-1]))
        return isinstance(expression, FromBody) and not (self.around.body and self.around.body.required)

    def _may_be_null(self, expression: Expression) -> bool:
        is_made = isinstance(expression, (Literal, Generated, Uuid, Now, TextOf, Sum, Count))  # and comes from nowhere else
        return not is_made and any(source is None or source.nullable for source in self.sources(expression))

    def schema_of(self, template: Any) -> Json:
        """Return a schema of all that an expression, or the template of an answer, gives."""
        match template:
            case dict() | ObjectOf():
                members = template if isinstance(template, dict) else template.members
                return {
                    "type": "object",
                    "properties": {key: self.schema_of(member) for key, member in members.items()},
                    "required": [key for key, member in members.items() if not self.is_left_out(member)],
                    "additionalProperties": False,
                }
            case ListOf(several):
                return {"type": "array", "items": _any_of([self.schema_of(element) for element in several])}
            case Concatenation(lists):
                return {"type": "array", "items": _any_of([self.schema_of(one).get("items", {}) for one in lists])}
            case Outcomes(_, done, refused):
                return {"type": "array", "items": _any_of([self.schema_of(done), self.schema_of(refused)])}
            case WholeThis(name):
                return self._reference(self.around.resources[name].schema)
            case FromRefusal(part):
                return {"type": "integer"} if part == "status" else {"type": "string"}
            case Literal(value):
                return {"const": value}
            case Generated() | TextOf():
                return {"type": "string"}
            case Joined():
                return {"type": ["string", "null"]}
            case Split():
                return {"type": "array", "items": {"type": "string", "minLength": 1}}
            case Uuid():
                return {"type": "string", "format": "uuid"}
            case Now(form):
                return {"type": "integer"} if form in ("seconds", "milliseconds") else {"type": "string", "format": form}
            case ByTime(_, steps):
                return {"enum": [value for _, value in steps]}
            case Sum():
                return {"type": "number"}
            case Count():
                return {"type": "integer", "minimum": 0}
            case First(values):
                return _any_of([*map(self.schema_of, values), {"type": "null"}])
            case Viewed(view, of):
                shown = self._reference(self.around.views[view].schema)
                result = self.around.results[of.name]
                if result.is_list:
                    return {"type": "array", "items": shown}
                return _any_of([shown, {"type": "null"}]) if result.may_come_to_nothing else shown
        step = self.around.results[template.name] if isinstance(template, FromStep) else None
        if step and step.is_list:
            if template.field is not None and step.each is not None:
                return {"type": "array", "items": self._reference(step.resource.fields[template.field].schema)}
            if template.field is not None:
                return step.facts[template.field]
            return {"type": "array", "items": self._reference(step.resource.schema)}
        schema = self.shown(template)
        given = self._reference(schema) if schema else {}
        return _any_of([given, {"type": "null"}]) if step and step.may_come_to_nothing else given

    def written_out(self, schema: Json, pointer: str) -> Schema:
        """Return a schema that stands nowhere; `pointer` tells it from others of its sort."""
        document = self.node.document
        return Schema(Node(document, document.main, pointer, schema))

    def shown(self, expression: Expression) -> Schema | None:
        """Return the schema of what an answer shows for an expression, where there is one."""
        if isinstance(expression, FromStep) and expression.field and not self.around.results[expression.name].is_list:
            field = self.around.results[expression.name].resource.fields[expression.field]
            referred = self.around.resources.get(field.refers_to) if field.refers_to else None
            if referred:  # a field of a result is shown as it is stored: by the id of what it refers to
                return referred.fields[referred.id].schema
        sources = self.sources(expression)
        return sources[0] if len(sources) == 1 else None

    def is_left_out(self, template: Any) -> bool:
        """Say whether a member of an object may be absent."""
        return not isinstance(template, (dict, list)) and self.may_be_absent(template)

    def _reference(self, schema: Schema) -> Json:
        """Return a schema, for the main file, that refers to another one."""
        return {"$ref": self.node.document.reference(self.node.document.main, node_of(schema))}


def _any_of(schemas: list[Json]) -> Json:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas} if schemas else {}


def _part_of(body: Schema | None, expression: FromBody | FromItem) -> Schema | None:
    """Return the schema of the part of a body that an expression names."""
    for token in expression.tokens:
        body = body.properties.get(token) if body else None
    return body
