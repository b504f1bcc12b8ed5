from __future__ import annotations

import pytest
from places import DOCUMENTS

from mock_server.contract.files.flaws import Severity
from mock_server.engine.loading import load_contract


@pytest.fixture
def warnings_of(tmp_path):
    """The warnings about the notices' document, edited."""

    def warned(*edits):
        text = (DOCUMENTS / "notices.yaml").read_text()
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "notices.yaml").write_text(text)
        found, more = load_contract(tmp_path / "notices.yaml").document.flaws.told(Severity.WARNING)
        assert more == 0
        return [(flaw.pointer, flaw.message) for flaw in found]

    return warned


def test_parameters_that_are_used_in_steps_and_searches_and_pages_are_not_warned_of(warnings_of):
    assert warnings_of() == []


def test_a_query_parameter_that_nothing_uses_is_warned_of_where_it_has_no_effect(warnings_of):
    place, message = warnings_of((", at-most: $request.query.max_rank", ""))[0]

    assert place == "/paths/~1notices/get/x-behaviour"
    assert message == "nothing here uses the query parameter 'max_rank'"


def test_a_credential_in_the_query_is_used(warnings_of):
    edits = [
        ("{type: http, scheme: bearer}", "{type: apiKey, in: query, name: max_rank}"),
        (", at-most: $request.query.max_rank", ""),
    ]

    assert warnings_of(*edits) == []


@pytest.mark.parametrize(
    ("schema", "warned"),
    [
        ("required: true, schema: {const: true}", False),
        ("required: true, schema: {type: string, enum: ['true', 'True']}", False),
        ("required: true, schema: {type: string, enum: [yes, no]}", True),
        ("schema: {const: true}", True),
    ],
)
def test_what_has_to_be_there_with_the_only_value_it_may_have_is_not_warned_of(warnings_of, schema, warned):
    by = f"required: true, schema: {{type: string}}}}, {{name: sure, in: query, {schema}}}]"

    assert bool(warnings_of(("required: true, schema: {type: string}}]", by))) == warned


def test_an_operation_without_a_behaviour_uses_nothing_and_is_not_warned_of(warnings_of):
    edits = [("      x-behaviour:\n        - list: Notice", "      x-other:\n        - list: Notice")]

    assert warnings_of(*edits) == []


def test_a_parameter_that_a_path_shares_is_used_by_one_of_its_operations(warnings_of):
    shared = [
        (
            "required: true, schema: {type: string}}]",
            "required: true, schema: {type: string}}, {name: by, in: query, schema: {type: string}}]",
        ),
        ("where: {wall: $wall}", "where: {wall: $wall, title: $request.query.by}"),
    ]

    assert {message for _, message in warnings_of(shared[0])} == {"nothing here uses the query parameter 'by'"}
    assert [place for place, _ in warnings_of(*shared)] == ["/paths/~1notices~1{id}/delete/x-behaviour"]
