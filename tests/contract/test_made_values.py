"""Values made from schemas: valid, readable, and the same for the same seed and request."""

from __future__ import annotations

import base64
import json
import re
import time
from contextlib import suppress
from functools import partial

import jsonschema_rs
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_server.contract.sampling.about import About
from mock_server.contract.sampling.building import DEEPEST, FILLED
from mock_server.contract.sampling.maker import CannotMakeError, Maker
from mock_server.contract.schemas.schema import Schema
from mock_server.engine.loading import load_contract

ANYBODY = About()
DOCUMENT = {"openapi": "3.1.0", "info": {"title": "Things", "version": "1"}, "paths": {}}


@pytest.fixture
def maker_of(write):
    """Return what makes values for a schema `Thing`, or another one, from schemas by name."""

    def maker_of(schemas: dict, name: str = "Thing"):
        contract = load_contract(write(json.dumps({**DOCUMENT, "components": {"schemas": schemas}}), name="api.json"))
        return partial(Maker(contract.schemas).make, Schema(contract.document.root["components"]["schemas"][name]))

    return maker_of


@pytest.fixture
def make(maker_of):
    """Return a value made for the schema `Thing` of the schemas in a text, or for one that is given alone."""

    def make(schemas: str, about: About = ANYBODY) -> object:
        read = yaml.safe_load(schemas)
        read = read if isinstance(read, dict) and "Thing" in read else {"Thing": read}
        value = maker_of(read)(about)
        whole = {"$ref": "#/components/schemas/Thing", "components": {"schemas": read}}
        assert jsonschema_rs.validator_for(whole, validate_formats=True).is_valid(value), value
        return value

    return make


FORMATS = {
    # format: what its texts look like, beyond what the validator asks
    **dict.fromkeys(["date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname"], "."),
    **dict.fromkeys(["ipv4", "ipv6", "uri", "iri", "uuid"], "."),
    **dict.fromkeys(["uri-reference", "iri-reference", "json-pointer"], "^/"),
    "uri-template": r"\{\w+\}",
    "relative-json-pointer": "^[0-9]",
    "regex": ".",
    "byte": "^[A-Za-z0-9+/]+=*$",
    "password": "...",
    "phone": r"^\+[0-9]{11}$",
    "currency": "^[A-Z]{3}$",
    "country": "^[A-Z]{2}$",
    "decimal": r"^[0-9]+\.[0-9]+$",
    "ulid": "^[0-9A-Z]{26}$",
    "color": "^#[0-9a-f]{6}$",
    "int64": "^[0-9]+$",
    "timestamp": "^2025-",
    "unix-time": "^17[0-9]{8}$",
}


@pytest.mark.parametrize(("name", "shape"), FORMATS.items())
def test_a_text_has_the_format_that_is_asked_for(make, name, shape):
    assert re.search(shape, make(f"{{type: string, format: {name}}}"))


