"""Reading `x-behaviour`: linking the steps of an operation to resources, fields, assumptions and earlier steps."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.contract.answer_shapes import AnswerReader
from mock_server.contract.declarations import VERBS, Declaration, declared
from mock_server.contract.document import Node
from mock_server.contract.expressions import Expression, FromBody, FromStep, Generated, Literal, parse_expression
from mock_server.contract.flaws import did_you_mean, piece
from mock_server.contract.model import (
    AnswerShape,
    Behaviour,
    Create,
    Decision,
    Delete,
    DuplicateRule,
    Field,
    Find,
    FindOrCreate,
    List,
    Resource,
    Step,
    Update,
    Value,
    Write,
)
from mock_server.contract.schema import Schema
from mock_server.contract.schemas import NoChoice
from mock_server.contract.surroundings import ExpressionReader, Surroundings


def read_behaviour(node: Node, surroundings: Surroundings) -> Behaviour | None:
    """Return what `x-behaviour` at `node` says; None, with flaws noted, when it is wrong."""
    if not isinstance(node.value, list) or not node.value:
        node.flaw("a behaviour is a list of steps", "each step is a mapping that begins with its verb: " + ", ".join(VERBS))
        return None
    steps: list[Step | None] = []
    answer: AnswerShape | None = None
    has_answer = False
    for index, entry in enumerate(node.elements()):
        declaration = _declared_step(entry)
        if declaration is not None and declaration.kind == "answer":
            if index < len(node.value) - 1:
                entry.flaw("the answer has to be the last step")
            answer, has_answer = AnswerReader(entry, surroundings).read(), True
            continue
        step = _StepReader(entry, surroundings, declaration, f"step-{index}").read() if declaration else None
        if step is None:
            surroundings.note_unread(entry, declaration)
        else:
            surroundings.results[step.name] = step
        steps.append(step)
    if not has_answer and steps and steps[-1] is not None:
        answer = AnswerReader(node, surroundings).default(steps[-1])
    read = tuple(step for step in steps if step is not None)
    return Behaviour(read, answer) if answer and len(read) == len(steps) else None


def _declared_step(entry: Node) -> Declaration | None:
    verbs = [verb for verb in VERBS if isinstance(entry.value, dict) and verb in entry.value]
    if len(verbs) == 1:
        return declared(verbs[0], entry)
    if not isinstance(entry.value, dict):
        entry.flaw(f"a step is a mapping, not {piece(entry.value)}", "as in find: RESOURCE; verbs are: " + ", ".join(VERBS))
        return None
    if len(verbs) > 1:
        entry.flaw(f"a step has one verb, not {len(verbs)}: {', '.join(verbs)}", "make each a step of its own")
        return None
    first = next(iter(entry.value), "")
    entry.flaw(f"{piece(first)} is not a verb", did_you_mean(str(first), VERBS))
    return None


def parse_expression_or_none(text: str) -> Expression | None:
    """Return the expression that `text` is, or None."""
    try:
        return parse_expression(text)
    except ValueError:
        return None


class _StepReader(ExpressionReader):
    """Reads one step other than the answer."""

    def __init__(self, node: Node, surroundings: Surroundings, declaration: Declaration, default_name: str) -> None:
        super().__init__(node, surroundings)
        self.declaration = declaration
        self.verb = declaration.kind
        self.default_name = default_name

    def read(self) -> Step | None:
        verb = self.verb
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
        if resource.owned and not self.around.secured:
            self.node.flaw(f"{name} belongs to an organization, but this operation has no token to tell which", key=verb)
        match verb:
            case "find":
                return Find(resource, self.name, self.where(resource), self.outcome("otherwise"), self.outcome("foreign"))
            case "find-or-create":
                return self.find_or_create(resource)
            case "create":
                return Create(
                    resource,
                    self.name,
                    self.writes(resource, self.declaration["from"], making=True),
                    self.duplicate_rules(resource),
                    self.outcome("when-several-apply"),
                    self.outcome("when-key-taken"),
                    self.outcome("when-unchanged"),
                )
            case "update":
                return Update(
                    resource,
                    self.name,
                    self.where(resource),
                    self.writes(resource, self.declaration["from"], making=False),
                    self.outcome("otherwise"),
                    self.outcome("foreign"),
                    self.outcome("when-null"),
                    self.outcome("when-key-null"),
                    self.outcome("when-key-taken"),
                    self.outcome("when-unchanged"),
                    self.duplicate_rules(resource),
                )
            case "delete":
                decisions = (self.outcome("otherwise"), self.outcome("foreign"), self.outcome("when-referred"))
                return Delete(resource, self.name, self.where(resource), *decisions)
            case "list":
                return List(
                    resource, self.name, self.where(resource), self.optional_value("offset"), self.optional_value("limit")
                )
        raise LookupError(verb)  # every verb has its case above

    @property
    def name(self) -> str:
        given: str | None = self.declaration["as"]
        return given or self.default_name

    def check_name(self) -> None:
        if "as" not in self.node.value:
            return
        if not isinstance(parse_expression_or_none("$" + self.name), FromStep) or "." in self.name:
            hint = "a name has letters, digits, _ and -; `request` and `generated` are taken"
            self.node.flaw(f"{piece(self.name)} cannot be the name of a result", hint, "as")
        elif self.name in self.around.results:
            self.node.flaw(f"an earlier step is named {piece(self.name)} too", "name each result differently", "as")

    def outcome(self, key: str) -> Decision[str]:
        return self.around.decisions.outcome(self.verb, self.node, key)

    def optional_value(self, key: str) -> Value | None:
        return self.value(self.node[key]) if key in self.node.value else None

    def where(self, resource: Resource) -> dict[str, Value]:
        node = self.node.get("where") if "where" in self.node.value else None
        return self.conditions(resource, node)

    def conditions(self, resource: Resource, node: Node | None) -> dict[str, Value]:
        conditions = {}
        for name, place in node.items() if node else ():
            if name not in resource.fields:
                place.flaw(f"{resource.name} has no field {piece(name)}", did_you_mean(name, resource.fields))
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

    def find_or_create(self, resource: Resource) -> Step | None:
        writes = self.writes(resource, self.declaration["from"], making=True)
        if not resource.key and self.all_read:
            self.node.flaw(f"{resource.name} has no key to be found by", "declare `key` in its x-resource", "find-or-create")
            return None
        for missing in sorted(set(resource.key) - {write.field for write in writes}) if self.all_read else ():
            hint = "take it `from` the body or `set` it"
            self.node.flaw(f"nothing gives the key field {piece(missing)} of {resource.name}", hint)
        decisions = (self.outcome(key) for key in ("when-found", "when-several", "when-unchanged"))
        return FindOrCreate(resource, self.name, writes, *decisions)

    def duplicate_rules(self, resource: Resource) -> tuple[DuplicateRule, ...]:
        kind = "update-duplicate-rule" if self.verb == "update" else "duplicate-rule"
        rules = []
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

    def writes(self, resource: Resource, origin: str | None, *, making: bool) -> tuple[Write, ...]:
        """Return what the step sets: the fields that the body shares with the resource, then those under `set`."""
        writes: dict[str, Write] = {}
        if origin is not None:
            writes.update(self.writes_from_body(resource, origin))
        for name, place in self.node["set"].items() if "set" in self.node.value else ():
            if name not in resource.fields:
                place.flaw(f"{resource.name} has no field {piece(name)}", did_you_mean(name, resource.fields))
                self.all_read = False
            elif name in resource.server_made:
                place.flaw(f"{piece(name)} is made by the server")
            elif (value := self.value(place)) is not None:
                writes[name] = self.write(resource.fields[name], value, place)
        if making:
            self.check_nothing_lacks(resource, writes)
        elif not writes and self.all_read:
            self.node.flaw("this update changes nothing", "give it `from: $request.body`, or fields under `set`")
        return tuple(writes.values())

    def writes_from_body(self, resource: Resource, origin: str) -> dict[str, Write]:
        place = self.node["from"]
        expression = self.expression(place, origin)
        if not isinstance(expression, FromBody):
            if expression is not None:
                self.all_read = False
                place.flaw("fields are taken from the body only", "$request.body or $request.body#/POINTER")
            return {}
        schema = self.source(expression)
        writes = {}
        for name, property_schema in schema.properties.items() if schema else ():
            if name in resource.fields and name not in resource.server_made and not property_schema.read_only:
                value: Value = Decision(FromBody((*expression.tokens, name)))
                writes[name] = self.write(resource.fields[name], value, property_schema)
        if not writes:
            place.flaw(f"the body has no property that {resource.name} has as a field")
        return writes

    def write(self, target: Field, value: Value, place: Node | Schema) -> Write:
        """Return the setting of `target`; a value that never fits is a flaw, one that may not fit gets a check."""
        guarded = False
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
            source = self.source(expression)
            if source is None or self.around.schemas.inclusion.obstacle(source, target.schema) is None:
                continue
            if not source.types & target.schema.types:
                place.flaw(f"the field {piece(target.name)} never accepts what is given here", "their schemas share no type")
            guarded = True
        return Write(target.name, value, self.around.schemas.check(target.schema) if guarded else None)

    def check_nothing_lacks(self, resource: Resource, writes: Mapping[str, Write]) -> None:
        for target in resource.fields.values() if self.all_read else ():
            write = writes.get(target.name)
            is_given = write is not None and not any(map(self.may_be_absent, write.value.possible()))
            if is_given or target.name in resource.server_made:
                continue
            if target.required and not target.nullable and not target.has_default:
                if write is not None:
                    message = f"the required field {piece(target.name)} of {resource.name} is not always given"
                    self.node.flaw(message, "let the request require it, let it be null, or give it a default")
                    continue
                hint = "give it under `set`, take it `from` the body, let it be null, or give it a default"
                self.node.flaw(f"nothing gives the required field {piece(target.name)} of {resource.name}", hint)


def _refers_hint(target: Field) -> str:
    if target.refers_to:
        return f"it holds a {target.refers_to}"
    return "take one field of the result, as in $name.id, or let the field's schema refer to the resource"
