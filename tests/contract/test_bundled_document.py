from __future__ import annotations

import re

import pytest
import yaml
from openapi_spec_validator import validate
from places import PARTNER_API

from mock_server.contract.operations import Defaults
from mock_server.contract.schemas.checks import Schemas
from mock_server.engine.loading import load_contract

ERRORS = {"401", "404", "409", "413", "415", "422", "429"}


def test_the_bundled_document_has_no_flaws():
    assert len(load_contract(PARTNER_API).operations) == 4


def test_the_bundled_document_is_valid_openapi_for_others_too():
    validate(yaml.safe_load(PARTNER_API.read_text()))


def test_every_numbered_silent_point_is_an_assumption(contract):
    numbered = [re.match(r"((?:\d+, )*\d+)\. ", assumption.why) for assumption in contract.assumptions.values()]

    assert {int(number) for match in numbered if match for number in match[1].split(", ")} == set(range(3, 16))


def test_every_reason_can_be_understood_alone(contract):
    whys = [re.sub(r"^[\d, ]+\. ", "", assumption.why) for assumption in contract.assumptions.values()]

    assert [why for why in whys if re.match("As before|The same", why)] == []
    assert len(set(whys)) == len(whys)


def test_every_assumption_has_meanings_that_differ_and_a_default(contract):
    for assumption in contract.assumptions.values():
        assert len(set(assumption.choices.values())) == len(assumption.choices) >= 2
        assert assumption.default in assumption.choices


def test_every_error_that_applies_is_declared_and_marked_as_assumed(contract):
    for operation in contract.operations:
        has_path_parameter = "{" in operation.path
        assert ERRORS - operation.responses.keys() <= (set() if has_path_parameter else {"404"}), operation
        assert [r.status for r in operation.responses.values() if r.status >= "4" and not r.assumed] == [], operation


def test_only_the_200_is_documented(contract):
    documented = {r.status for operation in contract.operations for r in operation.responses.values() if not r.assumed}

    assert documented == {"200"}


def test_every_answer_of_an_error_has_both_formats(contract):
    for operation in contract.operations:
        for response in operation.responses.values():
            if response.status >= "4":
                under = {media.type: media.only_when for media in response.content}
                assert under == {
                    "application/problem+json": ("error-format", "problem"),
                    "application/json": ("error-format", "detail"),
                }


def test_every_example_is_valid_under_the_default_choices(contract):
    schemas = Schemas(contract.document, contract.assumptions)
    media = [media for o in contract.operations for owner in (o.body, *o.responses.values()) for media in all_media(owner)]
    examples = [(one.schema, value) for one in media for value in one.examples.values()]

    assert len(examples) > 10
    assert [value for schema, value in examples if schemas.check(schema).violations(value, Defaults(schemas))] == []


def all_media(owner):
    return owner.content.values() if hasattr(owner, "required") else owner.content


def test_operation_ids_are_unique_names(contract):
    ids = [operation.id for operation in contract.operations]

    assert len(set(ids)) == len(ids)
    assert all(id.isidentifier() for id in ids)


def test_every_operation_has_a_behaviour_and_asks_for_a_token(contract):
    assert all(operation.behaviour and operation.secured for operation in contract.operations)


def test_no_answer_names_the_organization(contract):
    assert not any("organization" in resource.fields for resource in contract.resources.values())


@pytest.mark.parametrize(
    ("name", "owned", "key", "prefix"),
    [
        ("Partner", True, (), "ptn_"),
        ("InternalContact", True, ("email",), "ict_"),
        ("InternalContactAssignment", True, (), "ica_"),
    ],
)
def test_the_resources_are_those_of_the_page(contract, name, owned, key, prefix):
    resource = contract.resources[name]

    assert (resource.owned, resource.key, resource.id_prefix) == (owned, key, prefix)


def test_the_numbers_of_the_points_lead_to_the_documentation():
    assert "docs/assumptions.md" in PARTNER_API.read_text()