@pytest.mark.parametrize(
    "schema",
    [
        "{type: string, pattern: '^[A-Z]{3}-[0-9]{4}$'}",
        r"{type: string, pattern: '^(?=.*[A-Z])(?=.*\d).{8,}$'}",
        r"{type: string, pattern: '^[a-z0-9]+(?:-[a-z0-9]+)*$', minLength: 12, maxLength: 20}",
        r"{type: string, pattern: '^\p{Lu}\p{L}+$'}",
        r"{type: string, pattern: '^(?!test)\w{3,8}$'}",
        r"{type: string, pattern: '^https?:\/\/[^\s/]+\/v[1-9]$'}",
        "{type: string, allOf: [{pattern: '^a'}, {pattern: 'z$'}], minLength: 30}",
        "{type: string, minLength: 40}",
        "{type: string, maxLength: 2}",
        "{type: string, format: email, minLength: 40}",
        "{type: integer, minimum: 1000, maximum: 1003}",
        "{type: integer, exclusiveMinimum: 5, exclusiveMaximum: 7}",
        "{type: number, exclusiveMinimum: 0, exclusiveMaximum: 1}",
        "{type: number, multipleOf: 0.01, minimum: 9.995, maximum: 10}",
        "{type: integer, allOf: [{multipleOf: 6}, {multipleOf: 4}], minimum: 13}",
        "{type: integer, minimum: 9223372036854775807}",
        "{type: array, items: {type: integer}, uniqueItems: true, minItems: 20}",
        "{type: array, items: {enum: [a, b]}, uniqueItems: true}",
        "{type: array, items: {type: boolean}, uniqueItems: true}",
        "{type: array, contains: {const: needle}, minContains: 2, items: {type: string}}",
        "{type: array, prefixItems: [{type: string}, {type: integer}], items: false}",
        "{type: object, minProperties: 3, additionalProperties: {type: integer}, propertyNames: {pattern: '^[a-z]+$'}}",
        "{type: object, maxProperties: 1, properties: {a: {type: string}, b: {type: string}}, required: [b]}",
        "{type: object, properties: {card: {type: string}}, dependentRequired: {card: [address]}}",
        "{type: object, properties: {a: {}}, dependentSchemas: {a: {required: [b], properties: {b: {const: 1}}}}}",
        "{type: object, patternProperties: {'^x-': {type: integer}}, additionalProperties: false}",
        "{type: object, properties: {a: {type: string}, b: {type: string}}, not: {required: [a, b]}}",
        "{type: string, not: {enum: [amber, birch, cedar, delta]}}",
        "{if: {properties: {kind: {const: a}}}, then: {required: [x]}, properties: {kind: {enum: [a, b]}, x: {type: integer}}}",
        "{oneOf: [{required: [a]}, {required: [b]}], type: object, properties: {a: {type: string}, b: {type: string}}}",
        "{oneOf: [{type: integer}, {type: number}]}",
        "{oneOf: [{type: string}, {type: string, minLength: 4}]}",
        "{anyOf: [{type: 'null'}, {type: string}]}",
        "{allOf: [{type: object, properties: {a: {type: number}}}, {properties: {a: {type: integer}}, required: [a]}]}",
        "{properties: {a: {type: string}}, required: [a], unevaluatedProperties: false, type: object}",
        "{const: {a: [1]}}",
        "{type: object, additionalProperties: {type: string, not: {type: string}}}",
        "true",
    ],
)
def test_a_value_is_valid_whatever_a_schema_asks(make, schema):
    make(schema)


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ("{type: string, minLength: 5, maxLength: 3}", "/m..Length"),
        ("{type: object, required: [a], properties: {a: {allOf: [{type: string}, {type: integer}]}}}", "at /a"),
        ("{type: string, pattern: '^[a-z]+$', format: ipv4}", "/format"),
        ("{not: {}}", "/not"),
        ("{type: object, required: [again], properties: {again: {$ref: '#/components/schemas/Thing'}}}", "contain itself"),
    ],
)
def test_where_nothing_valid_can_be_made_the_keyword_in_the_way_is_told(make, schema, why):
    with pytest.raises(CannotMakeError, match=why):
        make(schema)


def test_what_cannot_be_made_is_left_out_where_it_may_be(make):
    impossible = "{type: string, minLength: 5, maxLength: 3}"

    assert set(make(f"{{type: object, properties: {{a: {{type: string}}, b: {impossible}}}}}")) == {"a"}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("{type: string, example: mine, default: usual}", "mine"),
        ("{type: string, examples: [one, two], default: usual}", "one"),
        ("{type: string, default: usual, enum: [first, usual]}", "usual"),
        ("{enum: [null, '', b, a]}", "b"),
        ("{type: integer, example: ten, default: 3}", 3),
        ("{anyOf: [{type: string, const: a}, {enum: ['']}]}", "a"),
        ("{allOf: [{type: integer, example: 5}]}", 5),
    ],
)
def test_the_author_s_own_words_go_first_where_they_fit(make, schema, value):
    assert make(schema) == value


def test_an_example_that_the_schema_refuses_is_passed_over(maker_of):
    assert maker_of({"Thing": {"type": "string", "examples": ["ab", "abc"], "minLength": 3}})(ANYBODY) == "abc"


NAMES = {
    "email": r"^[a-z]+\.[a-z]+@example\.com$",
    "contactEmail": r"@example\.com$",
    "first_name": "^[A-Z][a-z]+$",
    "city": "^[A-Z][a-z]+$",
    "country": "^[A-Z]{2}$",
    "currency": "^[A-Z]{3}$",
    "phone": r"^\+1",
    "website": "^https://",
    "avatar_url": r"^https://.*\.png$",
    "created_at": "^2025-.*Z$",
    "description": r" .*\.$",
    "customer_id": "^customer_[0-9a-f]+$",
    "locale": "^[a-z]{2}-[A-Z]{2}$",
    "timezone": "/|UTC",
    "ip_address": r"^192\.0\.2\.",
    "slug": "^[a-z]+-[a-z]+$",
    "price": r"^[0-9]+\.[0-9]{2}$",
    "status": "^active$",
}


