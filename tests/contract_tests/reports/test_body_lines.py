from __future__ import annotations

import json

import pytest
from sample_outcome import NASTY, finding

from contract_tests.oracle.mismatch import Mismatch
from contract_tests.reports.body_lines import body_lines


def shown(body: bytes | str, *differences: Mismatch) -> list[str]:
    """Return the lines, those that are marked with ! before them and notes with > before them."""
    told = []
    for line in body_lines(body if isinstance(body, bytes) else body.encode(), finding(differences=differences)):
        told.append(("!" if line.is_wrong else "") + line.text)
        told += [f">{note}" for note in line.notes]
    return told


def test_json_is_laid_out_and_its_values_are_as_they_came():
    body = r'{"a":1.0,"b" : [ ],"c":{"d/e":["\u00e9", 10000000000000000000001, null ]},"a":1e5}'

    assert shown(body) == [
        "{",
        '  "a": 1.0,',
        '  "b": [],',
        '  "c": {',
        '    "d/e": [',
        r'      "\u00e9",',
        "      10000000000000000000001,",
        "      null",
        "    ]",
        "  },",
        '  "a": 1e5',
        "}",
    ]


def test_what_is_wrong_is_marked_at_the_line_of_its_pointer():
    told = shown('{"a": {"b/c": [1, 2]}}', Mismatch("/a/b~1c/1", "3", "2"))

    assert told[2:6] == ['    "b/c": [', "      1,", "!      2", ">      expected 3"]


def test_what_is_missing_is_noted_where_it_would_stand():
    told = shown('{"a": {"b": 1}}', Mismatch("/a/x/y", "present", "nothing"))

    assert told[1:3] == ['  "a": {', ">    /x/y is missing: expected present"]


def test_what_is_received_is_told_where_the_line_does_not_show_it():
    told = shown('{"id": "ict_1"}', Mismatch("/id", "a new id", '"ict_1", the id of an earlier record'))

    assert told[2] == '>  expected a new id; received "ict_1", the id of an earlier record'


def test_a_difference_of_the_whole_body_is_marked_at_its_first_line():
    assert shown("[1]", Mismatch("the body", "an object", "[1]"))[:2] == ["![", ">expected an object; received [1]"]


def test_of_a_long_body_the_beginning_is_shown_and_what_is_around_a_mark():
    body = json.dumps([{"n": n} for n in range(1000)])
    told = shown(body, Mismatch("/700/n", "7", "700"))

    assert told[0] == "["
    assert '!    "n": 700' in told
    assert len(told) < 50
    assert [line for line in told if "left out" in line] == ["⋯ 2,068 lines left out", "⋯ 895 lines left out"]
    assert told[-1] == f"… ({len(body):,} bytes in all)"


def test_a_long_text_in_a_body_is_cut():
    told = shown(json.dumps({"name": "y" * 50_000, "b": 1}))

    assert len(told[1]) == 400
    assert told[1].endswith("y…")
    assert told[2:] == ['  "b": 1', "}", "… (50,020 bytes in all)"]


@pytest.mark.parametrize("body", ["no JSON", "{'a': 1}", "", '{"a": 1} x', "[" * 100_000, NASTY])
def test_what_is_no_json_is_shown_as_it_is(body):
    raw = body.encode("utf-8", "surrogatepass")
    told = shown(raw, Mismatch("/a", "1", "2"))

    assert told[0].startswith(body[:5].replace("\x1b", "\\x1b"))
    assert not any(line.startswith((">", "!")) for line in told)


def test_a_body_of_a_megabyte_and_one_that_is_deep_are_shown():
    deep = "[" * 400 + "1" + "]" * 400
    large = json.dumps({f"key {n}": "v" * 20 for n in range(40_000)})

    assert len(shown(deep)) < 70
    assert len(shown(large)) < 70
