"""What a document says of bodies: media types, schemas of their own, encodings, examples."""

from __future__ import annotations

import json

import pytest
from places import ARCHIVE
from small_document import SMALL, edited

from mock_server.contract.files.flaws import Severity
from mock_server.contract.messages.media import Encoding
from mock_server.engine.loading import load_contract, read_contract

OPERATION = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {/a: {post: {requestBody: {content: CONTENT}, responses: {'200': {description: x, content: CONTENT}}}}}\n"


@pytest.fixture
def read(tmp_path):
    """Read a document with one operation that takes and gives the same content; return the contract and its warnings."""

    def reading(content, files=(), version="3.1.0"):
        text = OPERATION.replace("CONTENT", json.dumps(content)).replace("3.1.0", version)
        for name, octets in dict(files).items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(octets)
        (tmp_path / "api.yaml").write_text(text)
        contract = read_contract(tmp_path / "api.yaml")
        flaws, _ = contract.document.flaws.told(Severity.WARNING)
        return contract.operations[0], [flaw.message for flaw in flaws if "/requestBody/" in flaw.pointer]

    return reading


def test_every_media_type_is_taken_with_a_schema_of_its_own(read):
    content = {
        "application/json": {"schema": {"type": "object"}},
        "application/x-www-form-urlencoded": {"schema": {"type": "object", "required": ["a"]}},
        "application/xml": {"schema": {"type": "object"}},
        "application/pdf": {"schema": {"type": "object"}},
        "text/csv": {"schema": {"type": "array"}},
        "image/*": {},
    }
    operation, warnings = read(content)

    assert (operation.unsupported, warnings) == ((), [])
    assert list(operation.body.content) == list(content)
    assert list(operation.body.checks) == ["application/json", "application/x-www-form-urlencoded"]
    assert operation.responses["200"].media.type == "application/json"


def test_json_is_what_is_sent_unless_something_else_is_asked_for(read):
    operation, _ = read({"text/plain": {"schema": {"type": "string"}}, "text/json": {"schema": {"type": "object"}}})

    assert operation.body.media.type == "text/json"
    assert operation.body.schema.types == {"object"}
    assert operation.responses["200"].media.type == "text/json"


@pytest.mark.parametrize(
    ("said", "encoding"),
    [
        ({}, Encoding()),
        ({"style": "deepObject", "explode": True}, Encoding("deepObject", True)),
        ({"style": "pipeDelimited"}, Encoding("pipeDelimited", False)),
        ({"explode": False}, Encoding("form", False)),
        ({"allowReserved": True}, Encoding("form")),
        ({"contentType": "image/png, image/*"}, Encoding(content_types=("image/png", "image/*"))),
        (
            {
                "headers": {
                    "X-A": {"required": True, "schema": {}},
                    "Content-Type": {"required": True, "schema": {}},
                    "B": {"schema": {}},
                }
            },
            Encoding(required_headers=("x-a",)),
        ),
    ],
)
def test_an_encoding_is_read(read, said, encoding):
    schema = {"type": "object", "properties": {"p": {}}}
    operation, warnings = read({"multipart/form-data": {"schema": schema, "encoding": {"p": said}}})

    assert operation.body.content["multipart/form-data"].encoding == {"p": encoding}
    assert warnings == []


