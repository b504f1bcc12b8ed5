"""The language of the extensions as data: a JSON Schema by which editors complete and check, and tables for people.

Both are made of what the loader itself holds an author to: the shapes of the declarations and of the verbs' steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from mock_server.contract.behaviours.declarations import DeclarationKind, kind_of
from mock_server.contract.behaviours.expressions import GRAMMAR
from mock_server.contract.behaviours.operators import OPERATORS
from mock_server.contract.documents.vocabulary import EXTENSIONS
from mock_server.contract.files.source import Json
from mock_server.engine.verbs import VERBS

DRAFT = "https://json-schema.org/draft/2020-12/schema"

KINDS = (
    *("overlay", "action", "assumption", "problem", "resource", "reference", "derived", "credential-fields", "view"),
    *("idempotency", "webhook-delivery", "webhook-signature"),
)
"""What authors write beside the steps, in the order in which it is told."""

RULES = ("duplicate-rule", "update-duplicate-rule")

HOLDS: Mapping[str, Json] = {
    "x-assumptions": {"type": "object", "additionalProperties": {"$ref": "#/$defs/assumption"}},
    "x-problems": {"type": "object", "additionalProperties": {"$ref": "#/$defs/problem"}},
    "x-idempotency": {"$ref": "#/$defs/idempotency"},
    "x-webhook-delivery": {"$ref": "#/$defs/webhook-delivery"},
    "x-resource": {"$ref": "#/$defs/resource"},
    "x-view": {"$ref": "#/$defs/view"},
    "x-behaviour": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/step"}},
}
"""What stands behind those extensions that have a shape."""

DECISION: Json = {
    "type": "object",
    "required": ["assumption"],
    "additionalProperties": False,
    "properties": {"assumption": {"type": "string"}, "cases": {"type": "object"}},
    "description": "As the choice of an assumption says.",
}


def overlay_schema() -> Json:
    """Return the JSON Schema of an overlay that declares behaviours."""
    definitions = {kind.name: _written_out(kind) for kind in (*map(kind_of, (*KINDS, "answer", *RULES)), *_verbs())}
    action = definitions["action"]["properties"]
    action["update"] = {
        "description": meaning("action", "update"),
        "properties": {name: {**HOLDS.get(name, {}), "description": told} for name, told in EXTENSIONS.items()},
    }
    step = {"anyOf": [{"$ref": f"#/$defs/{kind.name}"} for kind in (*_verbs(), kind_of("answer"))]}
    return {
        "$schema": DRAFT,
        "title": "An OpenAPI Overlay that says what the operations of a document do",
        "$ref": "#/$defs/overlay",
        "$defs": {**definitions, "step": step, "decision": DECISION},
    }


def reference() -> str:
    """Return the reference of the language in Markdown: a table for each kind of declaration and each verb."""
    lines = [
        "# Reference of the extensions",
        "",
        "This page is made of the shapes that documents are held to (`scripts/reference`). What the words are for is told in",
        "[contract.md](contract.md).",
        "",
        "## Where each extension stands",
        "",
    ]
    lines += [f"- `{name}`: {told}." for name, told in EXTENSIONS.items()]
    for title, kinds in (("Declarations", [kind_of(name) for name in (*KINDS, "answer", *RULES)]), ("Steps", list(_verbs()))):
        lines += ["", f"## {title}"]
        for kind in kinds:
            lines += ["", f"### `{kind.name}`", "", "| key | holds | meaning |", "|---|---|---|", *_rows(kind)]
    lines += ["", "## Expressions", "", f"{GRAMMAR}; a text may have expressions in braces: `/tasks/{{$task.id}}`.", ""]
    lines += [f"Operators: {', '.join(f'`{name}`' for name in OPERATORS)}.", ""]
    return "\n".join(lines)


def meaning(kind: str, key: str) -> str:
    """Return the sentence that says what a key of a kind means."""
    meanings = _meanings()
    return meanings.get(f"{kind}.{key}") or meanings[key]


@cache
def _meanings() -> Mapping[str, str]:
    found: Mapping[str, str] = orjson.loads(Path(__file__).with_name("meanings.json").read_bytes())
    return found


def _verbs() -> Iterator[DeclarationKind]:
    return (verb.kind for verb in VERBS.values())


def _written_out(kind: DeclarationKind) -> dict[str, Any]:
    """Return the JSON Schema of a kind as an editor may use it: decisions as what may be written for them."""
    properties = {}
    for key, shape in kind.members.items():
        plain = {name: value for name, value in shape.items() if name != "x-outcomes"}
        if "x-outcomes" in shape:
            plain = {"anyOf": [{"enum": shape["x-outcomes"]}, {"$ref": "#/$defs/decision"}], **plain}
        properties[key] = {**plain, "description": meaning(kind.name, key)}
    return {**kind.schema, "properties": properties}


def _rows(kind: DeclarationKind) -> Iterator[str]:
    required = kind.schema.get("required", ())
    for key, shape in kind.members.items():
        needed = " (required)" if key in required else ""
        yield f"| `{key}`{needed} | {_holds(shape)} | {meaning(kind.name, key)} |"


def _holds(shape: Mapping[str, Json]) -> str:
    """Tell in a few words what may stand behind a key."""
    if "x-outcomes" in shape:
        return "decision: " + ", ".join(f"**{one}**" if one == shape.get("default") else one for one in shape["x-outcomes"])
    if "$ref" in shape:
        return f"`{shape['$ref'].rpartition('/')[2]}`"
    types = shape.get("type", "any value")
    told = "text" if types in ("string", ["string", "null"]) else " or ".join(types) if isinstance(types, list) else types
    inner = shape.get("items") or (shape["additionalProperties"] if isinstance(shape.get("additionalProperties"), dict) else {})
    if "$ref" in inner:
        told += f" of `{inner['$ref'].rpartition('/')[2]}`"
    default = shape.get("default")
    return told if default in (None, "", [], {}, False) else f"{told}; else `{default}`"
