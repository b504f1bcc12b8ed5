"""Holding values to the schemas of a document, also where a schema depends on choices.

A schema may ask for more under a choice of an assumption:

    x-when: {unknown-properties: {refuse: {additionalProperties: false}}}

Such keywords only ever add to what the schema asks for. So a value that satisfies all of them together rests on no
assumption at all; that is the common case and costs one look.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import jsonschema_rs

from mock_server.contract.document import Document, Node
from mock_server.contract.flaws import did_you_mean, piece, shortened
from mock_server.contract.inclusion import Inclusion
from mock_server.contract.keywords import TYPES
from mock_server.contract.pointers import file_uri
from mock_server.contract.reachable import reachable
from mock_server.contract.schema import Schema, node_of
from mock_server.contract.source import Json, pointer_to
from mock_server.contract.vocabulary import NAMED, PLAIN_VALUES, SCHEMA_KEYWORDS

if TYPE_CHECKING:
    from mock_server.contract.model import Assumption, Chooser

METASCHEMA = "https://json-schema.org/draft/2020-12/schema"

LEADS_ON = frozenset({"$ref", "$defs", "properties", "patternProperties", "items", "prefixItems", "allOf"})
LEADS_ON |= {"additionalProperties", "unevaluatedProperties", "unevaluatedItems"}
"""Keywords beneath which an `x-when` may stand."""

LOOKED_AT = frozenset({"properties", "patternProperties", "prefixItems", "minContains", "maxContains", "if"})
"""Keywords that change what others beside them refuse; asked for beside the schema, they can only add."""

Selection: TypeAlias = frozenset[tuple[str, str]]
"""The (assumption, choice) pairs whose keywords a schema is read with."""


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
        self._checks: dict[tuple[str, str], SchemaCheck] = {}
        self._registries: dict[tuple[Selection, bool], jsonschema_rs.Registry] = {}

    def check_all(self, look_up: LookUp) -> None:
        """Note a flaw for every schema that is no JSON Schema, and for every `x-when` that is wrong.

        `look_up` returns an assumption, or notes that the part of a node refers to none.
        """
        metaschema = jsonschema_rs.validator_for({"$ref": METASCHEMA}, offline=True, validate_formats=True)
        for schema in self.document.schemas():
            for error in metaschema.iter_errors(schema.value):
                place = schema.pointer + pointer_to(*error.instance_path)
                self.document.drop(schema.source, place, *_told_of_schema(error))
            self._check_when(schema, look_up)
            self._check_adds(schema)
        self.document.break_parts()
        self._check_registry()

    def _check_registry(self) -> None:
        """Note a flaw where a part of a file that no operation refers to has references that lead nowhere."""
        try:
            self._registry(frozenset(), alone=False)
        except ValueError as error:
            if not self.document.flaws:
                self.document.root.flaw(f"the schemas cannot be compiled: {shortened(str(error))}")
            for schema in self.document.schemas():
                schema.distrust()
            self.document.break_parts()

    def check(self, schema: Schema) -> SchemaCheck:
        """Return the check that holds values to `schema`; it is compiled once for all who ask."""
        place = schema.place
        if place not in self._checks:
            self._checks[place] = SchemaCheck(self, schema)
        return self._checks[place]

    def validator(self, schema: Node, selection: Selection, *, alone: bool = False) -> jsonschema_rs.Validator:
        """Return the compiled `schema`, with the keywords of the selected choices, or with these `alone`."""
        return jsonschema_rs.validator_for(
            {"$ref": schema.uri},
            registry=self._registry(selection, alone),
            validate_formats=True,
            offline=True,
            mask="this value",  # a body may hold megabytes, and what nobody wants to read in a log
        )

    def _registry(self, selection: Selection, alone: bool) -> jsonschema_rs.Registry:
        if (selection, alone) not in self._registries:
            files = self.document.sources.items()
            resources = [(file_uri(name), selected(source.value, selection, alone=alone)) for name, source in files]
            self._registries[selection, alone] = jsonschema_rs.Registry(resources, draft=jsonschema_rs.Draft202012)
        return self._registries[selection, alone]

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
                elif depends_on_choices(keywords):
                    keywords.flaw("an `x-when` stands inside another", "choices of two assumptions cannot be joined")

    def _check_adds(self, schema: Node) -> None:
        """Note every `x-when` where what it adds would not simply be asked for as well."""
        if not self.assumptions:
            return
        for keyword in ("not", "if", "contains", "oneOf", "anyOf"):
            if not isinstance(schema.value, dict) or keyword not in schema.value:
                continue
            branches = list(schema[keyword].elements()) or [schema[keyword]]
            depending = [branch for branch in branches if depends_on_choices(branch)]
            if len(depending) > (keyword == "anyOf"):
                hint = "an `x-when` can stand in one branch of `anyOf`, not beneath `not`, `if`, `contains` or `oneOf`"
                schema.flaw(f"what is beneath `{keyword}` depends on choices by `x-when`", hint, keyword)


class SchemaCheck:
    """Holds values to one schema and says which choices the verdict rests on."""

    def __init__(self, schemas: Schemas, schema: Schema) -> None:
        self.schema = schema
        self._schemas = schemas
        self._choices: dict[str, list[str]] = {}
        parts = list(reachable(node_of(schema)))
        for part in parts:
            if isinstance(part.value, dict):
                for name, choices in part.value.get("x-when", {}).items():
                    known = self._choices.setdefault(name, [])
                    known.extend(choice for choice in choices if choice not in known)
        everything = frozenset((name, choice) for name, choices in self._choices.items() for choice in choices)
        self._validators: dict[Selection, jsonschema_rs.Validator] = {}
        # In a branch of an `anyOf`, a choice asks for more only of what no other branch takes.
        branches = (branch for part in parts if "anyOf" in _keywords(part) for branch in part["anyOf"].elements())
        self._in_branches = bool(self._choices) and any(map(depends_on_choices, branches))
        self.strictest = self._validator(everything)

    def violations(self, value: Json, chooser: Chooser, location: str = "body", path: str = "") -> tuple[Violation, ...]:
        """Return all that `value` breaks under the choices that hold; the choices that matter are consulted."""
        return () if self.strictest.is_valid(value) else self.violations_of_misfit(value, chooser, location, path)

    def violations_of_misfit(
        self, value: Json, chooser: Chooser, location: str = "body", path: str = ""
    ) -> tuple[Violation, ...]:
        """Return what `violations` does, for a value that is not valid under all choices."""
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
    def _additions(self) -> dict[str, jsonschema_rs.Validator]:
        """The validators of nothing but what the choices of each assumption, all together, ask for beyond the schema."""
        return {
            name: self._schemas.validator(node_of(self.schema), frozenset((name, choice) for choice in choices), alone=True)
            for name, choices in self._choices.items()
        }

    def _validator(self, selection: Selection) -> jsonschema_rs.Validator:
        if selection not in self._validators:
            self._validators[selection] = self._schemas.validator(node_of(self.schema), selection)
        return self._validators[selection]


def _keywords(schema: Node) -> Collection[str]:
    return schema.value if isinstance(schema.value, dict) else ()


def _refuses_itself(keyword: str, value: Json) -> bool:
    return keyword in SCHEMA_KEYWORDS and (keyword not in LEADS_ON or isinstance(value, bool))


def depends_on_choices(schema: Node) -> bool:
    """Say whether an `x-when` stands in `schema` or in what it consists of."""
    return next(dependent_parts(schema), None) is not None


def dependent_parts(schema: Node) -> Iterator[Node]:
    """Yield the parts of `schema` that have an `x-when`."""
    return (part for part in reachable(schema) if isinstance(part.value, dict) and "x-when" in part.value)


class NoChoice:
    """The chooser for schemas that depend on no choice: those of resources and of answers."""

    def of(self, assumption: str) -> str:
        """Raise: there is nothing to choose."""
        raise LookupError(assumption)


def selected(value: Json, selection: Collection[tuple[str, str]], *, by_name: bool = False, alone: bool = False) -> Json:
    """Return a copy of `value` in which every `x-when` is replaced by the keywords of the selected choices.

    `by_name` tells that `value` is a mapping from names, whose keys mean nothing. `alone` leaves out all other keywords but
    those that lead to schemas within schemas.
    """
    if isinstance(value, list):
        return [selected(element, selection, alone=alone) for element in value]
    if not isinstance(value, dict):
        return value
    copy = {
        key: part
        if not isinstance(part, (dict, list)) or (key in PLAIN_VALUES and not by_name)
        else selected(part, selection, by_name=key in NAMED and not by_name, alone=alone)
        for key, part in value.items()
        if by_name or not (key == "x-when" or (alone and _refuses_itself(key, part)))
    }
    when = value.get("x-when")
    if isinstance(when, dict) and not by_name:
        for name, choices in when.items():
            for choice, keywords in choices.items():
                if (name, choice) in selection:
                    copy = _with_keywords(copy, keywords)
    return copy


def _with_keywords(schema: dict[str, Any], keywords: dict[str, Any]) -> dict[str, Any]:
    """Return `schema` asking for `keywords` as well; one that it has already, or that others look at, is asked for beside."""
    beside = {
        keyword: value for keyword, value in keywords.items() if keyword in LOOKED_AT or schema.get(keyword, value) != value
    }
    joined = {**schema, **{keyword: value for keyword, value in keywords.items() if keyword not in beside}}
    if beside:
        joined["allOf"] = [*joined.get("allOf", []), beside]
    return joined


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


def _violations(validator: jsonschema_rs.Validator, value: Json, location: str, path: str) -> tuple[Violation, ...]:
    found: list[Violation] = []
    for error in validator.iter_errors(value):
        _tell(error, location, path, found)
    return tuple(found)


def _tell(error: Any, location: str, path: str, found: list[Violation]) -> None:
    """Add an error of the validator to what was found: told at the value itself, a missing property by its own pointer."""
    kind, place = error.kind, error.instance_path
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
        # The branch that got furthest is the one that was meant.
        branch = max(kind.context, key=lambda errors: max((len(inner.instance_path) for inner in errors), default=0))
        for inner in branch:
            _tell(inner, location, path, found)
    elif rule == "enum":
        told = f"this value is not one of {', '.join(map(piece, kind.options))}"  # all of them: one is right
        found.append(Violation(location, pointer, rule, shortened(told)))
    else:
        found.append(Violation(location, pointer, rule, shortened(error.message)))
