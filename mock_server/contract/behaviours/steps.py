"""Reading one step of a behaviour: what its verb asks for, linked to resource, fields, assumptions and earlier steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from mock_server.contract.behaviours.declarations import Declaration, DeclarationKind
from mock_server.contract.behaviours.expressions import (
    Count,
    Expression,
    First,
    FromBody,
    FromItem,
    FromStep,
    Generated,
    Joined,
    ListOf,
    Literal,
    Now,
    ObjectOf,
    Split,
    Sum,
    TextOf,
    TimeForm,
    Uuid,
    parse_expression,
)
from mock_server.contract.behaviours.occasions import IF, read_occasions
from mock_server.contract.behaviours.surroundings import ExpressionReader, Surroundings
from mock_server.contract.decisions import Decision
from mock_server.contract.documents.document import Node
from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.files.source import Json
from mock_server.contract.model import DuplicateRule, Field, Resource, Step, Value, Write
from mock_server.contract.schemas.checks import NoChoice
from mock_server.contract.schemas.schema import Schema
from mock_server.contract.step_rules import Each

EXPRESSIONS: Json = {"type": "object", "additionalProperties": {}}
"""The shape of what names fields and gives an expression for each: `set`, or the `where` of a list."""

CONDITIONS: Json = {**EXPRESSIONS, "minProperties": 1}
"""The shape of a `where` that has to say something."""

ORIGIN: Json = {"type": ["string", "null"]}
"""The shape of `from`."""


MADE = (Now, Uuid, TextOf, ObjectOf, ListOf, Joined, Split, Sum, First, Count)
"""Expressions whose values are made, in a form that they have of themselves."""


ANYWHERE = "find a record with `anywhere: true` first, as a login does, and the request goes on for its organization"


class VerbReader(Protocol):
    """What a document needs to know of a verb: what its steps may hold, and how one is read."""

    @property
    def kind(self) -> DeclarationKind:
        """What a step may hold; its name is the verb."""

    @property
    def resource_key(self) -> str:
        """Under what a step names its resource; under its verb, where this is empty."""

    def read(self, reader: StepReader) -> Step | None:
        """Return the step that `reader` reads; None, with flaws noted, when it is wrong."""


def step_kind(verb: str, members: Mapping[str, Json], *, required: Sequence[str] = ()) -> DeclarationKind:
    """Return what the steps of a verb may hold: the resource under the verb, these members, and `as`."""
    properties: dict[str, Any] = {verb: {"type": "string"}, "if": IF, **members, "as": {"type": ["string", "null"]}}
    needed = [verb, *required]
    return DeclarationKind(
        verb, {"type": "object", "required": needed, "additionalProperties": False, "properties": properties}
    )


def outcomes(default: str, *others: str) -> Json:
    """Return the shape of a decision between outcomes; without a word of the document, it comes to the first."""
    return {"default": default, "x-outcomes": [default, *others]}


EACH: Mapping[str, Json] = {"each": {"type": "string"}, "when-one-fails": outcomes("refuse-all", "report")}
"""What a step may hold that can be done for each element of a list."""


def parse_expression_or_none(text: str) -> Expression | None:
    """Return the expression that `text` is, or None."""
    try:
        return parse_expression(text)
    except ValueError:
        return None


class StepReader(ExpressionReader):
    """Reads one step other than the answer: what all verbs have in common, for each verb to take what it needs."""

    resource: Resource

    def __init__(
        self, node: Node, surroundings: Surroundings, verb: VerbReader, declaration: Declaration, default_name: str
    ) -> None:
        super().__init__(node, surroundings)
        self.verb = verb
        self.declaration = declaration
        self.default_name = default_name

    def read(self) -> Step | None:
        """Return the step; None, with flaws noted, when it is wrong."""
        step = self._read()
        if step is None or "if" not in self.node.value:
            return step
        if step.tells_organization:
            self.node.flaw("for whom the request goes on cannot depend on it", "leave it out", "if")
        return replace(step, occasions=read_occasions(self, self.node["if"]))

    def _read(self) -> Step | None:
        verb = self.verb.resource_key or self.verb.kind.name
        if self.verb.resource_key and verb not in self.node.value:
            return self.verb.read(self)  # it is about no resource of its own
        name = self.declaration[verb]
        resource = self.around.resources.get(name)
        self.check_name()
        if resource is None:
            if name in self.around.unread.resources:
                return None
            known = {*self.around.resources, *self.around.unread.resources}
            self.node.flaw(f"{piece(name)} is not a resource", did_you_mean(name, known), verb)
            return None
        self.all_read = name not in self.around.unread.resources
        if resource.owned and not self.around.secured and not self.declaration.value.get("anywhere"):
            self.node.flaw(
                f"{name} belongs to an organization, but this operation has no token to tell which", ANYWHERE, key=verb
            )
        self.resource = resource
        each = self.each()
        step = self.verb.read(self)
        return replace(step, each=each) if step is not None and each is not None else step

    def each(self) -> Each | None:
        """Return for what the step is done, where it is done for each element of a list."""
        if "each" not in self.node.value:
            if "when-one-fails" in self.node.value:
                self.node.flaw("the step is not done for each of several", "each: $request.body#/POINTER", "when-one-fails")
            return None
        place = self.node["each"]
        expression = self.expression(place, place.value)
        if not isinstance(expression, FromBody):
            if expression is not None:
                place.flaw("a list is taken from the body only", "$request.body or $request.body#/POINTER")
            return None
        schema = self.source(expression)
        if schema is None or schema.types != {"array"}:
            place.flaw(f"{piece(place.value)} is not always a list", "its schema has to be an array, and not null")
            return None
        self.item = schema.items
        return Each(expression, self.outcome("when-one-fails"))

    @property
    def name(self) -> str:
        """The name of what the step comes to."""
        given: str | None = self.node.value.get("as")
        return given or self.default_name

    def check_name(self) -> None:
        """Note a flaw where the name of the result cannot be one."""
        if "as" not in self.node.value:
            return
        if not isinstance(parse_expression_or_none("$" + self.name), FromStep) or "." in self.name:
            hint = "a name has letters, digits, _ and -; `request` and `generated` are taken"
            self.node.flaw(f"{piece(self.name)} cannot be the name of a result", hint, "as")
        elif self.name in self.around.results:
            self.node.flaw(f"an earlier step is named {piece(self.name)} too", "name each result differently", "as")

    def outcome(self, key: str) -> Decision[str]:
        """Return what the step decides by `key`."""
        return self.around.decisions.outcome(self.declaration.kind, self.node, key)

    def optional_value(self, key: str) -> Value | None:
        """Return the value under `key`; None where there is none."""
        return self.value(self.node[key]) if key in self.node.value else None

    def where(self) -> dict[str, Value]:
        """Return the conditions under `where`, by field."""
        node = self.node.get("where") if "where" in self.node.value else None
        return self.conditions(self.resource, node)

    def conditions(self, resource: Resource, node: Node | None) -> dict[str, Value]:
        """Return the conditions that a node declares, by field."""
        conditions = {}
        for name, place in node.items() if node else ():
            if name not in resource.fields:
                place.flaw(f"{resource.name} has no field {piece(name)}", did_you_mean(name, resource.fields))
                continue
            if name in resource.computed:
                place.flaw(f"{piece(name)} is computed, not stored", "lists may be filtered by it, `require` may ask for it")
                continue
            value = self.value(place)
            if value is not None:
                self.check_fits(resource.fields[name], value, place)
                conditions[name] = value
        return conditions

    def check_fits(self, target: Field, value: Value, place: Node) -> None:
        """Note a flaw where a condition never holds, because the field never has such a value."""
        for expression in value.possible() if target.refers_to is None else ():
            if isinstance(expression, Literal):
                for violation in self.around.schemas.check(target.schema).violations(expression.value, NoChoice()):
                    place.flaw(f"the field {piece(target.name)} is never {piece(expression.value)}: {violation.message}")
            elif (source := self.source(expression)) is not None and not source.types & target.schema.types:
                place.flaw(f"the field {piece(target.name)} never has such a value", "their schemas share no type")

    def duplicate_rules(self, kind: DeclarationKind) -> tuple[DuplicateRule, ...]:
        """Return the rules under `when-duplicate`, each a declaration of a kind."""
        resource, rules = self.resource, []
        for index, rule in enumerate(self.declaration["when-duplicate"]):
            node = self.node["when-duplicate"][index]
            for position, name in enumerate(rule["same"]):
                if name not in resource.fields:
                    hint = did_you_mean(name, resource.fields)
                    node["same"][position].flaw(f"{resource.name} has no field {piece(name)}", hint)
            where = self.conditions(resource, node["where"]) if "where" in node.value else {}
            decisions = (self.around.decisions.outcome(kind, node, key) for key in ("then", "when-several"))
            rules.append(DuplicateRule(tuple(rule["same"]), where, *decisions))
        return tuple(rules)

    def writes(self, *, making: bool, fixed: Sequence[Write] = ()) -> tuple[Write, ...]:
        """Return what the step sets: the fields that the body shares with the resource, then those under `set`; what is `fixed`
        goes before the body."""
        resource, writes = self.resource, dict[str, Write]()
        origin: str | None = self.declaration["from"]
        if origin is not None:
            writes.update(self.writes_from_body(resource, origin, making=making))
        writes.update({write.field: write for write in fixed})
        for name, place in self.node["set"].items() if "set" in self.node.value else ():
            if name not in resource.fields:
                place.flaw(f"{resource.name} has no field {piece(name)}", did_you_mean(name, resource.fields))
                self.all_read = False
            elif name in resource.server_made or (name == resource.id and not making):
                place.flaw(f"{piece(name)} is made by the server")
            elif any(write.field == name for write in fixed):
                place.flaw(f"{piece(name)} is given under `where` already")
            elif (value := self.value(place)) is not None:
                writes[name] = self.write(resource.fields[name], value, place)
        if making:
            self.check_nothing_lacks(resource, writes)
        elif not writes and self.all_read:
            self.node.flaw("this update changes nothing", "give it `from: $request.body`, or fields under `set`")
        return tuple(writes.values())

    def writes_from_body(self, resource: Resource, origin: str, *, making: bool) -> dict[str, Write]:
        """Return the fields that the body, or the part of it that `origin` names, shares with the resource."""
        place = self.node["from"]
        expression = self.expression(place, origin)
        if not isinstance(expression, (FromBody, FromItem)):
            if expression is not None:
                self.all_read = False
                place.flaw("fields are taken from the body only", "$request.body, $request.body#/POINTER or $item")
            return {}
        part = type(expression)
        schema = self.source(expression)
        writes = {}
        for name, property_schema in schema.properties.items() if schema else ():
            is_settable = name not in resource.server_made and (making or name != resource.id)
            if name in resource.fields and is_settable and not property_schema.read_only:
                value: Value = Decision(part((*expression.tokens, name)))
                writes[name] = self.write(resource.fields[name], value, property_schema)
        if not writes:
            place.flaw(f"the body has no property that {resource.name} has as a field")
        return writes

    def write(self, target: Field, value: Value, place: Node | Schema) -> Write:
        """Return the setting of `target`; a value that never fits is a flaw, one that may not fit gets a check."""
        guarded = False
        value = _in_form(self.resource.time_form(target.name), value)
        for expression in value.possible():
            if isinstance(expression, (Literal, Generated)):
                literal = expression.value if isinstance(expression, Literal) else "generated"
                for violation in self.around.schemas.check(target.schema).violations(literal, NoChoice()):
                    place.flaw(f"{piece(literal)} does not fit the field {piece(target.name)}: {violation.message}")
                continue
            if isinstance(expression, FromStep) and expression.field is None:
                resource = self.around.results[expression.name].resource
                if target.refers_to != resource.name:
                    place.flaw(f"the field {piece(target.name)} does not hold a {resource.name}", _refers_hint(target))
                continue
            is_made = isinstance(expression, MADE)
            given = self.written_out(self.schema_of(expression), f"{self.node.pointer}/{target.name}") if is_made else None
            for source in (given,) if is_made else self.sources(expression):
                if source is None:
                    guarded |= isinstance(expression, (FromBody, FromItem))
                elif self.around.schemas.inclusion.obstacle(source, target.schema) is not None:
                    if not source.types & target.schema.types:
                        hint = "their schemas share no type"
                        place.flaw(f"the field {piece(target.name)} never accepts what is given here", hint)
                    guarded = True
        return Write(target.name, value, self.around.schemas.check(target.schema) if guarded else None)

    def check_nothing_lacks(self, resource: Resource, writes: Mapping[str, Write]) -> None:
        """Note a flaw for each field that a new record needs and that nothing gives."""
        for target in resource.fields.values() if self.all_read else ():
            write = writes.get(target.name)
            is_given = write is not None and not any(map(self.may_be_absent, write.value.possible()))
            if is_given or target.name in {*resource.server_made, *resource.slugs, resource.id}:
                continue
            if target.required and not target.nullable and not target.has_default:
                if write is not None:
                    message = f"the required field {piece(target.name)} of {resource.name} is not always given"
                    self.node.flaw(message, "let the request require it, let it be null, or give it a default")
                    continue
                hint = "give it under `set`, take it `from` the body, let it be null, or give it a default"
                self.node.flaw(f"nothing gives the required field {piece(target.name)} of {resource.name}", hint)


def _in_form(form: TimeForm, value: Value) -> Value:
    """Return a value in which a time is written in a form: as a number of seconds, as a date, or in full."""

    def formed(expression: Expression) -> Expression:
        if isinstance(expression, Now) and expression.form == "date-time":
            return replace(expression, form=form)
        return expression

    return value.map(formed)


def _refers_hint(target: Field) -> str:
    if target.refers_to:
        return f"it holds a {target.refers_to}"
    return "take one field of the result, as in $name.id, or let the field's schema refer to the resource"
