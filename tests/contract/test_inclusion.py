from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mock_server.contract.documents.document import Document
from mock_server.contract.files.source import Source
from mock_server.contract.schemas.inclusion import MOST_COMPARED_IN_ALL, Inclusion
from mock_server.contract.schemas.keywords import ASSERTED_FORMATS
from mock_server.contract.schemas.schema import Schema
from mock_server.contract.schemas.value_sets import BOUNDS

SHARED = {
    "Text": {"type": "string"},
    "Tree": {"type": "object", "properties": {"left": {"$ref": "#/shared/Tree"}}},
    "Loop": {"anyOf": [{"$ref": "#/shared/Loop"}, {"type": "string"}]},
    "Branch": {"type": "object", "properties": {"left": {"$ref": "#/shared/Branch"}}, "title": "A tree, told elsewhere"},
    "Even": {"type": "object", "properties": {"next": {"$ref": "#/shared/Odd"}}, "required": ["a"]},
    "Odd": {"type": "object", "properties": {"next": {"$ref": "#/shared/Even"}}, "required": ["a"]},
    "OneAfterAnother": {"type": "object", "properties": {"next": {"$ref": "#/shared/OneAfterAnother"}}, "required": ["a"]},
    "Nested": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/shared/Nested"}}]},
    "NestedWide": {"anyOf": [{"type": "array", "items": {"$ref": "#/shared/NestedWide"}}, {"type": ["string", "null"]}]},
}

GUARDED = {
    # what refers back to itself does so for a part of its value only
    **{name: SHARED[name] for name in ("Tree", "Branch", "Even", "Odd", "OneAfterAnother", "Nested", "NestedWide")},
    "AnyTree": {"type": "object", "additionalProperties": {"$ref": "#/shared/AnyTree"}},
    "Leaves": {"anyOf": [{"type": "integer"}, {"items": {"$ref": "#/shared/Leaves"}, "type": "array", "minItems": 1}]},
}


def not_included(narrow: Schema, wide: Schema) -> str | None:
    """Return None when every value of `narrow` is shown to be one of `wide`; else the keyword that stands in the way."""
    obstacle = Inclusion().obstacle(narrow, wide)
    return obstacle.keyword if obstacle else None


def schemas(narrow: object, wide: object) -> tuple[Schema, Schema]:
    text = json.dumps({"narrow": narrow, "wide": wide, "shared": {**SHARED, **GUARDED}})
    root = Document(Source(Path("some.json"), text)).root
    return Schema(root["narrow"]), Schema(root["wide"])


