from __future__ import annotations

import pytest
from small_document import SMALL, edited

CHOICES = "    choices: {keep: The guest stays., replace: The guest is replaced.}"
SECOND = """
  strange-names:
    choices: {accept: Taken., refuse: Refused.}
    default: accept
    why: Not said.
paths:
"""
NEW_GUEST = "            schema: {$ref: '#/components/schemas/NewGuest'}"
EMAIL = "        email: {type: string, minLength: 1}\n"


class Asked:
    """Makes the choices it was given, and notes which it was asked for."""

    def __init__(self, **made: str) -> None:
        self.made = {name.replace("_", "-"): choice for name, choice in made.items()}
        self.asked: list[str] = []

    def of(self, assumption: str) -> str:
        self.asked.append(assumption)
        return self.made[assumption]


@pytest.fixture
def check_of(load):
    """Return the check of a schema of a request's body, with two assumptions: known-guest, strange-names."""

    def check_of(schema: str):
        text = edited(SMALL, ("paths:\n", SECOND.lstrip("\n")), (NEW_GUEST, f"            schema: {schema}"))
        both = "        x-other: {type: string, x-when: {strange-names: {refuse: {}}}}\n"
        contract = load(edited(text, (EMAIL, EMAIL + both), ("          from: $request.body", "          set: {email: a}")))
        (check,) = contract.operations[0].body.checks.values()
        return check

    return check_of


def pointers(violations):
    return [(violation.pointer, violation.rule) for violation in violations]


@pytest.mark.parametrize(
    ("schema", "value", "violations"),
    [
        ("{required: [a, b/c]}", {}, [("/a", "required"), ("/b~1c", "required")]),
        ("{properties: {a: {required: [b]}}}", {"a": {}}, [("/a/b", "required")]),
        ("{properties: {a: {type: string}}}", {"a": 1}, [("/a", "type")]),
        ("{items: {properties: {a: {minLength: 2}}}}", [{}, {"a": "x"}], [("/1/a", "minLength")]),
        ("{properties: {a: {}}, additionalProperties: false}", {"a": 1, "b": 2, "c~d": 3}, [("/b", "additionalProperties"), ("/c~0d", "additionalProperties")]),
        ("{properties: {a: {}}, unevaluatedProperties: false}", {"b": 2}, [("/b", "unevaluatedProperties")]),
        ("{anyOf: [{type: string}, {required: [a]}]}", {}, [("/a", "required")]),
        ("{anyOf: [{type: 'null'}, {properties: {a: {type: string}}}]}", {"a": 1}, [("/a", "type")]),
        ("{oneOf: [{properties: {a: {properties: {b: {type: string}}}}}, {type: array}]}", {"a": {"b": 1}}, [("/a/b", "type")]),
        ("{oneOf: [{}, {type: string}]}", "x", [("", "oneOf")]),
        ("{type: string, format: email}", "nobody", [("", "format")]),
        ("{minProperties: 1, required: [a]}", {}, [("", "minProperties"), ("/a", "required")]),
        ("false", 1, [("", "falseSchema")]),
    ],
)  # fmt: skip
def test_a_violation_points_at_the_missing_or_wrong_value_itself(check_of, schema, value, violations):
    found = check_of(schema).violations(value, Asked())

    assert sorted(pointers(found)) == sorted(violations)