def test_a_text_looks_like_what_its_name_tells(make):
    properties = ", ".join(f"{name}: {{type: string}}" for name in NAMES)
    made = make(f"{{type: object, properties: {{{properties}}}}}")

    assert {name for name, shape in NAMES.items() if not re.search(shape, made[name])} == set()


def test_a_number_looks_like_what_its_name_tells(make):
    names = ["id", "age", "year", "page", "price", "latitude", "created", "expires_at", "total_count", "rating"]
    made = make(f"{{type: object, properties: {{{', '.join(f'{name}: {{type: integer}}' for name in names)}}}}}")

    assert 18 <= made["age"] <= 80
    assert 2015 <= made["year"] <= 2026
    assert made["page"] == 1
    assert 40 <= made["latitude"] <= 59
    assert 1_740_000_000 < made["created"] < 1_768_500_000 < made["expires_at"]


def test_a_truth_that_would_ask_for_more_is_false(make):
    assert make("{type: object, properties: {has_more: {type: boolean}, active: {type: boolean}}}") == {
        "has_more": False,
        "active": True,
    }


def test_an_email_is_that_of_the_person_beside_it(make):
    made = make("{type: object, properties: {first_name: {type: string}, last_name: {type: string}, email: {type: string}}}")

    assert made["email"] == f"{made['first_name']}.{made['last_name']}@example.com".lower()


PETS = """
Thing: {type: array, items: {$ref: '#/components/schemas/Pet'}}
Pet: {type: object, properties: {id: {type: string}, name: {type: string}, kind: {enum: [dog, cat]}, tags: {type: array, items: {type: string}}}}
"""


def test_the_elements_of_a_list_differ(make):
    pets = make(PETS)

    assert len(pets) in (2, 3)
    assert all(pet["id"].startswith("pet_") for pet in pets)
    assert len({pet["id"] for pet in pets}) == len({pet["name"] for pet in pets}) == len(pets)
    assert len({pet["kind"] for pet in pets}) == 2


def test_ids_differ_even_where_the_schema_has_one_example(make):
    ids = [pet["id"] for pet in make("{type: array, items: {properties: {id: {type: integer, example: 10}}}}")]

    assert ids[0] == 10
    assert len(set(ids)) == len(ids) > 1


def test_the_same_seed_and_request_give_the_same_and_others_something_else(make):
    thing = "{type: object, properties: {id: {type: integer}, name: {type: string}, at: {type: string, format: date-time}}}"
    requests = [About(), About(seed=1), About(path={"id": 1}), About(path={"id": 2}), About(query={"page": 2})]
    first, again = [make(thing, about) for about in requests], [make(thing, about) for about in requests]

    assert first == again
    assert len({json.dumps(value) for value in first}) == len(first)


def test_what_was_made_before_changes_nothing_of_what_is_made_next(maker_of):
    refused = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor"]  # half of what is made at first
    schemas = {"Thing": {"type": "object", "properties": {"word": {"type": "string", "not": {"enum": refused}}}}}
    alone = maker_of(schemas)(ANYBODY)

    for number in range(8):
        make = maker_of(schemas)
        make(About(path={"id": number}))
        assert make(ANYBODY) == alone


@pytest.mark.parametrize(
    ("schemas", "value"),
    [
        ("Thing: {type: object, properties: {next: {$ref: '#/components/schemas/Thing'}, n: {const: 1}}}", {"n": 1}),
        (
            "Thing: {type: object, required: [c], properties: {c: {type: array, items: {$ref: '#/components/schemas/Thing'}}}}",
            {"c": []},
        ),
        (
            "Thing: {type: object, required: [p], properties: {p: {oneOf: [{$ref: '#/components/schemas/Thing'}, {type: 'null'}]}}}",
            {"p": None},
        ),
        (
            "Thing: {type: object, required: [e], properties: {e: {anyOf: [{$ref: '#/components/schemas/Thing'}, {const: leaf}]}}}",
            {"e": "leaf"},
        ),
    ],
)
def test_a_recursion_ends_where_the_schema_lets_it(make, schemas, value):
    assert make(schemas) == value