INCLUDED = [
    ("{type: string}", "{}"),
    ("{type: string}", "true"),
    ("false", "{type: string}"),
    ("{type: integer}", "{type: number}"),
    ("{type: string}", "{type: [string, 'null']}"),
    ("{const: 1}", "{enum: [1, 2]}"),
    ("{enum: [a, b]}", "{type: string}"),
    ("{enum: [1, 2]}", "{type: integer}"),
    ("{type: string, minLength: 2}", "{type: string, minLength: 1}"),
    ("{type: integer}", "{minLength: 1}"),
    ("{type: string, pattern: a}", "{pattern: a}"),
    ("{allOf: [{type: string}, {maxLength: 2}]}", "{type: string, maxLength: 3}"),
    ("{$ref: '#/shared/Text'}", "{type: string}"),
    ("{$ref: '#/shared/Tree'}", "{$ref: '#/shared/Tree'}"),
    ("{type: string}", "{anyOf: [{type: integer}, {type: string}]}"),
    ("{anyOf: [{type: string}, {type: 'null'}]}", "{type: [string, 'null']}"),
    ("{$ref: '#/shared/Loop'}", "{type: string}"),
    ("{type: object, required: [a, b]}", "{required: [a]}"),
    ("{type: object, properties: {a: {const: x}}}", "{properties: {a: {type: string}}}"),
    ("{type: object, additionalProperties: false}", "{properties: {a: {type: string}}}"),
    (
        "{type: object, properties: {a: {}}, additionalProperties: false}",
        "{properties: {a: {}, b: {}}, additionalProperties: false}",
    ),
    ("{type: array, items: {type: integer}}", "{items: {type: number}}"),
    ("{type: string}", "{type: string, title: A text, deprecated: true, x-note: 1, $defs: {}}"),
    # branches
    ("{anyOf: [{type: string}, {type: 'null'}]}", "{anyOf: [{type: string}, {type: 'null'}]}"),
    ("{anyOf: [{type: string}, {type: 'null'}]}", "{anyOf: [{type: 'null'}, {type: string}]}"),
    ("{type: [string, 'null']}", "{anyOf: [{type: string}, {type: 'null'}]}"),
    ("{type: string, maxLength: 3}", "{anyOf: [{type: string, maxLength: 5}, {type: 'null'}]}"),
    ("{anyOf: [{type: string, maxLength: 3}, {type: 'null'}]}", "{anyOf: [{type: string, maxLength: 5}, {type: 'null'}]}"),
    (
        "{anyOf: [{type: string, minLength: 1}, {type: integer, minimum: 0}]}",
        "{type: [string, integer], minLength: 1, minimum: 0}",
    ),
    ("{type: object, anyOf: [{required: [a]}, {required: [b]}]}", "{anyOf: [{required: [a]}, {required: [b]}]}"),
    ("{oneOf: [{type: string}, {type: 'null'}]}", "{anyOf: [{type: string}, {type: 'null'}]}"),
    ("{oneOf: [{type: string}, {type: 'null'}]}", "{oneOf: [{type: string}, {type: 'null'}]}"),
    ("{type: string}", "{oneOf: [{type: string}]}"),
    ("{type: string}", "{oneOf: [{type: string}, {type: 'null'}]}"),
    ("{oneOf: [{minLength: 1}, {maxLength: 3}]}", "{oneOf: [{minLength: 1}, {maxLength: 3}]}"),
    (
        "{type: object, required: [kind], properties: {kind: {const: a}}}",
        "{oneOf: [{properties: {kind: {const: a}}}, {properties: {kind: {const: b}}}]}",
    ),
    (
        "{type: object, required: [a], properties: {a: {}}, additionalProperties: false}",
        "{oneOf: [{required: [a]}, {required: [b], type: object}]}",
    ),
    ("{enum: [a, null]}", "{anyOf: [{enum: [a, b]}, {type: 'null'}]}"),
    # recursion
    ("{$ref: '#/shared/Tree'}", "{$ref: '#/shared/Branch'}"),
    ("{$ref: '#/shared/Even'}", "{$ref: '#/shared/OneAfterAnother'}"),
    ("{$ref: '#/shared/OneAfterAnother'}", "{$ref: '#/shared/Odd'}"),
    ("{$ref: '#/shared/Nested'}", "{$ref: '#/shared/NestedWide'}"),
    ("{allOf: [{$ref: '#/shared/Tree'}]}", "{$ref: '#/shared/Tree'}"),
    ("{$ref: '#/shared/Tree'}", "{allOf: [{$ref: '#/shared/Tree'}], title: The same}"),
    # objects
    ("{type: object, additionalProperties: {type: integer}}", "{additionalProperties: {type: number}}"),
    (
        "{type: object, properties: {a: {type: string}}, additionalProperties: {type: string}}",
        "{additionalProperties: {type: string}}",
    ),
    ("{type: object, additionalProperties: {type: string}}", "{properties: {a: {type: string}}}"),
    ("{type: object, patternProperties: {^x: {type: string}}}", "{patternProperties: {^x: {type: string}}}"),
    ("{type: object, patternProperties: {^x: {const: a}}}", "{patternProperties: {^x: {type: string}}}"),
    (
        "{type: object, properties: {a: {}}, patternProperties: {^x: {}}, additionalProperties: false}",
        "{properties: {a: {}}, patternProperties: {^x: {}}, additionalProperties: false}",
    ),
    (
        "{type: object, properties: {xa: {type: string}}, additionalProperties: false}",
        "{patternProperties: {^x: {type: string}}}",
    ),
    ("{type: object, propertyNames: {maxLength: 2}}", "{propertyNames: {maxLength: 3}}"),
    ("{type: object, dependentRequired: {a: [b, c]}}", "{dependentRequired: {a: [b]}}"),
    ("{type: object, required: [b]}", "{dependentRequired: {a: [b]}}"),
    ("{type: object, dependentSchemas: {a: {required: [b]}}}", "{dependentSchemas: {a: {required: [b]}}}"),
    (
        "{allOf: [{properties: {a: {type: string}}}, {properties: {a: {maxLength: 2}}}]}",
        "{properties: {a: {type: [string], maxLength: 2}}}",
    ),
    (
        "{properties: {a: {}}, allOf: [{required: [a]}], unevaluatedProperties: false}",
        "{properties: {a: {title: An a}}, allOf: [{required: [a]}], unevaluatedProperties: false}",
    ),
    # lists
    ("{type: array, prefixItems: [{type: string}, {type: integer}]}", "{prefixItems: [{type: string}]}"),
    ("{type: array, items: {type: string}}", "{prefixItems: [{type: string}]}"),
    ("{type: array, prefixItems: [{type: string}], items: {type: integer}}", "{prefixItems: [true], items: {type: integer}}"),
    ("{type: array, prefixItems: [{type: string}], maxItems: 1}", "{items: {type: string}}"),
    ("{type: array, contains: {const: a}}", "{contains: {type: string}}"),
    ("{type: array, contains: {type: string}, minContains: 2, maxContains: 3}", "{contains: {type: string}, maxContains: 4}"),
    ("{type: array}", "{contains: {type: string}, minContains: 0}"),
    # the rest
    ("{not: {type: string}}", "{not: {const: a}}"),
    ("{type: integer}", "{not: {type: string}}"),
    ("{if: {type: string}, then: {minLength: 1}}", "{if: {type: string}, then: {minLength: 1}}"),
    ("{type: integer}", "{type: number, multipleOf: 1}"),
    ("{type: integer, multipleOf: 4}", "{multipleOf: 2}"),
    ("{type: number, exclusiveMinimum: 0}", "{minimum: 0}"),
    ("{type: number, minimum: 1}", "{exclusiveMinimum: 0}"),
    ("{enum: [abc, a]}", "{type: string, minLength: 1, maxLength: 3}"),
    ("{type: 'null'}", "{enum: [a, null]}"),
    ("{type: integer}", "{format: int64}"),
    ("{type: array}", "{uniqueItems: false}"),
    ("{const: 1.0}", "{enum: [1]}"),
]
NOT_SHOWN = [
    ("{}", "{type: string}", "type"),
    ("{type: string}", "false", "false"),
    ("{type: number}", "{type: integer}", "type"),
    ("{enum: [1.5]}", "{type: integer}", "type"),
    ("{type: [string, 'null']}", "{type: string}", "type"),
    ("{enum: [1, 3]}", "{enum: [1, 2]}", "enum"),
    ("{const: 1}", "{const: true}", "const"),
    ("{const: [0]}", "{enum: [[false]]}", "enum"),
    ("{type: string}", "{minLength: 1}", "minLength"),
    ("{type: string, minLength: 1}", "{minLength: 2}", "minLength"),
    ("{type: string, pattern: a}", "{pattern: b}", "pattern"),
    ("{type: string}", "{format: email}", "format"),
    ("{type: object}", "{required: [a]}", "required"),
    ("{type: object}", "{properties: {a: {type: string}}}", "properties"),
    ("{type: object}", "{additionalProperties: false}", "additionalProperties"),
    ("{type: object, patternProperties: {a: {}}, additionalProperties: false}", "{properties: {a: {type: string}}}", "properties"),
    ("{type: object, patternProperties: {a: {}}, additionalProperties: false}", "{additionalProperties: false}", "additionalProperties"),
    ("{type: object}", "{additionalProperties: {type: string}}", "additionalProperties"),
    ("{type: array}", "{items: {type: string}}", "items"),
    ("{type: array, prefixItems: [{}], items: {type: string}}", "{items: {type: string}}", "type"),
    ("{type: string}", "{not: {const: a}}", "not"),
    ("{type: string}", "{oneOf: [{type: string}, {minLength: 1}]}", "oneOf"),
    ("{type: string}", "{oneOf: [{type: string}, {}]}", "oneOf"),
    ("{const: 1}", "{oneOf: [{type: integer}, {const: 1.0}]}", "oneOf"),
    ("{type: object, properties: {kind: {const: a}}}", "{oneOf: [{properties: {kind: {const: a}}}, {properties: {kind: {const: b}}}]}", "oneOf"),
    ("{anyOf: [{type: string}, {type: integer}]}", "{anyOf: [{type: string}, {type: 'null'}]}", "anyOf"),
    ("{type: integer}", "{$ref: '#/shared/Loop'}", "anyOf"),
    ("{$ref: '#/shared/NestedWide'}", "{$ref: '#/shared/Nested'}", "anyOf"),
    ("{$ref: '#/shared/Tree'}", "{$ref: '#/shared/Even'}", "properties"),
    ("{type: object, additionalProperties: {type: number}}", "{additionalProperties: {type: integer}}", "type"),
    ("{type: object, patternProperties: {^x: {type: string}}}", "{patternProperties: {x: {type: string}}}", "patternProperties"),
    ("{type: object, patternProperties: {^x: {}}, additionalProperties: false}", "{patternProperties: {^x: {}, ^y: {}}, properties: {x: false}}", "properties"),
    ("{type: object, properties: {x: {}}}", "{properties: {x: false}}", "properties"),
    ("{type: object, properties: {a: {}}, unevaluatedProperties: false}", "{unevaluatedProperties: false}", "unevaluatedProperties"),
    ("{type: object, dependentRequired: {a: [b]}}", "{dependentRequired: {a: [b, c]}}", "dependentRequired"),
    ("{type: array, prefixItems: [{type: string}]}", "{items: {type: string}}", "items"),
    ("{type: array, contains: {type: string}}", "{contains: {const: a}}", "contains"),
    ("{type: array, contains: {const: a}, maxContains: 1}", "{contains: {type: string}, maxContains: 1}", "contains"),
    ("{not: {const: a}}", "{not: {type: string}}", "not"),
    ("{if: {type: string}, then: {minLength: 1}}", "{if: {type: string}, then: {minLength: 2}}", "if"),
    ("{type: number, exclusiveMinimum: 0}", "{minimum: 0.5}", "minimum"),
    ("{enum: [abcd]}", "{maxLength: 3}", "maxLength"),
    ("{$ref: '#/shared/Tree'}", "{properties: {left: {properties: {left: {type: string}}}}}", "type"),
    ("{$ref: '#/shared/Tree'}", "{type: object, properties: {left: {type: object, properties: {left: {type: object}}}}, required: [left]}", "required"),
]  # fmt: skip


