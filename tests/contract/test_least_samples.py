from __future__ import annotations

import jsonschema_rs
import pytest
import yaml
from small_document import SMALL, edited

from mock_server.contract.sampling.least import LONGEST, sample
from mock_server.contract.schemas.schema import Schema

EMAIL = "        email: {type: string, minLength: 1}"


@pytest.fixture
def sample_of(load):
    def sample_of(schema: str) -> object:
        document = load(edited(SMALL, ("    NewGuest:\n", f"    Sampled: {schema}\n    NewGuest:\n"))).document
        return sample(Schema(document.root["components"]["schemas"]["Sampled"]))

    return sample_of


SCHEMAS = [
    "{type: string}",
    "{type: string, minLength: 7}",
    "{type: string, maxLength: 2}",
    "{type: string, pattern: '^[a-z]{3}$'}",
    "{type: string, pattern: '^sku-[0-9]+$', minLength: 8, maxLength: 9}",
    *[f"{{type: string, format: {name}}}" for name in ("date-time", "date", "time", "email", "uuid", "uri", "hostname", "ipv4", "ipv6")],
    "{type: integer, minimum: 5}",
    "{type: integer, maximum: -5}",
    "{type: integer, exclusiveMinimum: 5}",
    "{type: integer, exclusiveMaximum: -5}",
    "{type: number, minimum: 4, multipleOf: 3}",
    "{type: boolean}",
    "{type: 'null'}",
    "{type: [string, 'null']}",
    "{type: array, items: {type: integer}, minItems: 2}",
    "{type: array}",
    "{type: object}",
    "{type: object, required: [a], properties: {a: {type: object, required: [b], properties: {b: {const: 3}}}, c: {type: string}}}",
    "{allOf: [{type: object, properties: {a: {type: integer}}}, {required: [a]}]}",
    "{oneOf: [{type: integer}, {type: string}]}",
    "{anyOf: [{$ref: '#/components/schemas/NewGuest'}, {type: 'null'}]}",
    "{enum: [b, a]}",
    "{type: string, example: an example}",
    "{type: string, examples: [one, two]}",
    "{type: string, default: usual}",
    "true",
    "{}",
]  # fmt: skip


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_sample_is_valid_for_its_schema(sample_of, schema):
    validator = jsonschema_rs.Draft202012Validator(
        {**(yaml.safe_load(schema) if schema != "true" else {}), "components": yaml.safe_load(SMALL)["components"]},
        validate_formats=True,
    )

    assert validator.is_valid(sample_of(schema))


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("{type: string, example: mine, default: usual}", "usual"),
        ("{type: string, examples: [one, two]}", "one"),
        ("{enum: [b, a]}", "b"),
        ("{type: object, required: [a], properties: {a: {type: string}, b: {type: string}}}", {"a": "text"}),
    ],
)
def test_the_author_s_own_words_are_preferred_and_only_what_is_required_is_made(sample_of, schema, value):
    assert sample_of(schema) == value


@pytest.mark.parametrize("schema", ["{type: string, minLength: 1000000000000}", "{type: array, minItems: 1000000000000}"])
def test_a_sample_is_never_huge(sample_of, schema):
    assert len(sample_of(schema)) == LONGEST


@pytest.mark.parametrize(
    "keyword",
    [
        "anyOf: [{$ref: '#/components/schemas/Sampled'}]",
        "properties: {a: {$ref: '#/components/schemas/Sampled'}}, required: [a]",
    ],
)
def test_a_sample_of_a_schema_that_contains_itself_comes_to_an_end(sample_of, keyword):
    sample_of(f"{{{keyword}}}")