def test_a_graph_of_schemas_that_all_refer_to_each_other_stays_small_and_quick(make):
    names = [f"S{number}" for number in range(40)]
    inner = {name: {"$ref": f"#/components/schemas/{name}"} for name in names}
    listed = {f"list_{name}": {"type": "array", "items": {"anyOf": [{"type": "null"}, ref]}} for name, ref in inner.items()}
    schema = {"type": "object", "properties": {"id": {"type": "string"}, **inner, **listed}}
    schemas = json.dumps({"Thing": schema, **dict.fromkeys(names, schema)})
    start = time.process_time()

    made = make(schemas)

    assert _parts(made) <= FILLED
    assert _depth(made) <= DEEPEST + 1
    assert time.process_time() - start < 5


def _parts(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_parts, inner))


def _depth(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inner), default=0)


def test_what_is_write_only_is_never_shown(make):
    schema = """{type: object, properties: {
        name: {type: string}, secret: {type: string, writeOnly: true},
        login: {type: object, example: {user: a, password: b}, properties: {user: {}, password: {writeOnly: true}}}}}"""

    made = make(schema, About(body={"name": "Rex", "secret": "s3cret", "login": {"user": "x", "password": "y"}}))

    assert made == {"name": "Rex", "login": {"user": "x"}}


SHAPES = """
Circle: {type: object, required: [kind], properties: {kind: {type: string}, radius: {type: integer}}}
Box: {type: object, required: [kind], properties: {kind: {type: string}, side: {type: integer}}}
"""
BRANCHES = "[{$ref: '#/components/schemas/Circle'}, {$ref: '#/components/schemas/Box'}]"


@pytest.mark.parametrize(
    ("thing", "kind", "other"),
    [
        (f"{{oneOf: {BRANCHES}, discriminator: {{propertyName: kind}}}}", "Circle", "radius"),
        (f"{{oneOf: {BRANCHES}, discriminator: {{propertyName: kind, mapping: {{round: Circle}}}}}}", "round", "radius"),
        (
            f"{{anyOf: {BRANCHES}, discriminator: {{propertyName: kind, mapping: {{square: '#/components/schemas/Box'}}}},"
            " properties: {kind: {const: square}}}",
            "square",
            "side",
        ),
    ],
)
def test_a_discriminator_names_the_branch_that_was_made(maker_of, thing, kind, other):
    made = maker_of({"Thing": yaml.safe_load(thing), **yaml.safe_load(SHAPES)})(ANYBODY)

    assert made["kind"] == kind
    assert other in made


@pytest.mark.parametrize(
    ("name", "kind"), [("Animal", "feline"), ("Cat", "feline"), ("Dog", "Dog")], ids=["the base", "by mapping", "by name"]
)
def test_a_base_with_a_discriminator_is_made_as_one_of_those_that_extend_it(maker_of, name, kind):
    schemas = {
        "Animal": {
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": {"type": "string"}},
            "discriminator": {"propertyName": "kind", "mapping": {"feline": "#/components/schemas/Cat"}},
        },
        "Cat": {"allOf": [{"$ref": "#/components/schemas/Animal"}, {"properties": {"claws": {"type": "integer"}}}]},
        "Dog": {"allOf": [{"$ref": "#/components/schemas/Animal"}, {"properties": {"tail": {"type": "integer"}}}]},
    }
    assert maker_of(schemas, name)(ANYBODY)["kind"] == kind


PET = "{type: object, properties: {id: {type: string}, name: {type: string}, ownerId: {type: integer}, meta: {type: object, properties: {a: {type: integer}}}}}"


@pytest.mark.parametrize(
    ("schema", "template", "path", "found"),
    [
        (PET, "/pets/{id}", {"id": "p7"}, {"id": "p7"}),
        (PET, "/pets/{petId}", {"petId": 7}, {"id": "7"}),
        (PET, "/pets/{pet_id}", {"pet_id": "p7"}, {"id": "p7"}),
        (PET, "/pets/{name}", {"name": "Rex"}, {"name": "Rex"}),
        (PET, "/owners/{id}/pets/{petId}", {"id": "12", "petId": "p7"}, {"id": "p7", "ownerId": 12}),
        (f"{{type: object, properties: {{data: {PET}}}}}", "/pets/{id}", {"id": "p7"}, {"data.id": "p7"}),
        (f"{{type: array, items: {PET}}}", "/owners/{ownerId}/pets", {"ownerId": 12}, {"0.ownerId": 12, "1.ownerId": 12}),
    ],
)
def test_the_id_of_the_path_is_in_the_answer(make, schema, template, path, found):
    made = make(schema, About(template=template, path=path))

    for place, value in found.items():
        inner = made
        for step in place.split("."):
            inner = inner[int(step) if step.isdecimal() else step]
        assert inner == value