@pytest.mark.parametrize(("narrow", "wide"), INCLUDED)
def test_a_schema_that_lets_through_less_is_included(narrow, wide):
    assert not_included(*schemas(yaml.safe_load(narrow), yaml.safe_load(wide))) is None


@pytest.mark.parametrize(("narrow", "wide", "keyword"), NOT_SHOWN)
def test_the_keyword_that_stands_in_the_way_is_told(narrow, wide, keyword):
    assert not_included(*schemas(yaml.safe_load(narrow), yaml.safe_load(wide))) == keyword


def test_schemas_that_lead_to_each_other_many_times_are_compared_once():
    levels = {
        f"L{n}": {"anyOf": [{"$ref": f"#/shared/L{n + 1}"}, {"items": {"$ref": f"#/shared/L{n + 1}"}}]} for n in range(60)
    }
    text = json.dumps({"shared": {**levels, "L60": {"type": "string"}}, "a": {"type": "integer"}})
    root = Document(Source(Path("some.json"), text)).root

    assert not_included(Schema(root["a"]), Schema(root["shared"]["L0"])) is None


@pytest.mark.parametrize(
    ("schema", "types"),
    [
        ("{}", {"null", "boolean", "object", "array", "number", "string"}),
        ("{type: integer}", {"number"}),
        ("{enum: [1, a, null]}", {"number", "string", "null"}),
        ("{anyOf: [{type: string}, {type: array}], type: [array, object]}", {"array"}),
        ("{$ref: '#/shared/Loop'}", {"string"}),
        ("false", set()),
    ],
)
def test_the_types_of_a_schema_are_those_that_it_may_let_through(schema, types):
    assert schemas(yaml.safe_load(schema), {})[0].types == types


values = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 2, 3, 1.0, 1.5, -1, "", "a", "b", "ab", "abc"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=5,
)
types = st.sampled_from(["null", "boolean", "object", "array", "number", "integer", "string"])
small = st.integers(0, 3)


references = st.sampled_from(list(GUARDED)).map(lambda name: {"$ref": f"#/shared/{name}"})


def keywords(inner: st.SearchStrategy, beneath: st.SearchStrategy) -> st.SearchStrategy:
    """Return schemas of up to three keywords; those for the same value are `inner`, those for its parts `beneath`."""
    named = st.dictionaries(st.sampled_from("abc"), beneath, min_size=1, max_size=2)
    listed = st.lists(inner, min_size=1, max_size=2)
    names = st.lists(st.sampled_from("abc"), max_size=2, unique=True)
    one_by_one = {
        "type": types | st.lists(types, min_size=1, max_size=3, unique=True),
        "const": values,
        "enum": st.lists(values, min_size=1, max_size=3),
        **dict.fromkeys(["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"], small),
        **dict.fromkeys(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"], small),
        **dict.fromkeys(["minContains", "maxContains"], small),
        "pattern": st.sampled_from(["a", "^a", "b$"]),
        "format": st.sampled_from(["date", "email", "int64"]),
        "multipleOf": st.integers(1, 2),
        "uniqueItems": st.booleans(),
        "required": names,
        "dependentRequired": st.dictionaries(st.sampled_from("abc"), names, max_size=1),
        "properties": named,
        "patternProperties": st.dictionaries(st.sampled_from(["a", "[bc]"]), beneath, max_size=1),
        "prefixItems": st.lists(beneath, min_size=1, max_size=2),
        **dict.fromkeys(["additionalProperties", "unevaluatedProperties", "propertyNames"], beneath),
        **dict.fromkeys(["items", "contains", "unevaluatedItems"], beneath),
        **dict.fromkeys(["not", "if", "then", "else"], inner),
        "dependentSchemas": st.dictionaries(st.sampled_from("abc"), inner, max_size=1),
        **dict.fromkeys(["allOf", "anyOf", "oneOf"], listed),
    }
    chosen = st.lists(st.sampled_from(list(one_by_one)), max_size=3, unique=True)
    return chosen.flatmap(lambda some: st.fixed_dictionaries({keyword: one_by_one[keyword] for keyword in some}))


schema = st.recursive(
    st.booleans() | keywords(st.booleans(), st.booleans() | references) | references,
    lambda inner: keywords(inner, inner | references) | inner,
    max_leaves=4,
)


@st.composite
def similar_schemas(draw: st.DrawFn) -> tuple[object, object]:
    """Return two schemas that have keywords in common, so that inclusion is often claimed."""
    wide, other = draw(schema), draw(schema)
    if isinstance(wide, bool) or isinstance(other, bool):
        return other, wide
    narrow = draw(st.sampled_from([{**wide, **other}, {**other, **wide}, {"allOf": [wide, other]}, other]))
    branches = draw(st.permutations([wide, draw(schema)]))
    return draw(
        st.sampled_from(
            [(narrow, wide), (narrow, {"anyOf": branches}), (narrow, {"oneOf": branches}), ({"anyOf": branches}, narrow)]
        )
    )


@settings(max_examples=300, deadline=None, derandomize=True)
@given(pair=similar_schemas(), value=st.lists(values, min_size=1, max_size=8))
@example(pair=({"const": True}, {"const": 1}), value=[True])
def test_whatever_is_valid_for_an_included_schema_is_valid_for_the_wide_one(pair, value):
    if not_included(*schemas(*pair)) is not None:
        return
    root = {"narrow": pair[0], "wide": pair[1], "shared": {**SHARED, **GUARDED}}
    narrow, wide = (
        jsonschema_rs.Draft202012Validator({"$ref": f"#/{part}", **root}, validate_formats=True) for part in ("narrow", "wide")
    )

    assert [one for one in value if narrow.is_valid(one) and not wide.is_valid(one)] == []


@pytest.mark.parametrize("name", sorted(ASSERTED_FORMATS))
def test_a_format_that_is_held_to_refuses_some_text(name):
    validator = jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True)

    assert not validator.is_valid("no { such ( thing")


