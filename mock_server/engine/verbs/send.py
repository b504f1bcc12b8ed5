"""The verb `send`: tell subscribers, or who asked, what happened; the message goes out after the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from mock_server.contract.behaviours.answer_shapes import AnswerReader
from mock_server.contract.behaviours.conditions import Condition, read_conditions
from mock_server.contract.behaviours.declarations import DeclarationKind
from mock_server.contract.behaviours.expressions import Expression, FromBody, FromStep, FromThis, TextOf, parse_expression
from mock_server.contract.behaviours.occasions import IF
from mock_server.contract.behaviours.steps import EXPRESSIONS, StepReader
from mock_server.contract.behaviours.webhooks import Announced, announced_as, secret_of
from mock_server.contract.decisions import Decision
from mock_server.contract.files.flaws import piece
from mock_server.contract.files.source import Json
from mock_server.contract.model import Behaviour, Value
from mock_server.contract.schemas.checks import NoChoice, SchemaCheck
from mock_server.engine.answers import compile_template
from mock_server.engine.conditions import compile_conditions
from mock_server.engine.execution import Execution
from mock_server.engine.operators import Evaluate
from mock_server.engine.outgoing import Outgoing
from mock_server.engine.scope import Perform, Scope
from mock_server.engine.values import ABSENT
from mock_server.engine.verbs.verb import Verb

TEXT: Json = {"type": "string"}


@dataclass(frozen=True, slots=True, eq=False)
class Send(Verb):
    """Tell each record of `resource` that fits `where` what happened, or one place where `subscribes` is false."""

    event: str
    method: str
    subscribes: bool
    where: tuple[Condition, ...]
    url: Value
    body: object
    secret: Value | None
    check: SchemaCheck | None
    """What the body is held to when it is sent, where the document does not show that it fits."""

    kind: ClassVar[DeclarationKind] = DeclarationKind(
        "send",
        {
            "type": "object",
            "required": ["send"],
            "additionalProperties": False,
            "properties": {"send": TEXT, "if": IF, "to": TEXT, "where": EXPRESSIONS, "url": {}, "body": {}},
        },
    )
    resource_key: ClassVar[str] = "to"

    @property
    def comes_to_something(self) -> bool:
        """Whether later steps may refer to what it comes to: nothing does."""
        return False

    @property
    def said(self) -> tuple[Expression, ...]:
        """The expressions of its message."""
        values = [self.url, *(condition.value for condition in self.where), *([self.secret] if self.secret else [])]
        return (*_in_template(self.body), *(one for value in values for one in value.possible()))

    def __str__(self) -> str:
        to = f" to each {self.resource.name}" if self.subscribes else ""
        return f"send {self.event}{to}" + (f" by {', '.join(map(str, self.where))}" if self.where else "")

    @classmethod
    def read(cls, reader: StepReader) -> Send | None:
        """Return the step that `reader` reads; None, with flaws noted, when it is wrong."""
        node, earlier = reader.node, list(reader.around.results.values())
        subscribes, event = "to" in node.value, reader.declaration["send"]
        if not subscribes and not earlier:
            node.flaw("a message tells what an earlier step came to, and there is none", "let it stand after one")
            return None
        if "where" in node.value and not subscribes:
            node.flaw("`where` says which subscribers, and there are none", "say `to: RESOURCE`", "where")
        resource = reader.resource if subscribes else earlier[-1].resource
        message = announced_as(event, node)
        if message is None:
            return None
        reader.this = resource if subscribes else None
        url = _url(reader, message)
        shapes = AnswerReader(node, reader.around)
        shapes.this = reader.this
        last = earlier[-1].name if earlier else ""
        if "body" in node.value:
            body: object = shapes.template(node["body"])
        elif last:
            body = FromStep(last, None)
        else:
            node.flaw("nothing says what is sent", "give it `body`, or let it stand after a step")
            return None
        check = _check(shapes, body, message) if shapes.all_read else None
        secret = _secret(reader)
        place = node["where"] if "where" in node.value else None
        where = read_conditions(reader, resource, place) if subscribes else ()
        if url is None:
            return None
        return cls(resource, reader.name, event, message.method, subscribes, where, url, body, secret, check)

    def compile(self, scope: Scope) -> Perform:
        """Return the function that notes the messages; it comes to nothing."""
        before = Behaviour(tuple(scope.steps.values()), None)  # type: ignore[arg-type]  # nothing is answered yet
        body, url = compile_template(self.body, before, scope), scope.value(self.url)
        secret = scope.value(self.secret) if self.secret else None
        message = _message(self.event, self.method, url, body, secret, self.check)
        if not self.subscribes:

            def send(execution: Execution) -> None:
                _note(execution, message(execution))

            return send

        resource = self.resource
        asked_for = compile_conditions(self.where, resource, scope)

        def send_to_each(execution: Execution) -> None:
            conditions, outer = asked_for(execution), execution.this
            for record in list(execution.store.scan(resource.name, execution.owner(resource))):
                if all(holds(execution, record) for holds in conditions):
                    execution.this = record
                    _note(execution, message(execution))
            execution.this = outer

        return send_to_each


def _note(execution: Execution, message: Outgoing | None) -> None:
    if message is not None:
        execution.messages = (*execution.messages, message)


def _message(
    event: str, method: str, url: Evaluate, body: Evaluate, secret: Evaluate | None, check: SchemaCheck | None
) -> Callable[[Execution], Outgoing | None]:
    """Return what makes a message; nothing is sent where there is no URL."""

    def message(execution: Execution) -> Outgoing | None:
        to = url(execution)
        if type(to) is not str or not to:
            return None
        said, signed_by = body(execution), secret(execution) if secret else None
        flaws = check.violations(said, NoChoice()) if check else ()
        problem = f"The body does not fit its schema: {flaws[0].message}." if flaws else ""
        key = signed_by if type(signed_by) is str and signed_by else None
        return Outgoing(event, method, to, None if said is ABSENT else said, key, execution.organization, problem)

    return message


def _url(reader: StepReader, message: Announced) -> Value | None:
    """Return where a message goes: as the step says, or as the callback does."""
    node = reader.node
    if "url" in node.value:
        return reader.value(node["url"])
    if reader.this is None:
        if message.is_of(node):
            expression = reader.linked(node, message.url)
            return Decision(expression) if expression is not None else None
        node.flaw("nothing says where the message goes", "give it `url`, or `to: RESOURCE`")
        return None
    try:
        expression = _of_subscriber(parse_expression(message.url)) if message.url else FromThis("url")
    except ValueError:
        expression = None
    parts = expression.parts if isinstance(expression, TextOf) else (expression,)
    lacking = [part for part in parts if isinstance(part, FromThis) and part.field not in reader.this.fields]
    if expression is None or lacking or any(not isinstance(part, FromThis) for part in parts[:1] if len(parts) == 1):
        node.flaw(f"nothing says which field of {reader.this.name} has the address", "give it `url: $this.FIELD`")
        return None
    return Decision(expression)


def _of_subscriber(expression: Expression) -> Expression:
    """Return the expression of a callback, seen from the record that the request left."""
    if isinstance(expression, FromBody) and len(expression.tokens) == 1:
        return FromThis(expression.tokens[0])
    if isinstance(expression, TextOf):
        return TextOf(tuple(map(_of_subscriber, expression.parts)))
    return expression


def _check(shapes: AnswerReader, body: object, message: Announced) -> SchemaCheck | None:
    """Return what the body is held to when it is sent, if anything; a flaw is noted where it never fits."""
    if message.schema is None:
        return None
    node = shapes.node
    if reason := shapes.never_fits(body, message.schema):
        hint = f"the documented schema is at {message.schema.pointer}"
        key = "body" if "body" in node.value else None
        node.flaw(f"this never fits the schema of {piece(message.name)}: {reason}", hint, key)
        return None
    given = shapes.written_out(shapes.schema_of(body), f"{node.pointer}/sent")
    schemas = shapes.around.schemas
    return schemas.check(message.schema, "response") if schemas.inclusion.obstacle(given, message.schema) else None


def _secret(reader: StepReader) -> Value | None:
    place = secret_of(reader.node)
    if place and reader.this is None and "$this" in str(place.value):
        return None  # the secret is a subscriber's, and this goes to none
    return reader.value(place) if place else None


def _in_template(template: object) -> Iterator[Expression]:
    if isinstance(template, dict):
        for member in template.values():
            yield from _in_template(member)
    elif template is not None:
        yield template  # type: ignore[misc]  # nothing else is in a template
