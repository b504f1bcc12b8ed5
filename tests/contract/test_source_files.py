from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mock_server.contract.files.flaws import Flaw, FlawedInput
from mock_server.contract.files.source import Source, pointer_to, pointer_tokens

FILE = Path("some.yaml")


def value_of(text: str) -> object:
    return Source(FILE, text).value


def flaw_of(text: str) -> Flaw:
    with pytest.raises(FlawedInput) as raised:
        Source(FILE, text)
    return raised.value.flaws[0]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        *[(word, None) for word in ("null", "Null", "NULL", "~", "")],
        *[(word, True) for word in ("true", "True", "TRUE")],
        *[(word, False) for word in ("false", "False", "FALSE")],
        *[("12", 12), ("-12", -12), ("+12", 12), ("0777", 777), ("0o17", 15), ("0x1F", 31)],
        *[("1.5", 1.5), ("-.5", -0.5), ("1.", 1.0), ("1e3", 1000.0), ("2E-1", 0.2)],
    ],
)
def test_a_plain_scalar_has_the_value_of_the_core_schema_of_yaml_1_2(written, read):
    value = value_of(f"key: {written}")["key"]

    assert value == read
    assert type(value) is type(read)


@pytest.mark.parametrize(
    "written",
    [
        *["no", "No", "yes", "on", "off", "y", "n", "2026-01-01", "2026-01-01T10:00:00Z", "12:30", "1:2:3"],
        *["1_000", "0b101", "1.2.3", ".inf", "-.INF", ".nan", "=", "0x", "+", "."],
    ],
)
def test_what_yaml_1_1_would_read_as_something_else_stays_text(written):
    assert value_of(f"key: {written}")["key"] == written


@pytest.mark.parametrize("written", ["'no'", '"12"', "!!str 12", "|-\n  12"])
def test_quoted_and_tagged_text_is_text(written):
    assert isinstance(value_of(f"key: {written}")["key"], str)


@pytest.mark.parametrize(("written", "key"), [("200", "200"), ("on", "on"), ("true", "true"), ("~", "~"), ("1.0", "1.0")])
def test_a_key_is_the_text_that_is_written(written, key):
    assert value_of(f"{written}: x") == {key: "x"}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: 2\na: 3", 3, "the key 'a' stands here a second time"),
        ("200: a\n'200': b", 2, "the key '200' stands here a second time"),
        ('{"a": 1,\n "a": 2}', 2, "the key 'a' stands here a second time"),
        ("x: !!python/object:os.system {}", 1, "the tag tag:yaml.org,2002:python/object:os.system has no value in JSON"),
        ("x: !!binary aGk=", 1, "the tag tag:yaml.org,2002:binary has no value in JSON"),
        ("x:\n  - !!set {a}", 2, "the tag tag:yaml.org,2002:set has no value in JSON"),
        ("? [a, b]\n: c", 1, "a key has to be text"),
        ("a: &a {x: 1}\nb:\n  <<: *a", 3, "`<<` merges nothing in YAML 1.2"),
        ("a: 1\n b: 2", 2, "mapping values are not allowed in this context"),
        ("a: [1", 2, "did not find expected ',' or ']'"),
        ("a: 1\n---\nb: 2", 2, "but found another document"),
        ("a: *nobody", 1, "found undefined alias"),
        ("a: \t- b", 1, "block sequence entries are not allowed in this context"),
        ("a: 1\nb: \x01", 2, "is not YAML: control characters are not allowed"),
        (f"a: {'9' * 5000}", 1, "the number has too many digits"),
        (f"a: 0x{'f' * 5000}", 1, "the number has too many digits"),
        ("a: 1e999", 1, "the number is too large"),
        ('{"a": 1e999}', 1, "the number is too large"),
        ('{"a":\n "\\ud800"}', 2, "found invalid Unicode character escape code"),
        (f"a: -0{'7' * 5000}", 1, "the number has too many digits"),
        (f"a: !!int {'9' * 5000}", 1, "the number has too many digits"),
        (f'{{"a":\n {"9" * 5000}}}', 2, "the number has too many digits"),
        ("a: !!bool maybe", 1, "'maybe' is not a value of the tag !!bool"),
        ("a: !!bool yes", 1, "'yes' is not a value of the tag !!bool"),
        ("a: !!bool", 1, "'' is not a value of the tag !!bool"),
        ("a: !!null none", 1, "'none' is not a value of the tag !!null"),
        ("a: !!null true", 1, "'true' is not a value of the tag !!null"),
        ("a: !!int 1.5", 1, "'1.5' is not a value of the tag !!int"),
        ("a: !!float x", 1, "'x' is not a value of the tag !!float"),
        ("a: !!float 1e999", 1, "the number is too large"),
        ("a: !!map x", 1, "'x' is not a value of the tag !!map"),
        ("a:\n  !!int [1]", 2, "a list is not a value of the tag !!int"),
        ("a: !!float {}", 1, "a mapping is not a value of the tag !!float"),
        ("a: !!map [x]", 1, "a list is not a value of the tag !!map"),
        ("a: !!seq {x: y}", 1, "a mapping is not a value of the tag !!seq"),
        ("a: !!str {}", 1, "a mapping is not a value of the tag !!str"),
        ("a: !own x", 1, "the tag !own has no value in JSON"),
        ("a: &a [x]\n? *a\n: b", 2, "a key has to be text"),
    ],
)
def test_what_has_no_value_in_json_is_refused_at_its_line(text, line, message):
    flaw = flaw_of(text)

    assert message in flaw.message
    assert flaw.line == line