NUMBERED = {"type": "object", "properties": {"n": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("media_type", "schema", "example", "value"),
    [
        ("application/json", NUMBERED, {"n": 1}, {"n": 1}),
        ("application/x-ndjson", NUMBERED, [{"n": 1}, {"n": 2}], [{"n": 1}, {"n": 2}]),
        ("application/x-ndjson", NUMBERED, '{"n": 1}\n{"n": 2}', [{"n": 1}, {"n": 2}]),
        ("application/x-www-form-urlencoded", NUMBERED, "n=1", {"n": 1}),
        ("application/xml", NUMBERED, {"n": "one"}, {"n": "one"}),
        ("application/xml", NUMBERED, "<n/>", "<n/>"),
        ("text/csv", {"type": "array"}, "a;b", "a;b"),
        ("text/plain", {"type": "integer"}, 5, 5),
    ],
)
def test_an_example_may_be_a_value_or_written_out(read, media_type, schema, example, value):
    operation, warnings = read({media_type: {"schema": schema, "example": example}})

    assert operation.body.content[media_type].examples == {"example": value}
    assert warnings == []


@pytest.mark.parametrize(
    ("media_type", "schema", "example", "message"),
    [
        ("application/json", NUMBERED, {"n": "x"}, "this example does not fit its schema (/n)"),
        ("application/x-ndjson", NUMBERED, [{"n": 1}, {"n": "x"}], "this example does not fit its schema (/1/n)"),
        ("application/x-ndjson", NUMBERED, "{", "this example is not lines of JSON"),
        ("application/x-www-form-urlencoded", NUMBERED, "n=x", "this example does not fit its schema (/n)"),
        ("text/plain", {"type": "string", "maxLength": 1}, "ab", "this example does not fit its schema"),
    ],
)
def test_an_example_that_does_not_fit_is_left_out_with_a_warning(read, media_type, schema, example, message):
    operation, warnings = read({media_type: {"schema": schema, "examples": {"a": {"value": example}}}})

    assert operation.body.content[media_type].examples == {}
    assert any(message in told for told in warnings), warnings


@pytest.mark.parametrize(
    ("media_type", "schema", "octets", "value"),
    [
        ("application/json", NUMBERED, b'{"n": 1}', {"n": 1}),
        ("text/plain", {"type": "string"}, "ü".encode(), "ü"),
        ("image/png", {"type": "string", "format": "binary"}, b"\x89\xff", "\x89\xff"),
        ("image/png", {"type": "string", "contentEncoding": "base64"}, b"\x89\xff", "if8="),
        ("application/xml", NUMBERED, b"<n/>", "<n/>"),
    ],
)
def test_an_external_example_is_a_file_in_the_folder_of_the_document(read, media_type, schema, octets, value):
    content = {media_type: {"schema": schema, "examples": {"a": {"externalValue": "examples/a%20b"}}}}
    operation, warnings = read(content, {"examples/a b": octets})

    assert operation.body.content[media_type].examples == {"a": value}
    assert warnings == []


@pytest.mark.parametrize(
    ("reference", "octets", "message"),
    [
        ("https://example.com/a", b"", "a reference stays inside the document's folder"),
        ("../a", b"", "outside the document's folder"),
        ("/etc/hostname", b"", "outside the document's folder"),
        ("none", b"", "there is no file 'none'"),
        ("a", b"{", "this example is not read"),
        ("a", b"1" * 1_000_001, "more than 1,000,000 bytes"),
    ],
)
def test_an_external_example_that_cannot_be_read_is_left_out_with_a_warning(read, reference, octets, message):
    content = {"application/json": {"examples": {"a": {"externalValue": reference}}}}
    operation, warnings = read(content, {"a": octets})

    assert operation.body.content["application/json"].examples == {}
    assert any(message in told for told in warnings), warnings


def test_the_schema_of_the_items_of_a_sequence_is_that_of_each_line(read):
    operation, warnings = read(
        {"application/jsonl": {"itemSchema": NUMBERED, "example": [{"n": 1}, {"n": "x"}]}}, version="3.2.0"
    )

    assert any("(/1/n)" in told for told in warnings), warnings
    assert operation.body.content["application/jsonl"].examples == {}


@pytest.mark.parametrize("age", [", age: {type: number}", ""])
def test_what_a_behaviour_stores_has_to_fit_whichever_media_type_it_came_in(tmp_path, age):
    """A second body gives `age` in a way that the field does not have, or says nothing of it: that is seen when it is written."""
    other = f"{{type: object, required: [email], properties: {{email: {{type: string, minLength: 1}}{age}}}}}"
    json_body = "          application/json:\n            schema: {$ref: '#/components/schemas/NewGuest'}"
    form = f"{json_body}\n          application/x-www-form-urlencoded: {{schema: {other}}}"
    (tmp_path / "one.yaml").write_text(SMALL)
    (tmp_path / "two.yaml").write_text(edited(SMALL, (json_body, form)))

    def checked(name):
        (step,) = load_contract(tmp_path / name).operations[0].behaviour.steps
        return {write.field for write in step.written if write.check}

    assert checked("one.yaml") == set()
    assert checked("two.yaml") == {"age"}


def test_the_bodies_of_an_operation_with_a_behaviour_are_objects():
    operations = {operation.id: operation for operation in load_contract(ARCHIVE).operations}

    assert list(operations["note"].body.objects) == [
        "application/vnd.archive+json;v=2",
        "application/json; charset=utf-8",
        "application/x-www-form-urlencoded",
    ]
    assert list(operations["keep"].body.objects) == ["application/json", "application/x-ndjson"]
