"""Holding values to the schemas of a document, also where a schema depends on choices.

A schema may ask for more under a choice of an assumption:

    x-when: {unknown-properties: {refuse: {additionalProperties: false}}}

Such keywords only ever add to what the schema asks for. So a value that satisfies all of them together rests on no
assumption at all; that is the common case and costs one look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import jsonschema_rs

from mock_server.contract.documents.document import Document, Node, Place
from mock_server.contract.documents.reachable import outermost
from mock_server.contract.documents.selection import Selection, selected
from mock_server.contract.files.edits import Edit, edited
from mock_server.contract.files.flaws import did_you_mean, piece, shortened
from mock_server.contract.files.pointers import file_uri
from mock_server.contract.files.source import Json, Source, pointer_to
from mock_server.contract.schemas.compiled import Compiled, CompiledSchemas, Interpretation, is_pattern
from mock_server.contract.schemas.directions import without_what_is_not_sent
from mock_server.contract.schemas.discriminators import Discriminators
from mock_server.contract.schemas.inclusion import Inclusion
from mock_server.contract.schemas.keywords import NOT_SENT, TYPES, Direction
from mock_server.contract.schemas.nearest import nearest
from mock_server.contract.schemas.schema import Schema, node_of

if TYPE_CHECKING:
    from mock_server.contract.decisions import Assumption, Chooser

PATTERN_HINT = "it names what is not known, or would take too much memory"

METASCHEMA = "https://json-schema.org/draft/2020-12/schema"

LookUp: TypeAlias = "Callable[[object, Node, str], Assumption | None]"


class Violation(NamedTuple):
    """What a value breaks: the JSON Pointer of the missing or wrong value itself, and the keyword that refuses it."""

    location: str
    pointer: str
    rule: str
    message: str


class Schemas:
    """Every schema of a document, compiled when first needed, for any selection of choices."""

    def __init__(self, document: Document, assumptions: Mapping[str, Assumption]) -> None:
        self.document = document
        self.assumptions = assumptions
        self.inclusion = Inclusion()
        self.discriminators = Discriminators(document)
        self._checks: dict[tuple[Place, Direction | None], SchemaCheck] = {}
        self._compiled: dict[Interpretation, CompiledSchemas] = {}

    def check_all(self, look_up: LookUp) -> None:
        """Note a flaw for every schema that is no JSON Schema, and for every `x-when` that is wrong.

        `look_up` returns an assumption, or notes that the part of a node refers to none.
        """
        self._check_keywords()
        for schema in self.document.schemas():
            self._check_when(schema, look_up)
            self._check_adds(schema)
        self.document.break_parts()
        self._follow_discriminators()
        self._check_registry()

    def _check_keywords(self) -> None:
        """Drop what is no JSON Schema, and regular expressions that cannot be used."""
        metaschema = jsonschema_rs.validator_for({"$ref": METASCHEMA}, offline=True, validate_formats=True)
        told: set[Place] = set()
        for schema in self._outermost:
            for error in metaschema.iter_errors(schema.value):
                place = schema.pointer + pointer_to(*error.instance_path)
                told.add((schema.source.name, place))
                self.document.drop(schema.source, place, *_told_of_schema(error))
        usable: dict[str, bool] = {}
        for schema in self.document.schemas():
            for node, pattern in _patterns_in(schema):
                if pattern not in usable:
                    usable[pattern] = is_pattern(pattern)
                around = (node.source.name, node.pointer.rpartition("/")[0])
                if not usable[pattern] and told.isdisjoint([node.place, around]):
                    message = f"{piece(pattern)} is a regular expression that cannot be used"
                    self.document.drop(node.source, node.pointer, message, PATTERN_HINT)

    def _follow_discriminators(self) -> None:
        """Have it known that schemas lead to what their discriminators name."""
        for place, following in self.discriminators.steps():
            self.document.graph.add(place, following)
            self.__dict__.pop("_choices", None)  # more schemas may depend on them

    def _check_registry(self) -> None:
        """Note a flaw where a part of a file that no operation refers to has references that lead nowhere."""
        try:
            self.compiled(Interpretation(self.all_choices))
        except ValueError as error:
            if not self.document.flaws:
                self.document.root.flaw(f"the schemas cannot be compiled: {shortened(str(error))}")
            for schema in self.document.schemas():
                schema.distrust()
            self.document.break_parts()

    def check(self, schema: Schema, direction: Direction | None = None) -> SchemaCheck:
        """Return the check that holds values to `schema`; it is compiled once for all who ask.

        A value that is sent in a `direction` need not have the properties that are not sent so.
        """
        key = (schema.place, direction if direction and schema.place in self._directed[direction] else None)
        if key not in self._checks:
            self._checks[key] = SchemaCheck(self, schema, key[1])
        return self._checks[key]

    def compiled(self, reading: Interpretation) -> CompiledSchemas:
        """Return the schemas of the document as they are read in one way; raise `ValueError` where references lead nowhere."""
        if reading not in self._compiled:
            edits = [*self._not_sent.get(reading.direction, ()), *self.discriminators.edits()]
            files = self.document.sources.items()
            resources = [(file_uri(name), self._read(source, reading, edits)) for name, source in files]
            registry = jsonschema_rs.Registry(resources, draft=jsonschema_rs.Draft202012)
            self._compiled[reading] = CompiledSchemas(registry, lambda: self._compiled_together(reading))
        return self._compiled[reading]

    def _read(self, source: Source, reading: Interpretation, edits: list[Edit]) -> Json:
        value = edited(source.value, (edit for edit in edits if edit.file == source.name))
        return selected(value, reading.selection, alone=reading.alone) if self._choices else value

    def _compiled_together(self, reading: Interpretation) -> Iterator[Node]:
        """Yield the schemas that may be asked for in one reading: those in no other, and those asked for so far."""
        known = (node_of(check.schema) for check in self._checks.values())
        outer = (schema for schema in self._outermost if "/x-when/" not in schema.pointer)  # those are joined to others
        for schema in (*outer, *known):
            depends = reading.selection == self.all_choices or self.names(schema.place)
            if depends and (reading.direction is None or schema.place in self._directed[reading.direction]):
                yield schema

    @cached_property
    def _outermost(self) -> list[Node]:
        return outermost(self.document)

    @cached_property
    def _not_sent(self) -> Mapping[Direction | None, tuple[Edit, ...]]:
        """What to change for schemas not to require what is not sent in a direction."""
        return {direction: tuple(without_what_is_not_sent(self.document, direction)) for direction in NOT_SENT}

    @cached_property
    def _directed(self) -> Mapping[Direction, set[Place]]:
        """The places of the schemas that ask for less in a direction."""
        return {
            direction: self.document.graph.leading_to((edit.file, edit.pointer) for edit in edits) if edits else set()
            for direction, edits in self._not_sent.items()
            if direction
        }

    # ------------------------------------------------------------------ schemas that depend on choices

    @cached_property
    def all_choices(self) -> Selection:
        """Every choice that some schema depends on."""
        return frozenset((name, choice) for name, (choices, _) in self._choices.items() for choice in choices)

    def names(self, place: Place) -> Mapping[str, tuple[str, ...]]:
        """Return the assumptions that the schema at `place` depends on, with those choices that ask for more."""
        return {name: choices for name, (choices, depending) in self._choices.items() if place in depending}

    def in_branches(self, place: Place) -> bool:
        """Say whether a branch of an `anyOf` in the schema at `place` depends on choices."""
        return place in self._around_branches

    @cached_property
    def _choices(self) -> Mapping[str, tuple[tuple[str, ...], set[Place]]]:
        """By the name of an assumption: the choices that ask for more, and the places of all schemas that depend on it."""
        if not self.assumptions:
            return {}
        choices: dict[str, dict[str, None]] = {}
        places: dict[str, list[Place]] = {}
        for schema in self.document.schemas():
            if isinstance(schema.value, dict) and isinstance(schema.value.get("x-when"), dict):
                for name, entries in schema.value["x-when"].items():
                    choices.setdefault(name, {}).update(dict.fromkeys(entries if isinstance(entries, dict) else ()))
                    places.setdefault(name, []).append(schema.place)
        return {name: (tuple(found), self.document.graph.leading_to(places[name])) for name, found in choices.items()}

    @cached_property
    def _around_branches(self) -> set[Place]:
        owners = (schema for schema in self.document.schemas() if self.names(schema.place) and "anyOf" in schema.value)
        found = [owner.place for owner in owners if any(self.names(branch.place) for branch in owner["anyOf"].elements())]
        found += [place for place, following in self.discriminators.steps() if self.names(following)]
        return self.document.graph.leading_to(found) if found else set()

    def _check_when(self, schema: Node, look_up: LookUp) -> None:
        when = schema.extension("x-when")
        if when is None:
            return
        if not isinstance(when.value, dict):
            when.flaw("has to be a mapping: ASSUMPTION: {CHOICE: {KEYWORD: VALUE}}")
        for name, choices in when.items():
            assumption = look_up(name, when, name)
            if assumption is None:
                when.distrust()
                continue
            if not isinstance(choices.value, dict):
                choices.flaw("has to be a mapping: CHOICE: {KEYWORD: VALUE}")
            for choice, keywords in choices.items():
                if choice not in assumption.choices:
                    hint = did_you_mean(choice, assumption.choices)
                    choices.flaw(f"{piece(choice)} is not a choice of {name}", hint, choice)
                if not isinstance(keywords.value, dict):
                    keywords.flaw("has to be a mapping: KEYWORD: VALUE")
                elif self.names(keywords.place):
                    keywords.flaw("an `x-when` stands inside another", "choices of two assumptions cannot be joined")

    def _check_adds(self, schema: Node) -> None:
        """Note every `x-when` where what it adds would not simply be asked for as well."""
        if not self._choices:
            return
        for keyword in ("not", "if", "contains", "oneOf", "anyOf"):
            if not isinstance(schema.value, dict) or keyword not in schema.value:
                continue
            branches = list(schema[keyword].elements()) or [schema[keyword]]
            depending = [branch for branch in branches if self.names(branch.place)]
            if len(depending) > (keyword == "anyOf"):
                hint = "an `x-when` can stand in one branch of `anyOf`, not beneath `not`, `if`, `contains` or `oneOf`"
                schema.flaw(f"what is beneath `{keyword}` depends on choices by `x-when`", hint, keyword)


class SchemaCheck:
    """Holds values to one schema and says which choices the verdict rests on. Nothing is compiled before a value is."""

    def __init__(self, schemas: Schemas, schema: Schema, direction: Direction | None = None) -> None:
        self.schema = schema
        self._direction = direction
        self._schemas = schemas
        self._choices = schemas.names(schema.place)
        # In a branch of an `anyOf`, a choice asks for more only of what no other branch takes.
        self._in_branches = bool(self._choices) and schemas.in_branches(schema.place)
        self._validators: dict[Selection, Compiled] = {}

    @cached_property
    def strictest(self) -> Compiled:
        """What lets those values through that are valid under every choice."""
        return self._validator(self._schemas.all_choices)

    def violations(self, value: Json, chooser: Chooser, location: str = "body", path: str = "") -> tuple[Violation, ...]:
        """Return all that `value` breaks under the choices that hold; the choices that matter are consulted."""
        return () if self.strictest.is_valid(value) else self.violations_of_misfit(value, chooser, location, path)

    def violations_of_misfit(
        self, value: Json, chooser: Chooser, location: str = "body", path: str = ""
    ) -> tuple[Violation, ...]:
        """Return what `violations` does, for a value that is not valid under all choices."""
        if not self._choices:
            return _violations(self.strictest, value, location, path)
        if self._in_branches:
            names = [name for name in self._choices if self._changes(name, value)]
        else:
            names = [name for name, addition in self._additions.items() if not addition.is_valid(value)]
        return _violations(self._validator(frozenset([(name, chooser.of(name)) for name in names])), value, location, path)

    def _changes(self, name: str, value: Json) -> bool:
        """Say whether `value` breaks more, or something else, under one of the choices of an assumption."""
        plain = _violations(self._validator(frozenset()), value, "", "")
        asked = (self._validator(frozenset([(name, choice)])) for choice in self._choices[name])
        return any(_violations(validator, value, "", "") != plain for validator in asked)

    @cached_property
    def _additions(self) -> dict[str, Compiled]:
        """What holds values to nothing but what the choices of each assumption, all together, ask for beyond the schema."""
        return {
            name: self._compiled(frozenset((name, choice) for choice in choices), alone=True)
            for name, choices in self._choices.items()
        }

    def _validator(self, selection: Selection) -> Compiled:
        if selection not in self._validators:
            self._validators[selection] = self._compiled(selection)
        return self._validators[selection]

    def _compiled(self, selection: Selection, *, alone: bool = False) -> Compiled:
        try:
            return self._schemas.compiled(Interpretation(selection, alone, self._direction)).of(node_of(self.schema))
        except ValueError as error:
            why = shortened(str(error).partition("\n")[0])
            self.schema.warn(f"this schema cannot be compiled, so that values are not held to it: {why}")
            return HELD_TO_NOTHING


HELD_TO_NOTHING = Compiled(lambda value: True, lambda value: iter(()), 0)
"""What lets every value through."""


class NoChoice:
    """The chooser for schemas that depend on no choice: those of resources and of answers."""

    def of(self, assumption: str) -> str:
        """Raise: there is nothing to choose."""
        raise LookupError(assumption)


def _patterns_in(schema: Node) -> Iterator[tuple[Node, str]]:
    """Yield the regular expressions of `schema`: where each stands, and itself."""
    value = schema.value if isinstance(schema.value, dict) else {}
    if isinstance(value.get("pattern"), str):
        yield schema["pattern"], value["pattern"]
    if isinstance(value.get("patternProperties"), dict):
        yield from ((node, pattern) for pattern, node in schema["patternProperties"].items())


def _told_of_schema(error: Any) -> tuple[str, str]:
    """Tell what makes a schema no JSON Schema: the message, and what would be right."""
    where = error.instance_path[-1] if error.instance_path else ""
    if where == "type" and isinstance(error.instance, str):
        return f"{piece(error.instance)} is not a type", did_you_mean(error.instance, (*TYPES, "integer"))
    if error.kind.name == "type" and set(error.kind.types) == {"boolean", "object"}:
        return f"a schema has to be a mapping, not {piece(error.instance)}", ""
    if where == "pattern" and error.kind.name == "format":
        return f"{piece(error.instance)} is not a regular expression", "it is read as ECMA-262 writes them"
    return shortened(error.message), ""


def _violations(compiled: Compiled, value: Json, location: str, path: str) -> tuple[Violation, ...]:
    found: list[Violation] = []
    for error in compiled.errors(value):
        _tell(error, compiled.depth, location, path, found)
    return tuple(found)


def _tell(error: Any, depth: int, location: str, path: str, found: list[Violation]) -> None:
    """Add an error of the validator to what was found: told at the value itself, a missing property by its own pointer."""
    kind, place = error.kind, error.instance_path[depth:]
    rule = kind.name
    pointer = path + pointer_to(*place) if place else path
    if rule == "required":
        name = kind.property
        found.append(Violation(location, pointer + pointer_to(name), rule, f"{piece(name)} is required"))
    elif rule in ("additionalProperties", "unevaluatedProperties"):
        for name in kind.unexpected:
            told = f"{shortened(repr(name))} is not a known property"
            found.append(Violation(location, pointer + pointer_to(name), rule, told))
    elif rule in ("anyOf", "oneOf") and all(getattr(kind, "context", None) or [()]):
        branch = nearest(kind.context, error.instance_path)
        for inner in branch:
            _tell(inner, depth, location, path, found)
    elif rule == "enum":
        told = f"this value is not one of {', '.join(map(piece, kind.options))}"  # all of them: one is right
        found.append(Violation(location, pointer, rule, shortened(told)))
    else:
        found.append(Violation(location, pointer, rule, shortened(error.message)))
