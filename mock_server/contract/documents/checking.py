"""Holding a document to OpenAPI and to JSON Schema: what is misspelt, misplaced or leads nowhere is noted.

A vendor's document is served all the same. What no answer depends on is a warning; what an operation is built on breaks that
operation. Extensions of ours have to be right.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection

from mock_server.contract.documents.document import Document, Node, refers
from mock_server.contract.documents.structure import StructuralFlaw, structural_flaws
from mock_server.contract.documents.vocabulary import (
    EXTENSIONS,
    IDENTIFYING,
    METHODS,
    OBJECT,
    PARTS,
    SCHEMA,
    SCHEMA_KEYWORDS,
    UNUSED_KEYS,
    UNUSED_PARTS,
)
from mock_server.contract.files.flaws import Severity, did_you_mean, piece
from mock_server.contract.files.source import Json, Source, pointer_tokens

ALIKE = 0.92
"""How alike the name of an extension has to be to one of ours to be told as misspelt: one letter is missing or too many."""


PARAMETER = re.compile(r".*/parameters/[^/]+")
NEEDED_OF_PARAMETER = frozenset({"name", "in"})
"""What a parameter cannot be read without."""


def check_document(document: Document) -> None:
    """Note what is wrong in the objects, references and keywords of a document."""
    for node, kind in document.parts:
        if kind == "parameter":
            _give_schema(node)
    _note_structure(document, "", document.main, "", document.main.value)
    for node, kind in document.parts:
        if refers(node):
            _check_reference(document, node, kind)
        _check_extension_names(node)
        if kind == SCHEMA:
            _check_keywords(node)


def check_extensions(document: Document) -> None:
    """Note extensions of ours that nothing has read, and would silently mean nothing.

    Where not all of the document was read, those are noted that stand where they are never read.
    """
    is_incomplete = document.flaws.is_incomplete
    for node, kind in document.parts:
        for key in EXTENSIONS.keys() & _keys(node.value):
            is_read = (node.source.name, node[key].pointer) in document.extensions_read
            if not is_read and not (is_incomplete and _may_be_read(key, node, kind)):
                node.flaw(f"{piece(key)} means nothing here", EXTENSIONS[key], key)


def _note_structure(document: Document, part: str, source: Source, pointer: str, value: Json) -> None:
    """Hold a part to what its kind has to be."""
    for found in structural_flaws(part, pointer, value):
        if found.key in document.dialect.more_keys:
            continue
        if found.key in document.dialect.ignored_keys:
            document.flaws.add(
                source, found.pointer, f"{piece(found.key)} is not supported; it is ignored", "", Severity.WARNING
            )
            continue
        severity = Severity.WARNING if _is_harmless(found, found.pointer[len(pointer) :]) else Severity.BREAKS
        document.flaws.add(source, found.pointer, found.message, found.hint, severity)


def _is_harmless(found: StructuralFlaw, pointer: str) -> bool:
    """Say whether every operation can be answered all the same: a key is unknown, or nothing depends on what is wrong at a
    pointer, seen from the part that was checked."""
    if found.is_unknown_key or found.is_missing_text:
        return True
    if _is_said_of_parameter(found):
        return True
    tokens = pointer_tokens(pointer)
    if tokens[:1] == ["components"]:
        return PARTS.get(tokens[1] if len(tokens) > 1 else "") in UNUSED_PARTS
    is_path = tokens[:1] == ["paths"]  # whose own name is no key, nor are those of what stands in it by name
    keys = tokens[2:] if is_path else tokens
    return any(key in UNUSED_KEYS or PARTS.get(key) in UNUSED_PARTS for key in keys)


def _is_said_of_parameter(found: StructuralFlaw) -> bool:
    """Say whether what is wrong is how a parameter is written or described: its reader finds out what can be made of it."""
    around, _, key = found.pointer.rpartition("/")
    if PARAMETER.fullmatch(found.pointer):
        return found.missing not in NEEDED_OF_PARAMETER
    return PARAMETER.fullmatch(around) is not None and key not in (*NEEDED_OF_PARAMETER, "schema")


def _check_reference(document: Document, node: Node, kind: str) -> None:
    """Note a reference that leads to something of another kind, or in a circle; one that leads nowhere is noted already."""
    target = document.target(node)
    if target is None:
        return
    if _is_circular(node):
        node.breaks("this reference leads back to itself", key="$ref")
    elif kind in PARTS.values() and kind != SCHEMA and not _is_component(target, kind):
        part = f"#/$defs/{kind}" + "-or-reference" * (kind != "media-type")
        _note_structure(document, part, target.source, target.pointer, target.value)


def _give_schema(parameter: Node) -> None:
    """Let a parameter without a schema take any text."""
    value = parameter.value
    if not isinstance(value, dict) or "$ref" in value:
        return
    if "schema" not in value and not value.get("content"):
        parameter.warn("this parameter has no schema: any text is taken", "add `schema`")
        value.pop("content", None)
        value["schema"] = {}
    for _, media in parameter["content"].items() if "content" in value else ():
        if isinstance(media.value, dict):
            media.value.setdefault("schema", {})


def _is_component(node: Node, kind: str) -> bool:
    """Say whether a part stands where the check of the main file has held it to what its kind has to be."""
    place, _, section = node.pointer.rpartition("/")[0].rpartition("/")
    return node.source is node.document.main and place == "/components" and PARTS.get(section) == kind


def _is_circular(node: Node) -> bool:
    end = node.resolved()
    return refers(end) and node.document.target(end) is not None


def _check_keywords(schema: Node) -> None:
    """Note keywords that JSON Schema and OpenAPI do not know: they check nothing."""
    for keyword in list(_keys(schema.value)):
        if keyword == "nullable":
            hint = "OpenAPI 3.1 writes type: [string, 'null'] instead"
            schema.warn("OpenAPI 3.1 has no `nullable`; it changes nothing", hint, keyword)
        elif keyword in IDENTIFYING:
            message, hint = f"{piece(keyword)} is not supported", "a reference names a file and a JSON Pointer"
            schema.document.drop(schema.source, schema[keyword].pointer, message, hint)
        elif keyword not in SCHEMA_KEYWORDS and not keyword.startswith("x-"):
            schema.warn(f"{piece(keyword)} is not a keyword of JSON Schema", did_you_mean(keyword, SCHEMA_KEYWORDS), keyword)


def _check_extension_names(node: Node) -> None:
    """Note extensions that are nearly ours: if they were meant to be, they silently mean nothing."""
    for key in _keys(node.value):
        if key.startswith("x-") and key not in EXTENSIONS:
            near = difflib.get_close_matches(key, EXTENSIONS, n=1, cutoff=ALIKE)
            if near:
                node.warn(f"{piece(key)} is not known", f"did you mean {near[0]!r}?", key)


def _keys(value: Json) -> Collection[str]:
    return value.keys() if isinstance(value, dict) else ()


def _may_be_read(extension: str, node: Node, kind: str) -> bool:
    match extension:
        case "x-assumptions" | "x-problems" | "x-webhook-delivery":
            return node.pointer == ""
        case "x-idempotency":
            return node.pointer == "" or (kind == OBJECT and node.pointer.rpartition("/")[2] in METHODS)
        case "x-behaviour":
            return kind == OBJECT and node.pointer.rpartition("/")[2] in METHODS
        case "x-only-when":
            return kind == "media-type"
        case "x-source":
            return kind == "response"
    return kind == SCHEMA
