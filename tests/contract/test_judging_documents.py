"""A vendor's document is served as far as it goes: what is wrong in it breaks as little as can be."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_server.contract.files.flaws import FlawedInput, Severity
from mock_server.engine.loading import load_contract

DOCUMENT = """\
openapi: 3.1.0
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer}}]
      responses:
        '200':
          description: All pets.
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}}}
        '404': {description: None.}
  /pets/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: A pet.
          content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}, example: {name: Rex}}}
components:
  schemas:
    Pet: {type: object, required: [name], properties: {name: {type: string, maxLength: 9}}}
"""
PET = "Pet: {type: object, required: [name], properties: {name: {type: string, maxLength: 9}}}"
LIMIT = "{name: limit, in: query, schema: {type: integer}}"
EXAMPLE = "example: {name: Rex}"


@pytest.fixture
def judged(write):
    """Return the severities of the flaws of a document, and which of its operations cannot be answered, with why."""

    def judged(*edits: tuple[str, str]):
        text = DOCUMENT
        for old, new in edits:
            assert text.count(old) == 1
            text = text.replace(old, new)
        contract = load_contract(write(text))
        found = {severity: contract.document.flaws.count(severity) for severity in Severity}
        return found, {operation.path: operation.unsupported for operation in contract.unsupported}, contract

    return judged


WARNINGS = {
    "an example that does not fit": (EXAMPLE, "example: {nam: Rex}"),
    "an extension that is like one of ours": (PET, PET.replace("type: object", "type: object, x-resourc: 1")),
    "a keyword that nobody knows": (PET, PET.replace("maxLength", "maxLenght")),
    "a keyword with a wrong value": (PET, PET.replace("maxLength: 9", "maxLength: nine")),
    "a type that there is not": (PET, PET.replace("type: string", "type: text")),
    "nullable in 3.1": (PET, PET.replace("maxLength: 9", "nullable: true")),
    "a key that nobody knows": ("openapi: 3.1.0\n", "openapi: 3.1.0\nsecurty: []\n"),
    "a title that is missing": ("title: Pets, ", ""),
    "a description that is missing": ("'404': {description: None.}", "'404': {}"),
    "a tag without a name": ("paths:\n", "tags: [{}]\npaths:\n"),
    "a link that leads nowhere": ("description: A pet.\n", "description: A pet.\n          links: {a: {$ref: '#/nowhere'}}\n"),
    "a named example that leads nowhere": (EXAMPLE, "examples: {rex: {$ref: '#/nowhere'}}"),
    "a path parameter that is not declared": ("parameters: [{name: id, in: path, required: true, schema: {type: string}}]\n", "summary: A\n"),
    "a path parameter that is not in the path": ("name: limit, in: query", "name: limit, in: path, required: true"),
    "a key that stands twice": (PET, PET.replace("maxLength: 9", "maxLength: 5, maxLength: 9")),
    "a parameter that stands twice": (LIMIT, f"{LIMIT}, {LIMIT}"),
    "an identifier of a schema": (PET, PET.replace("type: object", "$id: https://example.com/pet, type: object")),
}  # fmt: skip


@pytest.mark.parametrize("edit", WARNINGS.values(), ids=WARNINGS)
def test_what_no_answer_depends_on_is_a_warning(judged, edit):
    found, unsupported, _ = judged(edit)

    assert found[Severity.WARNING] >= 1
    assert found[Severity.ERROR] == found[Severity.BREAKS] == 0
    assert unsupported == {}


BREAKS = {
    "a parameter without a name": (LIMIT, "{in: query, schema: {type: integer}}", "/pets"),
    "a parameter of no location": (LIMIT, LIMIT.replace("query", "body"), "/pets"),
    "a parameter that leads nowhere": (LIMIT, "{$ref: '#/components/parameters/Limit'}", "/pets"),
    "a schema of a parameter that leads nowhere": (LIMIT, LIMIT.replace("{type: integer}", "{$ref: '#/nowhere'}"), "/pets"),
    "a file that is not there": (LIMIT, "{$ref: 'nowhere.yaml'}", "/pets"),
    "a reference in a circle": (LIMIT, "{$ref: '#/paths/~1pets/get/parameters/0'}", "/pets"),
    "a security scheme that there is not": ("    get:\n      parameters: [{name: limit", "    get:\n      security: [{key: []}]\n      parameters: [{name: limit", "/pets"),
    "a body that leads nowhere": ("    get:\n      parameters: [{name: limit", "    get:\n      requestBody: {$ref: '#/nowhere'}\n      parameters: [{name: limit", "/pets"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "path"), BREAKS.values(), ids=BREAKS)
def test_what_an_operation_is_built_on_breaks_that_operation_alone(judged, old, new, path):
    found, unsupported, _ = judged((old, new))

    assert found[Severity.ERROR] == 0
    assert found[Severity.BREAKS] >= 1
    assert list(unsupported) == [path]
    assert all(unsupported[path])


def test_an_answer_that_cannot_be_read_is_told_in_its_place(judged):
    _, unsupported, contract = judged(
        ("properties: {name: {type: string, maxLength: 9}}", "properties: {name: {$ref: '#/no'}}")
    )

    assert unsupported == {}
    assert [operation.responses["200"].unsupported for operation in contract.operations] == [
        ("'#/no' leads nowhere: there is no 'no'",)
    ] * 2
    assert contract.operations[0].responses["404"].unsupported == ()


def test_what_is_wrong_in_our_extensions_stops_the_start(judged):
    with pytest.raises(FlawedInput, match="'id-prefx' is not known here"):
        judged((PET, PET.replace("type: object", "type: object, x-resource: {id-prefx: p_}")))


def test_a_keyword_with_a_wrong_value_is_left_out_and_the_others_hold(judged):
    _, _, contract = judged((PET, PET.replace("maxLength: 9", "maxLength: nine, minLength: 2")))
    check = contract.schemas.check(contract.operations[1].responses["200"].content[0].schema)

    assert check.strictest.is_valid({"name": "Rex" * 9})
    assert not check.strictest.is_valid({"name": "R"})


def test_every_mistake_is_refused_where_that_is_asked_for(write):
    for old, new in [*WARNINGS.values(), *((old, new) for old, new, _ in BREAKS.values())]:
        with pytest.raises(FlawedInput):
            load_contract(write(DOCUMENT.replace(old, new)), strict=True)
    assert load_contract(write(DOCUMENT), strict=True)


def test_the_last_of_equal_keys_counts_in_every_file_of_a_document_and_each_is_told_with_its_line(write):
    pet = "type: object\nproperties:\n  name:\n    maxLength: 5\n    maxLength: 9\n"
    edits = (PET, "Pet: {$ref: pet.yaml}"), ("version: '1'", "version: '1',\n  version: '2'")
    text = DOCUMENT
    for edit in edits:
        text = text.replace(*edit)

    contract = load_contract(write(text, {"pet.yaml": pet}))

    told, _ = contract.document.flaws.told(Severity.WARNING)
    assert [(Path(flaw.file).name, flaw.line, flaw.pointer) for flaw in told if "second time" in flaw.message] == [
        ("api.yaml", 3, "/info/version"),
        ("pet.yaml", 5, "/properties/name/maxLength"),
    ]
    assert contract.version == "2"


@pytest.mark.parametrize(
    "extension",
    ["x-resource: {id-prefix: a_, id-prefix: pet_}", "x-resource: {id-prefix: a_}, x-resource: {id-prefix: pet_}"],
    ids=["inside", "itself"],
)
def test_a_key_that_stands_twice_in_an_extension_of_ours_stops_the_start(judged, extension):
    with pytest.raises(FlawedInput, match="stands here a second time"):
        judged((PET, PET.replace("type: object", f"type: object, {extension}")))
