"""Data that is written in any style of YAML or JSON is read as it was, and each part is found where it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from places import ROOT

from mock_server.contract.files.source import Source, pointer_to

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        "no",
        "on",
        "~",
        "",
        "12:30",
        "2026-01-01",
        "1_000",
        "0o17",
        "0x1F",
        ".5",
        "1e3",
        "=",
        "<<",
        "- a",
        "a: b",
        "a #b",
        "*a",
        "&a",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
DATA = st.recursive(
    SCALARS, lambda parts: st.lists(parts, max_size=4) | st.dictionaries(TEXTS, parts, max_size=4), max_leaves=20
)
STYLES = st.fixed_dictionaries(
    {
        "default_flow_style": st.sampled_from([True, False, None]),
        "default_style": st.sampled_from([None, "'", '"', "|", ">"]),
        "indent": st.integers(2, 6),
        "width": st.sampled_from([10, 80, 10_000]),
        "allow_unicode": st.booleans(),
        "explicit_start": st.booleans(),
    }
)


class CoreSchema(yaml.SafeDumper):
    """Quotes what is a number in YAML 1.2 and not in 1.1, which PyYAML writes."""


CoreSchema.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$|0o[0-7]+$"), None
)


def is_same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(is_same(one[key], other[key]) for key in one)
    return len(one) == len(other) and all(map(is_same, one, other)) if isinstance(one, list) else bool(one == other)


def read(text: str) -> Source:
    return Source(Path("some"), text)


def members(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Yield the pointer of each member of a mapping in `value`, with its key."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        at = pointer + pointer_to(key)
        if isinstance(value, dict):
            yield at, key
        yield from members(part, at)


@settings(max_examples=150, deadline=None)
@given(DATA, STYLES)
@example({"a": ["1e3", "0o17", "08", "+1", "."]}, {})
@example(["\x85\u2028\ufeff\x07", 1e300, -0.0, 10**30], {"default_style": '"'})
def test_yaml_of_any_style_is_read_as_the_data_that_was_written(data, style):
    shared = {"one": data, "two": [data]}  # written as an anchor and an alias

    text = yaml.dump(shared, Dumper=CoreSchema, sort_keys=False, **style)
    assume(yaml.safe_load(text) == shared)  # PyYAML itself breaks some texts that stand far right

    assert is_same(read(text).value, shared)


@settings(max_examples=80, deadline=None)
@given(DATA, st.sampled_from([None, 0, 2, "\t"]), st.booleans())
def test_json_is_read_as_the_data_that_was_written(data, indent, ensure_ascii):
    source = read(json.dumps({"data": data}, indent=indent, ensure_ascii=ensure_ascii))

    assert is_same(source.value, {"data": data})


@settings(max_examples=80, deadline=None)
@given(DATA)
def test_json_with_duplicate_keys_is_read_as_without_the_first_ones(data):
    text = json.dumps({"data": data, "last": 0})

    source = Source(Path("some"), f'{{"data": [], {text[1:-1]}, "last": 1}}', allows_duplicates=True)

    assert is_same(source.value, {"data": data, "last": 1})
    assert [flaw.pointer for flaw in source.duplicates] == ["/data", "/last"]


@settings(max_examples=80, deadline=None)
@given(DATA)
def test_a_member_is_found_at_its_key(data):
    text = json.dumps({"data": data}, indent=1)
    source = read(text)

    for pointer, key in members(source.value):
        line, column = source.locate(pointer)
        assert text.split("\n")[line - 1][column - 1 :].startswith(json.dumps(key) + ":")


FILES = [
    path
    for pattern in ("*.yaml", "fixtures/*", "tests/documents/**/*.yaml", "tests/documents/**/*.json", "examples/**/*.yaml")
    for path in sorted(ROOT.glob(pattern))
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_of_the_project_is_read_as_pyyaml_reads_its_nodes(path):
    """PyYAML builds the tree; what its scalars are is said here once more, in other words."""
    root = yaml.compose(path.read_text(), Loader=yaml.BaseLoader)

    assert is_same(Source.from_path(path).value, value_of(root))


def value_of(node: yaml.Node | None) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {key.value: value_of(part) for key, part in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [value_of(part) for part in node.value]
    if node is None or node.style:
        return node and node.value
    for kind in (int, float, json.loads):
        try:
            return kind(node.value)
        except ValueError:
            pass
    return node.value or None
