from __future__ import annotations

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.contract.documents.dialects import OpenApi30, Swagger20
from mock_server.contract.files.flaws import Severity
from mock_server.contract.model import Contract
from mock_server.engine.loading import load_contract

PETS_30 = """\
openapi: 3.0.3
info: {title: Pets, version: '1'}
paths:
  /pets:
    post:
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Pet'}
      responses:
        '201': {description: Made.}
components:
  schemas:
    Pet:
      type: object
      properties:
        name: {type: string, nullable: true}
        age: {type: integer, minimum: 0, exclusiveMinimum: true, maximum: 99, exclusiveMaximum: false}
        kind: {type: string, nullable: true, enum: [cat, dog]}
        friend: {$ref: '#/components/schemas/Friend', nullable: true, minProperties: 5}
    Friend: {type: object, required: [name]}
"""

PETS_20 = """\
swagger: '2.0'
info: {title: Pets, version: '1'}
host: api.example.com
basePath: /v1
schemes: [https]
consumes: [application/json]
produces: [application/json]
securityDefinitions:
  token: {type: basic}
parameters:
  Limit: {name: limit, in: query, type: integer, maximum: 100}
  NewPet: {name: pet, in: body, required: true, schema: {$ref: '#/definitions/Pet'}}
paths:
  /pets:
    get:
      parameters:
        - {$ref: '#/parameters/Limit'}
        - {name: tags, in: query, type: array, items: {type: string}, collectionFormat: pipes}
      responses:
        '200':
          description: All pets.
          schema: {type: array, items: {$ref: '#/definitions/Pet'}}
          examples: {application/json: [{name: Rex}]}
          headers: {X-Total: {type: integer}}
        default: {$ref: '#/responses/Problem'}
    post:
      parameters: [{$ref: '#/parameters/NewPet'}]
      responses: {'201': {description: Made.}}
  /pets/{id}/photo:
    parameters: [{name: id, in: path, required: true, type: string, minLengt: 1}]
    put:
      consumes: [multipart/form-data]
      parameters:
        - {name: file, in: formData, type: file, required: true}
        - {name: note, in: formData, type: string}
      responses: {'204': {description: Kept.}}
responses:
  Problem: {description: A problem., schema: {type: object, properties: {message: {type: string}}}}
definitions:
  Pet:
    type: object
    discriminator: kind
    required: [name]
    properties:
      name: {type: string, x-nullable: true}
      kind: {type: string}
"""


@pytest.fixture
def read(write):
    """Return the contract that a document is, whatever may be wrong in it."""
    return lambda text: load_contract(write(text))


def body_check(contract: Contract, path: str):
    (operation,) = [one for one in contract.operations if (one.method, one.path) == ("POST", path)]
    (check,) = operation.body.checks.values()
    return check.strictest.is_valid


@pytest.mark.parametrize(
    ("pet", "is_valid"),
    [
        ({"name": None}, True),
        ({"name": 1}, False),
        ({"age": 0}, False),
        ({"age": 1}, True),
        ({"age": 99}, True),
        ({"age": 100}, False),
        ({"kind": "cat"}, True),
        ({"kind": None}, False),  # 3.0.4, section 4.7.24.2: `enum` does not list it
        ({"friend": {"name": 1}}, True),  # what stands beside a reference is ignored
        ({"friend": None}, False),
    ],
)
def test_values_are_held_to_schemas_of_openapi_3_0_as_that_version_has_them(read, pet, is_valid):
    assert body_check(read(PETS_30), "/pets")(pet) == is_valid


@pytest.mark.parametrize("version", ["3.0.0", "3.0.4", "3.0", "3.1.0", "3.1", "3.2.0"])
def test_every_supported_version_is_read_and_served_as_openapi_3_1(read, version):
    contract = read(f"openapi: '{version}'\ninfo: {{title: A, version: '1'}}\npaths: {{}}\n")

    assert contract.document.main.value["openapi"] == "3.1.1"


def test_what_openapi_3_2_adds_is_no_mistake(read):
    contract = read(
        "openapi: 3.2.0\n$self: https://example.com/a\ninfo: {title: A, version: '1', summary: S}\n"
        "tags: [{name: a, kind: nav, parent: b}]\npaths: {/a: {query: {responses: {'200': {description: A}}}}}\n"
    )

    assert contract.document.flaws.told(*Severity) == ([], 0)
    assert [operation.method for operation in contract.operations] == ["QUERY"]