@pytest.mark.parametrize(
    ("branches", "value", "violations"),
    [
        ("[{type: string}, {type: object, required: [a, b]}]", {}, [("/a", "required"), ("/b", "required")]),
        ("[{enum: [x, y]}, {type: object, required: [a, b]}]", {}, [("/a", "required"), ("/b", "required")]),
        ("[{const: x}, {type: object, required: [a]}]", {}, [("/a", "required")]),
        ("[{const: x}, {type: object}]", "y", [("", "const")]),
        ("[false, {type: object, required: [a, b]}]", {}, [("/a", "required"), ("/b", "required")]),
        ("[{required: [a, b]}, {required: [c]}]", {}, [("/c", "required")]),
        ("[{required: [c]}, {properties: {a: {required: [b]}}}]", {"a": {}}, [("/a/b", "required")]),
        ("[{properties: {kind: {const: x}}}, {properties: {kind: {const: y}}, required: [a, b]}]", {"kind": "y"}, [("/a", "required"), ("/b", "required")]),
        ("[{properties: {kind: {enum: [x, z]}}}, {properties: {kind: {enum: [y]}}, required: [a, b]}]", {"kind": "y"}, [("/a", "required"), ("/b", "required")]),
        ("[{type: string}, {type: array, items: {anyOf: [{type: string}, {required: [a]}]}}]", ["x", {}], [("/1/a", "required")]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
def test_of_a_choice_the_violations_of_the_nearest_branch_are_told(check_of, keyword, branches, value, violations):
    found = check_of(f"{{{keyword}: {branches}}}").violations(value, Asked())

    assert sorted(pointers(found)) == sorted(violations)


def test_a_violation_of_a_parameter_stands_behind_its_name(check_of):
    (violation,) = check_of("{type: integer}").violations("x", Asked(), "query", "/page")

    assert (violation.location, violation.pointer) == ("query", "/page")


def test_a_message_names_every_value_that_would_be_right(check_of):
    (violation,) = check_of("{enum: [csm, lead, 3, null, co_lead]}").violations("boss", Asked())

    assert violation.message == "this value is not one of 'csm', 'lead', 3, null, 'co_lead'"


def test_a_message_does_not_repeat_the_value(check_of):
    (violation,) = check_of("{type: integer}").violations("secret" * 100, Asked())

    assert violation.message == 'this value is not of type "integer"'


WHEN = "{type: object, properties: {a: {type: string, x-when: {known-guest: {keep: {minLength: 3}}}}}, x-when: {strange-names: {refuse: {additionalProperties: false}}}}"


@pytest.mark.parametrize(
    ("value", "made", "asked", "violations"),
    [
        ({"a": "long"}, {}, [], []),
        ({"a": 1, "b": 1}, {"strange_names": "refuse"}, ["strange-names"], [("/a", "type"), ("/b", "additionalProperties")]),
        ({"a": 1}, {}, [], [("/a", "type")]),
        ({"a": "x"}, {"known_guest": "keep"}, ["known-guest"], [("/a", "minLength")]),
        ({"a": "x"}, {"known_guest": "replace"}, ["known-guest"], []),
        ({"b": 1}, {"strange_names": "refuse"}, ["strange-names"], [("/b", "additionalProperties")]),
        ({"a": "x", "b": 1}, {"known_guest": "keep", "strange_names": "refuse"}, ["known-guest", "strange-names"], [("/a", "minLength"), ("/b", "additionalProperties")]),
        ({"a": "x", "b": 1}, {"known_guest": "replace", "strange_names": "refuse"}, ["known-guest", "strange-names"], [("/b", "additionalProperties")]),
    ],
)  # fmt: skip
def test_only_the_choices_that_matter_for_a_value_are_consulted(check_of, value, made, asked, violations):
    chooser = Asked(**made)

    found = check_of(WHEN).violations(value, chooser)

    assert sorted(pointers(found)) == sorted(violations)
    assert sorted(chooser.asked) == asked


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("{minLength: 5, x-when: {known-guest: {keep: {minLength: 1}}}}", "abc"),
        ("{minLength: 5, x-when: {known-guest: {keep: {pattern: a}}}}", "abc"),
        ("{additionalProperties: false, x-when: {known-guest: {keep: {properties: {a: {}}}}}}", {"a": 1}),
        ("{items: false, x-when: {known-guest: {keep: {prefixItems: [{}]}}}}", [1]),
        ("{contains: {const: 1}, x-when: {known-guest: {keep: {minContains: 0}}}}", [2]),
        ("{allOf: [{minLength: 5}], x-when: {known-guest: {keep: {allOf: [{minLength: 1}]}}}}", "abc"),
    ],
)
def test_a_choice_only_ever_adds_to_what_a_schema_asks_for(check_of, schema, value):
    chooser = Asked(known_guest="keep")

    assert check_of(schema).violations(value, chooser)
    assert chooser.asked == []


@pytest.mark.parametrize("name", ["example", "default", "enum"])
def test_plain_data_that_looks_like_a_choice_is_left_alone(check_of, name):
    data = "[{x-when: {known-guest: {keep: {minLength: 3}}}}]"

    assert check_of(f"{{{name}: {data}}}").violations({"x-when": {"known-guest": {"keep": {"minLength": 3}}}}, Asked()) == ()


DEPENDENT = "{type: string, x-when: {known-guest: {keep: {minLength: 3}}}}"


@pytest.mark.parametrize(
    ("schema", "pointer", "message"),
    [
        ("{x-when: 3}", "/x-when", "has to be a mapping: ASSUMPTION"),
        ("{x-when: {known-gest: {}}}", "/x-when/known-gest", "there is no assumption 'known-gest'"),
        ("{x-when: {known-guest: keep}}", "/x-when/known-guest", "has to be a mapping: CHOICE"),
        ("{x-when: {known-guest: {kep: {}}}}", "/x-when/known-guest/kep", "'kep' is not a choice of known-guest"),
        ("{x-when: {known-guest: {keep: 3}}}", "/x-when/known-guest/keep", "has to be a mapping: KEYWORD"),
        ("{x-when: {known-guest: {keep: true}}}", "/x-when/known-guest/keep", "has to be a mapping: KEYWORD"),
        ("{x-when: {known-guest: {keep: {minLen: 1}}}}", "/x-when/known-guest/keep/minLen", "'minLen' is not a keyword"),
        ("{x-when: {known-guest: {keep: {minLength: x}}}}", "/x-when/known-guest/keep/minLength", 'is not of type "integer"'),
        ("{x-when: {known-guest: {keep: {$ref: '#/no'}}}}", "/x-when/known-guest/keep/$ref", "leads nowhere"),
        (f"{{x-when: {{known-guest: {{keep: {{not: {DEPENDENT}}}}}}}}}", "/x-when/known-guest/keep", "stands inside another"),
        (f"{{not: {DEPENDENT}}}", "/not", "depends on choices by `x-when`"),
        (f"{{if: {DEPENDENT}}}", "/if", "depends on choices by `x-when`"),
        (f"{{oneOf: [{DEPENDENT}, {{type: 'null'}}]}}", "/oneOf", "depends on choices by `x-when`"),
        (f"{{anyOf: [{DEPENDENT}, {DEPENDENT}]}}", "/anyOf", "depends on choices by `x-when`"),
    ],
)
def test_a_choice_that_could_not_be_asked_for_is_refused(flaws_of, schema, pointer, message):
    flaws = flaws_of(edited(SMALL, (EMAIL, f"        email: {schema}\n")))

    told = [(flaw.pointer.removeprefix("/components/schemas/NewGuest/properties/email"), flaw.message) for flaw in flaws]
    assert any(found == pointer and message in text for found, text in told), told


def test_one_branch_may_depend_on_choices(check_of):
    check = check_of(f"{{anyOf: [{DEPENDENT}, {{type: 'null'}}]}}")

    assert check.violations("a", Asked(known_guest="keep"))
    assert not check.violations("a", Asked(known_guest="replace"))
    assert not check.violations(None, Asked())