def test_the_id_of_another_thing_is_no_id_of_this_one(make):
    assert make(PET, About(template="/owners/{id}/pets", path={"id": "o9"}))["id"] != "o9"


@pytest.mark.parametrize("schema", [PET, f"{{type: object, properties: {{pet: {PET}}}}}"])
def test_what_was_sent_is_in_the_answer_where_name_and_schema_agree(make, schema):
    sent = {"name": "Rex", "ownerId": "none", "meta": {"a": 5, "b": 6}, "unknown": 1}
    made = make(schema, About(template="/pets", body=sent, creates=True))
    made = made.get("pet", made)

    assert made["name"] == "Rex"
    assert made["meta"] == {"a": 5}
    assert isinstance(made["ownerId"], int)
    assert "unknown" not in made


def test_another_thing_that_is_created_has_another_id(make):
    rex, bello = (make(PET, About(template="/pets", body={"name": name}, creates=True)) for name in ("Rex", "Bello"))

    assert rex["id"] != bello["id"]


@pytest.mark.parametrize("name", ["limit", "per_page", "pageSize", "$top"])
def test_a_list_has_no_more_elements_than_the_request_asks_for(make, name):
    listed = "{type: object, properties: {items: {type: array, items: {type: integer}}, total: {type: integer}, limit: {type: integer}}}"
    made = make(listed, About(query={name: 1}))

    assert len(made["items"]) == made["total"] == 1
    assert name != "limit" or made["limit"] == 1


def test_bytes_are_base64(make):
    assert base64.b64decode(make("{type: string, contentEncoding: base64}"), validate=True)


SCALARS = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("string")},
        optional={
            "minLength": st.integers(0, 8),
            "maxLength": st.integers(6, 20),
            "format": st.sampled_from(["date-time", "email", "uuid", "unheard-of"]),
            "pattern": st.sampled_from(["^[A-Z]{2,5}$", r"^\d+$", "[a-z]+@", r"^(?!x)\w{3,}$"]),
        },
    ),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["integer", "number"])},
        optional={"minimum": st.integers(-50, 50), "maximum": st.integers(0, 200), "multipleOf": st.sampled_from([2, 0.1, 7])},
    ),
    st.sampled_from([{"type": "boolean"}, {"type": ["string", "null"]}, {"enum": ["a", 1, None]}, {"example": 1}, {}, True]),
    st.sampled_from([{"$ref": "#/components/schemas/Thing"}, {"$ref": "#/components/schemas/Other"}]),
)
NAMED = st.sampled_from(["id", "name", "created_at", "count", "tags"])


def _around(inner):
    return st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("object")},
            optional={
                "properties": st.dictionaries(NAMED, inner, max_size=3),
                "required": st.lists(NAMED, max_size=2, unique=True),
                "additionalProperties": st.one_of(st.booleans(), inner),
                "minProperties": st.integers(0, 3),
            },
        ),
        st.fixed_dictionaries(
            {"type": st.just("array")},
            optional={"items": inner, "minItems": st.integers(0, 3), "uniqueItems": st.booleans(), "contains": inner},
        ),
        st.builds(
            lambda word, of: {word: of}, st.sampled_from(["allOf", "anyOf", "oneOf"]), st.lists(inner, min_size=1, max_size=3)
        ),
        st.builds(lambda plain, no: {**(plain if isinstance(plain, dict) else {}), "not": no}, inner, inner),
        st.builds(lambda one, two, three: {"if": one, "then": two, "else": three}, inner, inner, inner),
    )


SCHEMAS = st.recursive(SCALARS, _around, max_leaves=8)


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(thing=SCHEMAS, other=SCHEMAS)
def test_for_any_schema_there_is_a_valid_value_or_a_reason_why_not(make, thing, other):
    with suppress(CannotMakeError):
        make(json.dumps({"Thing": thing, "Other": other}))


def test_a_list_of_large_things_and_others_is_cut_before_those_that_are_too_many(make):
    names = ", ".join(f"p{number}: {{type: object, properties: {{a: {{}}}}}}" for number in range(200))
    large = f"{{type: object, properties: {{{names}}}}}"
    made = make(f"{{type: array, prefixItems: [{large}, {large}, {large}, {large}, {{type: string}}]}}")

    assert 1 <= len(made) < 4
    assert _parts(made) <= 2 * FILLED