@pytest.mark.parametrize(
    ("written", "read"),
    [
        *[("!!null ''", None), ("!!null ~", None), ("!!bool 'true'", True), ("!!int '12'", 12), ("!!int 0x1f", 31)],
        *[("!!float 1", 1.0), ("!!float '.5'", 0.5), ("!!str true", "true"), ("!!str", ""), ("!!map {}", {}), ("!!seq []", [])],
        *[("! {}", {}), ("! [1]", [1]), ("! 'x'", "x")],
    ],
)
def test_a_tag_of_the_core_schema_says_what_is_there(written, read):
    value = value_of(f"key: {written}")["key"]

    assert value == read
    assert type(value) is type(read)


KEY_TWICE = "the key 'a' stands here a second time"


@pytest.mark.parametrize(
    ("text", "value", "duplicates"),
    [
        ("a: 1\nb: 2\na: 3", {"a": 3, "b": 2}, [("/a", 3, 1)]),
        ("x:\n- b: 0\n- {a: 1, b: 2,\n   a: {}}", {"x": [{"b": 0}, {"a": {}, "b": 2}]}, [("/x/1/a", 4, 4)]),
        ('{"x/y": [{"a": 1,\n  "a": 2}]}', {"x/y": [{"a": 2}]}, [("/x~1y/0/a", 2, 3)]),
        ('{"x": "\\ud83d\\ude00", "a": 1,\n  "a": [2.5]}', {"x": "😀", "a": [2.5]}, [("/a", 2, 3)]),
        ("a: {a: 1,\n a: 2}\na: 3", {"a": 3}, [("/a/a", 2, 2), ("/a", 3, 1)]),
        ("x: &x {a: 1, a: 2}\ny: *x", {"x": {"a": 2}, "y": {"a": 2}}, [("/x/a", 1, 14)]),
        ("a: 1\nb: 2", {"a": 1, "b": 2}, []),
    ],
)
def test_the_last_of_duplicate_keys_counts_where_they_are_allowed(text, value, duplicates):
    source = Source(FILE, text, allows_duplicates=True)

    assert source.value == value
    assert [(flaw.pointer, flaw.line, flaw.column) for flaw in source.duplicates] == duplicates
    assert {flaw.message for flaw in source.duplicates} <= {KEY_TWICE}


@pytest.mark.parametrize("text", ["a: 1\nb: 2\nb: 3\na: 4", '{"a": 1,\n"b": 2,\n"b": 3,\n"a": 4}'])
def test_every_duplicate_key_is_told_where_they_are_refused(text):
    with pytest.raises(FlawedInput) as raised:
        Source(FILE, text)
    with pytest.raises(FlawedInput) as refused:
        Source(FILE, text, allows_duplicates=True).refuse_duplicates()

    assert sorted((flaw.pointer, flaw.line) for flaw in raised.value.flaws) == [("/a", 4), ("/b", 3)]
    assert refused.value.flaws == raised.value.flaws


