"""Reading `x-behaviour`: linking the steps of an operation to resources, fields, assumptions and earlier steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mock_server.contract.assumptions import Decisions
from mock_server.contract.declarations import VERBS, Declaration, declared
from mock_server.contract.document import Node
from mock_server.contract.expressions import (
    GRAMMAR,
    Expression,
    FromBody,
    FromParameter,
    FromStep,
    Generated,
    Literal,
    parse_expression,
)
from mock_server.contract.flaws import did_you_mean, piece
from mock_server.contract.inclusion import SILENT, conjuncts, not_included, types_of
from mock_server.contract.model import (
    AnswerShape,
    Behaviour,
    ByOutcome,
    Create,
    Decision,
    Delete,
    DuplicateRule,
    Field,
    Find,
    FindOrCreate,
    List,
    Parameter,
    RequestBody,
    Resource,
    Response,
    Step,
    Update,
    Value,
    Write,
)
from mock_server.contract.resources import properties_of, required_of
from mock_server.contract.schemas import NoChoice, Schemas
from mock_server.contract.unread import Unread


@dataclass
class UnreadParts:
    """Which parts of an operation could not be read in full, so that what seems to be missing there may be no mistake."""

    parameters: bool
    body: bool
    responses: bool


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
    def body_schema(self) -> Node | None:
        """The schema of the JSON body, if the operation has one."""
        return next((media.schema for media in self.body.content.values()), None) if self.body else None

    def note_unread(self, step: Node, declaration: Declaration | None) -> None:
        """Note that a step could not be read: whatever name its result has, what refers to it is not wrong."""
        name = step.value.get("as") if isinstance(step.value, dict) else None
        if isinstance(name, str):
            self.unread_results.add(name)
        elif declaration is None:
            self.has_nameless_unread = True


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
            answer, has_answer = _AnswerReader(entry, surroundings).read(), True
            continue
        step = _StepReader(entry, surroundings, declaration, f"step-{index}").read() if declaration else None
        if step is None:
            surroundings.note_unread(entry, declaration)
        else:
            surroundings.results[step.name] = step
        steps.append(step)
    if not has_answer and steps and steps[-1] is not None:
        answer = _AnswerReader(node, surroundings).default(steps[-1])
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


class _ExpressionReader:
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
            names = properties_of(self.around.body_schema) if self.around.body_schema else {}
            message = "the schema of the body has no such part" if names else "the operation has no JSON body with a schema"
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

    def source(self, expression: Expression) -> Node | None:
        """Return the schema that the values of `expression` satisfy, where there is one."""
        if isinstance(expression, FromParameter):
            found = (p for p in self.around.parameters if (p.location, p.name) == (expression.location, expression.name))
            return next(found).check.schema
        if isinstance(expression, FromStep):
            resource = self.around.results[expression.name].resource
            return resource.fields[expression.field].schema if expression.field else resource.schema
        if isinstance(expression, FromBody):
            schema = self.around.body_schema
            for token in expression.tokens:
                schema = properties_of(schema).get(token) if schema else None
            return schema
        return None

    def may_be_absent(self, expression: Expression) -> bool:
        """Say whether a request that the contract lets through may leave the value of `expression` out."""
        if isinstance(expression, FromParameter):
            found = (p for p in self.around.parameters if (p.location, p.name) == (expression.location, expression.name))
            return not next(found).required
        if isinstance(expression, FromStep) and expression.field:
            return not self.around.results[expression.name].resource.fields[expression.field].required
        if isinstance(expression, FromBody) and expression.tokens:
            around = self.source(FromBody(expression.tokens[:-1]))
            is_required = around is not None and expression.tokens[-1] in required_of(around)
            return not is_required or self.may_be_absent(FromBody(expression.tokens[:-1]))
        return isinstance(expression, FromBody) and not (self.around.body and self.around.body.required)


class _StepReader(_ExpressionReader):
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
            elif (source := self.source(expression)) is not None and not types_of(source) & types_of(target.schema):
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
        for name, property_schema in properties_of(schema).items() if schema else ():
            read_only = any(part.value.get("readOnly") for part in conjuncts(property_schema) or ())
            if name in resource.fields and name not in resource.server_made and not read_only:
                value: Value = Decision(FromBody((*expression.tokens, name)))
                writes[name] = self.write(resource.fields[name], value, property_schema)
        if not writes:
            place.flaw(f"the body has no property that {resource.name} has as a field")
        return writes

    def write(self, target: Field, value: Value, place: Node) -> Write:
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
            if source is None or not_included(source, target.schema) is None:
                continue
            if not types_of(source) & types_of(target.schema):
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


class _AnswerReader(_ExpressionReader):
    """Reads the last step: what is answered."""

    def read(self) -> AnswerShape | None:
        template = self.template(self.node["answer"])
        status: Decision[int | ByOutcome] | None
        if "status" in self.node.value:
            status = self.around.decisions.read(self.node["status"], self.status)
        else:
            status = self.default_status()
        if status is None:
            return None
        if self.all_read:
            self.check(template, self.node["answer"], status)
        return AnswerShape(template, status)

    def default(self, last: Step) -> AnswerShape | None:
        """Return the answer of a behaviour that declares none: the last result, or no body where none is documented."""
        status = self.default_status()
        if status is None:
            return None
        response = self.around.responses.get(str(status.fixed))
        template = FromStep(last.name, None) if response and response.content else None
        self.check(template, self.node, status)
        return AnswerShape(template, status)

    def default_status(self) -> Decision[int | ByOutcome] | None:
        if self.around.unread_parts.responses:
            return None
        documented = sorted(int(status) for status in self.around.responses if status.startswith("2") and status.isdecimal())
        if documented:
            return Decision(documented[0])
        self.node.flaw("the operation documents no answer of success", "declare a response 200 to 299")
        return None

    def template(self, node: Node) -> Any:
        """Return the body's template: mappings and lists of expressions."""
        if isinstance(node.value, dict):
            return {key: self.template(member) for key, member in node.items()}
        if isinstance(node.value, list):
            return [self.template(element) for element in node.elements()]
        return self.expression(node, node.value) or Literal(None)

    def status(self, node: Node, raw: object) -> int | ByOutcome | None:
        if isinstance(raw, dict) and set(raw) == {"made", "found"}:
            made, found = (self.status(node[key], raw[key]) for key in ("made", "found"))
            return ByOutcome(made, found) if isinstance(made, int) and isinstance(found, int) else None
        if not str(raw).isdecimal():
            node.flaw(f"{piece(raw)} is not a status", "a number such as 200, or {made: 201, found: 200}")
            return None
        if str(raw) not in self.around.responses and self.around.unread_parts.responses:
            return None
        if str(raw) not in self.around.responses:
            node.flaw(f"the operation documents no answer {raw}", did_you_mean(str(raw), self.around.responses))
            return None
        return int(str(raw))

    def check(self, template: Any, node: Node, status: Decision[int | ByOutcome]) -> None:
        """Note a flaw unless the contract lets through every body that the template can give."""
        numbers = {
            number
            for outcome in status.possible()
            for number in ((outcome.made, outcome.found) if isinstance(outcome, ByOutcome) else (outcome,))
        }
        for number in sorted(numbers):
            response = self.around.responses[str(number)]
            schemas = [media.schema for media in response.content if media.schema is not None]
            if template is None and response.content:
                node.flaw(f"the answer {number} is documented with a body, but nothing is answered")
            elif template is not None and not response.content:
                node.flaw(f"the answer {number} is documented without a body, but one is answered")
            for schema in schemas if template is not None else ():
                reason = self.mismatch(template, schema)
                if reason:
                    hint = f"the documented schema is at {schema.pointer}"
                    node.flaw(f"this does not always fit the schema of the answer {number}: {reason}", hint)

    def mismatch(self, template: Any, schema: Node) -> str | None:
        """Return what keeps the values of `template` from fitting `schema`, or None."""
        if isinstance(template, dict):
            return self.object_mismatch(template, schema)
        if isinstance(template, list):
            return "lists of expressions are not supported in an answer"
        if isinstance(template, Literal):
            broken = self.around.schemas.check(schema).violations(template.value, NoChoice())
            return broken[0].message if broken else None
        step = self.around.results.get(template.name) if isinstance(template, FromStep) else None
        if isinstance(step, List) and template.field is None:
            return self.list_mismatch(step, schema)
        source = self.source(template)
        if source is None:
            return "its type is not known"
        keyword = not_included(source, schema)
        return f"the keyword `{keyword}`" if keyword else None

    def list_mismatch(self, step: List, schema: Node) -> str | None:
        for part in conjuncts(schema) or ():
            if "items" in part.value and (keyword := not_included(step.resource.schema, part["items"])):
                return f"the keyword `{keyword}` of its items"
        for keyword in sorted(_keywords(schema) - SILENT - {"type", "items"}):
            return f"the keyword `{keyword}`"
        return None if "array" in types_of(schema) else "it is not documented as an array"

    def object_mismatch(self, template: Mapping[str, Any], schema: Node) -> str | None:
        if "object" not in types_of(schema):
            return "it is not documented as an object"
        for missing in sorted(required_of(schema) - set(template)):
            return f"{piece(missing)} is required"
        for keyword in sorted(_keywords(schema) - SILENT - {"type", "properties", "required", "additionalProperties"}):
            return f"the keyword `{keyword}`"
        properties = properties_of(schema)
        for key, value in template.items():
            absent = not isinstance(value, (dict, list)) and self.may_be_absent(value)
            if absent and key in required_of(schema):
                return f"{piece(key)} is required, and may be left out"
            if key in properties:
                reason = self.mismatch(value, properties[key])
                if reason:
                    return f"{piece(key)}: {reason}"
            elif any(part.value.get("additionalProperties", True) not in (True, {}) for part in conjuncts(schema) or ()):
                return f"{piece(key)} is not documented"
        return None


def _keywords(schema: Node) -> set[str]:
    parts = conjuncts(schema) or ()
    return {key for part in parts for key in part.value if not key.startswith("x-")} - {"$ref", "allOf"}


def _refers_hint(target: Field) -> str:
    if target.refers_to:
        return f"it holds a {target.refers_to}"
    return "take one field of the result, as in $name.id, or let the field's schema refer to the resource"