def test_swagger_2_is_brought_to_the_same_model(read):
    contract = read(PETS_20)
    listed, made, photo = contract.operations

    assert contract.document.main.value["servers"] == [{"url": "https://api.example.com/v1"}]
    assert [(one.location, one.name) for one in listed.parameters] == [("query", "limit"), ("query", "tags")]
    assert listed.responses["200"].content[0].type == "application/json"
    assert listed.responses["200"].content[0].examples == {"example": [{"name": "Rex"}]}
    assert listed.responses["default"].content[0].schema.properties.keys() == {"message"}
    assert made.body.required
    assert photo.path == "/pets/{id}/photo"
    assert contract.document.main.value["paths"]["/pets/{id}/photo"]["put"]["requestBody"] == {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "string", "format": "binary"}, "note": {"type": "string"}},
                    "required": ["file"],
                }
            }
        },
    }


def test_values_are_held_to_the_schemas_of_swagger_2(read):
    is_valid = body_check(read(PETS_20), "/pets")

    assert is_valid({"name": None, "kind": "Pet"})
    assert not is_valid({"kind": "Pet"})


def test_a_mistake_in_swagger_2_is_told_where_it_stands_in_the_file(read):
    (flaws, _) = read(PETS_20).document.flaws.told(Severity.WARNING)
    (misspelt,) = [flaw for flaw in flaws if "minLengt" in flaw.message]

    assert PETS_20.splitlines()[misspelt.line - 1].lstrip().startswith("parameters: [{name: id, in: path")
    assert misspelt.hint == "did you mean 'minLength'?"


def test_each_style_of_lists_in_swagger_2_becomes_the_style_of_the_same_meaning(read):
    text = PETS_20.replace("collectionFormat: pipes", "collectionFormat: {}")
    styles = {}
    for name in ("csv", "ssv", "pipes", "multi"):
        operation = read(text.replace("{}", name, 1)).document.main.value["paths"]["/pets"]["get"]
        styles[name] = {key: operation["parameters"][1].get(key) for key in ("style", "explode")}

    assert styles == {
        "csv": {"style": None, "explode": False},
        "ssv": {"style": "spaceDelimited", "explode": False},
        "pipes": {"style": "pipeDelimited", "explode": False},
        "multi": {"style": None, "explode": True},
    }


schemas = st.recursive(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["string", "integer", "object"])},
        optional={"nullable": st.booleans(), "minimum": st.integers(0, 3), "exclusiveMinimum": st.booleans()},
    ),
    lambda inner: st.fixed_dictionaries({"type": st.just("array"), "items": inner}, optional={"nullable": st.booleans()}),
    max_leaves=4,
)


@given(schemas)
def test_a_schema_that_was_converted_is_not_changed_again(schema):
    for dialect in (OpenApi30(), Swagger20()):
        once = json.loads(json.dumps(schema))
        dialect.convert_schema(once)
        twice = json.loads(json.dumps(once))
        dialect.convert_schema(twice)
        assert once == twice
        assert "nullable" not in once
        assert not isinstance(once.get("exclusiveMinimum"), bool)


@pytest.mark.parametrize("document", [PETS_30, PETS_20], ids=["3.0", "2.0"])
def test_what_is_served_as_the_document_is_openapi_3_1(tmp_path, serve, document):
    from openapi_spec_validator import OpenAPIV31SpecValidator

    (tmp_path / "api.yaml").write_text(document.replace("minLengt: 1", "minLength: 1"))
    served = httpx.get(f"{serve(tmp_path / 'api.yaml').url}/openapi.json").json()

    assert list(OpenAPIV31SpecValidator(served).iter_errors()) == []


def test_a_list_of_schemas_holds_element_by_element_in_versions_before_3_1(read):
    items = "list: {type: array, items: [{type: string, nullable: true}, {type: integer}], additionalItems: false}"
    is_valid = body_check(read(PETS_30.replace("name: {type: string, nullable: true}", items)), "/pets")

    assert is_valid({"list": [None, 1]})
    assert not is_valid({"list": [1, 1]})
    assert not is_valid({"list": ["a", 1, 2]})