def test_a_large_file_is_told_while_it_is_read(tmp_path, capsys):
    file = tmp_path / "vendor.yaml"
    file.write_text(f"a: {'x' * 5_200_000}")

    Source.from_path(file)

    assert capsys.readouterr().err == "Reading vendor.yaml (5.2 MB) …\n"


def test_an_alias_is_the_value_of_its_anchor():
    assert value_of("a: &name {x: [1]}\nb: *name") == {"a": {"x": [1]}, "b": {"x": [1]}}


def test_an_alias_stands_for_the_latest_anchor_of_its_name():
    assert value_of("a: &name 1\nb: *name\nc: &name [2]\nd: *name") == {"a": 1, "b": 1, "c": [2], "d": [2]}


def test_an_alias_may_be_a_key_or_stand_for_one():
    assert value_of("&key 200: x\nb: *key\nc: {*key : y}") == {"200": "x", "b": 200, "c": {"200": "y"}}


def test_what_an_alias_stands_for_is_a_copy_at_every_depth():
    value = value_of("a: &name {x: [{}]}\nb: *name\nc: [*name]")

    value["a"]["x"][0]["changed"] = True
    value["b"]["x"].append("changed")

    assert value["c"] == [{"x": [{}]}]


def test_the_parts_of_an_alias_stand_where_its_anchor_does():
    source = Source(FILE, "a: &name\n  x: 1\nb: *name\n")

    assert (source.locate("/b"), source.locate("/b/x")) == ((3, 1), (2, 3))


@pytest.mark.parametrize("text", ["a: &a [*a]", "&a {b: {c: *a}}", "&a [[[*a]]]", "a: &a\n  - x\n  - b: *a"])
def test_an_alias_inside_what_it_names_is_refused(text):
    assert flaw_of(text).message == "an alias stands inside the node it names"


def test_a_chain_of_aliases_may_not_become_deep():
    chain = "\n".join(f"a{number}: &a{number} {{x: *a{number - 1}}}" for number in range(1, 1000))

    assert "is nested more than 100 levels deep" in flaw_of(f"a0: &a0 {{}}\n{chain}").message


DEEP = "is nested more than 100 levels deep"

HOSTILE = {
    "bomb": (
        "a0: &a0 x\n" + "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)),
        "aliases make this more than 1,000,000 nodes large",
    ),
    "bomb-of-mappings": (
        "a0: &a0 {}\n" + "\n".join(f"a{n}: &a{n} {{x: *a{n - 1}, y: *a{n - 1}}}" for n in range(1, 40)),
        "aliases make this more than 1,000,000 nodes large",
    ),
    "yaml-lists": ("a: " + "[" * 100_000 + "]" * 100_000, DEEP),
    "yaml-maps": ("x: " + "{a: " * 100_000 + "1" + "}" * 100_000, DEEP),
    "yaml-block": ("- " * 100_000 + "x", DEEP),
    "yaml-keys": ("? " * 100_000, "a key has to be text"),
    "yaml-unclosed": ("a: " + "[" * 100_000, DEEP),
    "json-lists": ("[" * 100_000 + "]" * 100_000, DEEP),
    "json-maps": ('{"a":' * 100_000 + "1" + "}" * 100_000, DEEP),
    "json-unclosed": ('{"a":' * 100_000, DEEP),
}