@pytest.mark.parametrize("name", ["int32", "int64", "float", "double", "password", "byte", "binary", "unheard-of"])
def test_any_other_format_refuses_nothing(name):
    validator = jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True)

    assert all(map(validator.is_valid, ["no { such ( thing", "", 1.5, 1 << 80]))


@pytest.mark.parametrize("different", [False, True])
def test_what_leads_everywhere_is_compared_in_bounded_time(different):
    count = 40
    names = [f"#/shared/S{number * 7 % count}" for number in range(1, 6)]
    shared = {
        f"S{number}": {
            "type": "object",
            "properties": {
                "id": {"type": "integer" if different and number == 7 else "string"},
                **{f"p{name}": {"anyOf": [{"type": "string"}, {"$ref": f"{names[name]}"}]} for name in range(5)},
                "next": {"$ref": f"#/shared/S{(number + 1) % count}"},
            },
        }
        for number in range(count)
    }
    root = Document(Source(Path("some.json"), json.dumps({"shared": shared}))).root
    inclusion = Inclusion()

    found = [inclusion.obstacle(Schema(root["shared"]["S0"]), Schema(root["shared"][f"S{number}"])) for number in range(count)]

    assert inclusion.steps <= MOST_COMPARED_IN_ALL
    assert (found == [None] * count) is not different


@pytest.mark.parametrize("keyword", BOUNDS)
def test_a_bound_holds_for_an_equal_or_tighter_one_only(keyword):
    loose, tight = (1, 2) if "in" in keyword[:3].lower() or "Min" in keyword else (2, 1)
    everything = {"type": ["array", "object", "number", "string"]}

    assert not_included(*schemas({**everything, keyword: tight}, {keyword: loose})) is None
    assert not_included(*schemas({**everything, keyword: 1}, {keyword: 1})) is None
    assert not_included(*schemas({**everything, keyword: loose}, {keyword: tight})) == keyword
