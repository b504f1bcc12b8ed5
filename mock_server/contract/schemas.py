"""Holding values to the schemas of a document, also where a schema depends on choices.

A schema may ask for more under a choice of an assumption:

    x-when: {unknown-properties: {refuse: {additionalProperties: false}}}

Such keywords only ever add to what the schema asks for. So a value that satisfies all of them together rests on no
assumption at all; that is the common case and costs one look.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import jsonschema_rs

from mock_server.contract.document import PLAIN_VALUES, SCHEMA_KEYWORDS, Document, Node, reachable, shortened
from mock_server.contract.flaws import did_you_mean, piece
from mock_server.contract.source import Json, pointer_to

if TYPE_CHECKING:
    from mock_server.contract.model import Assumption, Chooser

METASCHEMA = "https://json-schema.org/draft/2020-12/schema"

Selection: TypeAlias = frozenset[tuple[str, str]]
"""The (assumption, choice) pairs whose keywords a schema is read with."""


@dataclass(frozen=True, slots=True)
class Violation:
    """What a value breaks: the JSON Pointer of the missing or wrong value itself, and the keyword that refuses it."""

    location: str
    pointer: str
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class Media:
    """One media type of a body. `only_when` names the (assumption, choice) under which it is the one in use."""

    type: str
    schema: Node | None
    only_when: tuple[str, str] | None
    examples: Mapping[str, Json]


class Schemas:
    """Every schema of a document, compiled when first needed, for any selection of choices."""

    def __init__(self, document: Document, assumptions: Mapping[str, Assumption]) -> None:
        self.document = document
        self.assumptions = assumptions
        self._registries: dict[Selection, jsonschema_rs.Registry] = {}
        self.relevant: frozenset[str] = frozenset()

    def check_all(self) -> None:
        """Note a flaw for every schema that is no JSON Schema, and for every `x-when` that is wrong."""
        metaschema = jsonschema_rs.validator_for({"$ref": METASCHEMA}, offline=True, validate_formats=True)
        relevant = set()
        for schema in self.document.schemas():
            if not isinstance(schema.value, (dict, bool)):
                schema.flaw(f"a schema has to be a mapping, not {piece(schema.value)}")
                continue
            for error in metaschema.iter_errors(schema.value):
                if len(error.instance_path) <= 1:  # deeper ones are told at the schema that they belong to
                    schema.flaw(shortened(error.message), key=error.instance_path[0] if error.instance_path else None)
            relevant.update(self._check_when(schema))
        self.relevant = frozenset(relevant)

    def check(self, schema: Node) -> SchemaCheck:
        """Return the check that holds values to `schema`."""
        return SchemaCheck(self, schema)

    def validator(self, schema: Node, selection: Selection) -> jsonschema_rs.Draft202012Validator:
        """Return the compiled `schema`, with the keywords of the selected choices."""
        if selection not in self._registries:
            resources = [
                (f"contract:///{name}", selected(source.value, selection)) for name, source in self.document.sources.items()
            ]
            self._registries[selection] = jsonschema_rs.Registry(resources, draft=jsonschema_rs.Draft202012)
        return jsonschema_rs.validator_for(
            {"$ref": schema.uri},
            registry=self._registries[selection],
            validate_formats=True,
            offline=True,
            mask="this value",  # a body may hold megabytes, and what nobody wants to read in a log
        )

    def _check_when(self, schema: Node) -> Iterator[str]:
        when = schema.extension("x-when")
        if when is None:
            return
        if not isinstance(when.value, dict):
            when.flaw("has to be a mapping: ASSUMPTION: {CHOICE: {KEYWORD: VALUE}}")
        for name, choices in when.items():
            assumption = self.assumptions.get(name)
            if assumption is None:
                when.flaw(f"there is no assumption {piece(name)}", did_you_mean(name, self.assumptions), name)
                continue
            if not isinstance(choices.value, dict):
                choices.flaw("has to be a mapping: CHOICE: {KEYWORD: VALUE}")
            yield name
            for choice, keywords in choices.items():
                if choice not in assumption.choices:
                    hint = did_you_mean(choice, assumption.choices)
                    choices.flaw(f"{piece(choice)} is not a choice of {name}", hint, choice)
                for keyword, _ in keywords.items():
                    if keyword not in SCHEMA_KEYWORDS:
                        hint = did_you_mean(keyword, SCHEMA_KEYWORDS)
                        keywords.flaw(f"{piece(keyword)} is not a keyword of JSON Schema", hint, keyword)


class SchemaCheck:
    """Holds values to one schema and says which choices the verdict rests on."""

    def __init__(self, schemas: Schemas, schema: Node) -> None:
        self.schema = schema
        self._schemas = schemas
        self._choices: dict[str, list[str]] = {}
        for part in reachable(schema):
            if isinstance(part.value, dict):
                for name, choices in part.value.get("x-when", {}).items():
                    known = self._choices.setdefault(name, [])
                    known.extend(choice for choice in choices if choice not in known)
        everything = frozenset((name, choice) for name, choices in self._choices.items() for choice in choices)
        self._validators: dict[Selection, jsonschema_rs.Draft202012Validator] = {}
        self.strictest = self._validator(everything)

    def violations(self, value: Json, chooser: Chooser, location: str = "body", path: str = "") -> tuple[Violation, ...]:
        """Return all that `value` breaks under the choices that hold; the choices that matter are consulted."""
        if self.strictest.is_valid(value):
            return ()
        plain = self._validator(frozenset())
        if not plain.is_valid(value):
            return tuple(_violations(plain, value, location, path))
        selection = []
        for name, choices in self._choices.items():
            if any(not self._validator(frozenset([(name, choice)])).is_valid(value) for choice in choices):
                selection.append((name, chooser.of(name)))
        return tuple(_violations(self._validator(frozenset(selection)), value, location, path))

    def _validator(self, selection: Selection) -> jsonschema_rs.Draft202012Validator:
        if selection not in self._validators:
            self._validators[selection] = self._schemas.validator(self.schema, selection)
        return self._validators[selection]


class NoChoice:
    """The chooser for schemas that depend on no choice: those of resources and of answers."""

    def of(self, assumption: str) -> str:
        """Raise: there is nothing to choose."""
        raise LookupError(assumption)


def selected(value: Json, selection: Collection[tuple[str, str]]) -> Json:
    """Return a copy of `value` in which every `x-when` is replaced by the keywords of the selected choices."""
    if isinstance(value, list):
        return [selected(element, selection) for element in value]
    if not isinstance(value, dict):
        return value
    copy = {key: part if key in PLAIN_VALUES else selected(part, selection) for key, part in value.items() if key != "x-when"}
    when = value.get("x-when")
    if isinstance(when, dict):
        for name, choices in when.items():
            for choice, keywords in choices.items():
                if (name, choice) in selection:
                    copy = _with_keywords(copy, keywords)
    return copy


def _with_keywords(schema: dict[str, Any], keywords: dict[str, Any]) -> dict[str, Any]:
    """Return `schema` asking for `keywords` as well; one that it has already with another value is asked for beside it."""
    beside = {keyword: value for keyword, value in keywords.items() if schema.get(keyword, value) != value}
    joined = {**schema, **{keyword: value for keyword, value in keywords.items() if keyword not in beside}}
    if beside:
        joined["allOf"] = [*joined.get("allOf", []), beside]
    return joined


def _violations(
    validator: jsonschema_rs.Draft202012Validator, value: Json, location: str, path: str
) -> Iterator[Violation]:
    for error in validator.iter_errors(value):
        yield from _told(error, location, path)


def _told(error: Any, location: str, path: str) -> Iterable[Violation]:
    """Tell an error of the validator at the value itself: a missing property by its own pointer, not its parent's."""
    kind, pointer = error.kind, path + pointer_to(*error.instance_path)
    if kind.name == "required":
        return [Violation(location, pointer + pointer_to(kind.property), kind.name, f"{piece(kind.property)} is required")]
    if kind.name in ("additionalProperties", "unevaluatedProperties"):
        return [
            Violation(location, pointer + pointer_to(name), kind.name, f"{shortened(repr(name))} is not a known property")
            for name in kind.unexpected
        ]
    if kind.name in ("anyOf", "oneOf") and getattr(kind, "context", None):
        # The branch that got furthest is the one that was meant.
        branch = max(kind.context, key=lambda errors: max((len(inner.instance_path) for inner in errors), default=0))
        return [told for inner in branch for told in _told(inner, location, path)]
    return [Violation(location, pointer, kind.name, shortened(error.message))]