@pytest.mark.parametrize(("text", "message"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_at_once_and_does_not_end_the_process(text, message, tmp_path):
    file = tmp_path / "hostile.yaml"
    file.write_text(text)
    command = "import sys; from pathlib import Path; from mock_server.contract.files.source import Source; Source.from_path(Path(sys.argv[1]))"

    run = subprocess.run([sys.executable, "-c", command, file], capture_output=True, text=True, timeout=60, check=False)

    assert run.returncode == 1
    assert "FlawedInput" in run.stderr
    assert message in run.stderr


@pytest.mark.parametrize("text", ["[" * 100 + "]" * 100, "a: " + "[" * 99 + "]" * 99, '{"a":' * 100 + "1" + "}" * 100])
def test_a_hundred_levels_are_read(text):
    assert value_of(text)


@pytest.mark.parametrize("text", ["[" * 101 + "]" * 101, "a: " + "[" * 100 + "]" * 100, '{"a":' * 101 + "1" + "}" * 101])
def test_more_levels_are_refused(text):
    assert flaw_of(text).message == "is nested more than 100 levels deep"


@pytest.mark.parametrize("text", ['{"a": [1, 2.5, true, null, "\\ud83d\\ude00"]}', '\ufeff{"a": [1, 2.5, true, null, "😀"]}'])
def test_a_json_document_is_read_as_json(text, tmp_path):
    file = tmp_path / "some.json"
    file.write_text(text, encoding="utf-8")

    assert Source.from_path(file).value == {"a": [1, 2.5, True, None, "😀"]}


def test_a_flow_mapping_that_is_no_json_is_read_as_yaml():
    assert value_of("{a: no, b: [on]} # a comment") == {"a": "no", "b": ["on"]}


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n", "---\n"])
def test_an_empty_file_has_no_value(text):
    assert value_of(text) is None


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    file = tmp_path / "some.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\n")

    assert Source.from_path(file).value == {"a": 1}


@pytest.mark.parametrize(
    ("content", "line"), [(b"a: 1\nb: caf\xe9\n", 2), ("a: 1".encode("utf-16"), 1)], ids=["latin-1", "utf-16"]
)
def test_a_file_that_is_not_utf_8_is_refused(content, line, tmp_path):
    file = tmp_path / "some.yaml"
    file.write_bytes(content)

    with pytest.raises(FlawedInput, match="is not UTF-8") as raised:
        Source.from_path(file)

    assert raised.value.flaws[0].line == line


@pytest.mark.parametrize(("name", "message"), [("missing.yaml", "No such file"), (".", "Is a directory")])
def test_a_file_that_cannot_be_read_is_refused_by_its_name(name, message, tmp_path):
    with pytest.raises(FlawedInput, match=message) as raised:
        Source.from_path(tmp_path / name)

    assert str(raised.value).startswith(f"{tmp_path / name}: cannot be read")


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        ("", (1, 1)),
        ("/a", (1, 1)),
        ("/a/b", (2, 3)),
        ("/a/b/1", (2, 11)),
        ("/c~1d~0e", (3, 1)),
        ("/c~1d~0e/0/x", (5, 5)),
        ("/a/nothing/here", (1, 1)),
        ("/a/b/7", (2, 3)),
        ("/a/b/x", (2, 3)),
    ],
)
def test_locate_tells_the_line_and_column_of_a_part_or_of_what_is_around_it(pointer, place):
    source = Source(FILE, "a:\n  b: [10, 20]\nc/d~e:\n  - y: 1\n    x: 2\n")

    assert source.locate(pointer) == place


def test_locate_tells_the_lines_of_json_too():
    assert Source(FILE, '{\n  "a": {\n    "b": 1\n  }\n}').locate("/a/b") == (3, 5)


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ('{"x": 1,\n "a": "\\ud83d\\ude00"}', "/a"),
        ('{"x": "\\\\ud83d\\\\ude00",\n "a": 1}', "/a"),
        ('{"x": 1,\n "\\ud83d\\ude00": 1}', "/😀"),
    ],
    ids=["value", "no pair", "key"],
)
def test_locate_tells_the_lines_of_json_with_escaped_pairs_of_surrogates(text, pointer):
    assert Source(FILE, text).locate(pointer) == (2, 2)


def test_locate_tells_the_start_of_json_that_yaml_cannot_read():
    assert Source(FILE, '{\n "a": "\x7f"}').locate("/a") == (1, 1)


@pytest.mark.parametrize("tokens", [["a", "b"], ["a/b", "~", "~1"], ["", ""], ["0"], []])
def test_a_pointer_leads_through_its_tokens(tokens):
    assert pointer_tokens(pointer_to(*tokens)) == tokens
