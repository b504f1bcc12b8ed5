"""What the source of one operation is written from: how it says values, decisions, tables and results of earlier steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mock_server.contract.expressions import Expression, FromBody, FromParameter, FromStep, Generated, Literal
from mock_server.contract.model import Decision, Resource, Step, Value
from mock_server.engine.execution import ABSENT, part, present
from mock_server.engine.source import Source
from mock_server.engine.store import Fields, IndexKind, TableLayout, folded, hashable

PARAMETERS = "run"
"""The parameters of a compiled behaviour; see `Engine.perform`."""


class Scene:
    """The source of one operation while it is written, and the names in it. Each method returns a piece of source."""

    def __init__(self, name: str, resources: Mapping[str, Resource], layouts: Mapping[str, TableLayout]) -> None:
        self.resources = resources
        self.layouts = layouts
        self.source = Source(name, PARAMETERS)
        self._steps: dict[str, tuple[Step, str, bool]] = {}
        self._made: dict[str, str] = {}
        self._tables: dict[str, str] = {}
        self.run = "run"
        self.now = self.source.variable("now")
        self.source.at_start("store, choices, generator = run.store, run.choices, run.generator")
        self.source.at_start("organization, parameters, body = run.organization, run.parameters, run.body")
        self.absent = self.source.bind("ABSENT", ABSENT)

    def result(self, step: Step) -> str:
        """The variable of what `step` comes to, when it is being written."""
        return self.source.variable(step.resource.name if step.name.startswith("step-") else step.name)

    def note(self, step: Step, variable: str, *, nullable: bool = False, made: str | None = None) -> None:
        """Let later steps refer to what `step` came to. `made` is the variable that says whether the step made it."""
        self._steps[step.name] = (step, variable, nullable)
        if made is not None:
            self._made[step.name] = made

    def noted(self, name: str) -> tuple[Step, str, bool]:
        """An earlier step, the variable of what it came to, and whether that may be None."""
        return self._steps[name]

    def any_made(self, names: Iterable[str]) -> str:
        """Whether one of these steps made a record."""
        return " or ".join(self._made[name] for name in names if name in self._made) or "False"

    def owner(self, resource: Resource) -> str:
        """Whose records of `resource` the request sees."""
        return "organization" if resource.owned else "None"

    def table(self, resource: Resource) -> str:
        """The table of a resource."""
        if resource.name not in self._tables:
            name = self._tables[resource.name] = self.source.variable(f"{resource.name}_table")
            self.source.at_start(f"{name} = store.tables[{resource.name!r}]")
        return self._tables[resource.name]

    def index(self, resource: Resource, fields: Fields) -> str:
        """The ids of a table by the values of some fields."""
        return f"{self.table(resource)}.indexes[{fields!r}].ids"

    def entry(self, resource: Resource, fields: Fields, values: Mapping[str, str]) -> str:
        """The place in an index, as `Index.entry` has it; `values` are names."""
        kind = self.layouts[resource.name].kind(fields)
        parts = [self.owner(resource)]
        for value in (values[field] for field in fields):
            if kind is IndexKind.TEXTS:
                parts.append(value)
            elif kind is IndexKind.KEY:
                other = self.source.bind("folded", folded)
                parts.append(f"{value}.strip().casefold() if type({value}) is str else {other}({value})")
            else:
                other = self.source.bind("hashable", hashable)
                parts.append(f"{value} if type({value}) is str else {other}({value})")
        return f"({', '.join(parts)})"

    def settled(self, decision: Decision[str]) -> str:
        """What a decision comes to."""
        if decision.assumption is None:
            return repr(decision.fixed)
        return self.chosen(decision.assumption, decision.outcomes)

    def chosen(self, assumption: str, outcomes: Mapping[str, object]) -> str:
        """What `outcomes` has for the choice that holds; the assumption is consulted."""
        return f"{self.source.bind(f'{assumption}_outcomes', outcomes)}[{self.choice(assumption)}]"

    def choice(self, assumption: str) -> str:
        """The choice that holds, which is consulted by this."""
        self.source.at_start("made, rest_on = choices.made, choices.rested_on.setdefault")
        return f"rest_on({assumption!r}, made[{assumption!r}])"

    def value(self, value: Value) -> str:
        """A value; `ABSENT` where the request does not send it."""
        if value.assumption is None:
            return self.expression(value.fixed)  # type: ignore[arg-type]  # fixed, as there is no assumption
        if all(isinstance(expression, Literal) for expression in value.outcomes.values()):
            literals = {choice: expression.value for choice, expression in value.outcomes.items()}  # type: ignore[union-attr]
            return self.chosen(value.assumption, literals)
        choice, consulted = self.source.variable("choice"), self.choice(value.assumption)
        *cases, (_, last) = value.outcomes.items()
        text = ""
        for number, (name, expression) in enumerate(cases):
            held = choice if number else f"({choice} := {consulted})"
            text += f"{self.expression(expression)} if {held} == {name!r} else "
        return f"({text}{self.expression(last)})"

    def expression(self, expression: Expression) -> str:
        """The value of an expression."""
        match expression:
            case Literal(value):
                return self.source.constant(value)
            case FromParameter(location, name):
                return f"parameters.get({(location, name)!r}, {self.absent})"
            case FromBody((token,)):
                self.source.at_start("sent = body.get if type(body) is dict else {}.get")
                return f"sent({token!r}, {self.absent})"
            case FromBody(tokens):
                return f"{self.source.bind('part', part)}(body, {tokens!r})"
            case FromStep(name, field):
                step, variable, nullable = self._steps[name]
                wanted = step.resource.id if field is None else field
                found = f"{variable}.get({wanted!r}, {self.absent})"
                if wanted == step.resource.id:
                    found = f"{variable}[{wanted!r}]"
                return f"({found} if {variable} is not None else None)" if nullable else found
            case Generated():
                return "generator.text()"

    def never_absent(self, value: Value) -> bool:
        """Whether a value is there whatever the request sends."""
        for expression in value.possible():
            if isinstance(expression, (Literal, Generated)):
                continue
            if not isinstance(expression, FromStep):
                return False
            if expression.field not in (None, self._steps[expression.name][0].resource.id):
                return False
        return True

    def mapping(self, values: Mapping[str, str]) -> str:
        """The values as a dict, without the absent ones."""
        members = ", ".join(f"{field!r}: {value}" for field, value in values.items())
        return f"{self.source.bind('present', present)}({{{members}}})"
