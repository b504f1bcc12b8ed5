"""References by id in plain fields: held when something is written, and followed when something is removed."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from places import BOARDS

from mock_server.contract.files.flaws import FlawedInput
from mock_server.contract.files.source import Source
from mock_server.engine.fixtures import fixtures_from
from mock_server.engine.generating import Generator
from mock_server.engine.loading import load_contract


@pytest.fixture
def boards(talk_about):
    asked = talk_about(BOARDS)
    for path in ("/boards", "/boards", "/users", "/users", "/labels", "/labels"):
        asked.ask("POST", path, {"name": "One"})
    asked.ask("POST", "/boards", {"name": "Theirs"}, token="globex-token")
    return asked


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"board_id": 9}, "/board_id"),
        ({"board_id": 3}, "/board_id"),
        ({"board_id": 1, "assignee_id": 9}, "/assignee_id"),
        ({"board_id": 1, "label_ids": [1, 9]}, "/label_ids/1"),
    ],
    ids=["of nothing", "of another organization", "of nothing in a field that may be null", "of nothing in a list"],
)
def test_a_request_that_refers_to_what_is_not_there_is_refused(boards, given, pointer):
    refused = boards.ask("POST", "/cards", {"title": "Card", **given})

    assert (refused.status, refused.violations[0].pointer) == (422, pointer)
    assert boards.ask("GET", "/cards").body["total"] == 0


def test_null_refers_to_nothing(boards):
    assert boards.ask("POST", "/cards", {"title": "Card", "board_id": 1, "assignee_id": None}).status == 201


def test_a_change_is_held_to_its_references_too(boards):
    boards.ask("POST", "/cards", {"title": "Card", "board_id": 1, "assignee_id": 1})

    assert boards.ask("PATCH", "/cards/1", {"assignee_id": 9}).status == 422
    assert boards.ask("PATCH", "/cards/1", {"assignee_id": 2}).body["assignee_id"] == 2


def test_what_belongs_to_what_is_removed_is_removed_with_it(boards):
    for board in (1, 1, 2):
        boards.ask("POST", "/cards", {"title": "Card", "board_id": board})

    assert boards.ask("DELETE", "/boards/1").status == 204
    assert [card["board_id"] for card in boards.ask("GET", "/cards").body["items"]] == [2]


def test_what_refers_to_what_is_removed_is_freed_of_it(boards):
    boards.ask("POST", "/cards", {"title": "Card", "board_id": 1, "assignee_id": 1, "label_ids": [1, 2]})

    assert [boards.ask("DELETE", path).status for path in ("/users/1", "/labels/1")] == [204, 204]
    card = boards.ask("GET", "/cards/1").body
    assert (card["assignee_id"], card["label_ids"]) == (None, [2])


def test_what_is_referred_to_stays_where_nothing_says_otherwise(boards):
    boards.ask("POST", "/cards", {"title": "Card", "board_id": 1, "assignee_id": 1, "reviewer_id": 1})

    assert boards.ask("DELETE", "/users/1").status == 409
    assert boards.ask("GET", "/cards/1").body["assignee_id"] == 1, "a refusal leaves everything as it was"


def with_reference(tmp_path: Any, field: str, declared: Any) -> Any:
    document = yaml.safe_load(BOARDS.read_text())
    document["components"]["schemas"]["Card"]["x-resource"]["references"][field] = declared
    file = tmp_path / "boards.yaml"
    file.write_text(yaml.safe_dump(document))
    return file


@pytest.mark.parametrize(("outcome", "status"), [("not-found", 404), ("conflict", 409), ("invalid", 422), ("accept", 201)])
def test_what_follows_an_unknown_reference_is_declared(talk_about, tmp_path, outcome, status):
    boards = talk_about(with_reference(tmp_path, "board_id", {"to": "Board", "when-unknown": outcome}))

    assert boards.ask("POST", "/cards", {"title": "Card", "board_id": 9}).status == status


MISTAKES: dict[str, tuple[str, Any, str]] = {
    "to no resource": ("board_id", "Bord", "'Bord' is not a resource"),
    "of no field": ("colour_id", "Board", "Card has no field 'colour_id'"),
    "of another type": ("title", "Board", "never holds an id of Board"),
    "clearing what is required": ("board_id", {"to": "Board", "when-deleted": "clear"}, "cannot be cleared"),
    "an unknown outcome": ("board_id", {"to": "Board", "when-deleted": "explode"}, "'explode' is not an outcome here"),
    "an unknown key": ("board_id", {"to": "Board", "on-delete": "clear"}, "'on-delete' is not known here"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_reference_is_told(tmp_path, mistake):
    field, declared, message = MISTAKES[mistake]

    with pytest.raises(FlawedInput) as told:
        load_contract(with_reference(tmp_path, field, declared))

    assert any(message in flaw.message for flaw in told.value.flaws), told.value


def test_a_word_about_references_is_a_mistake_where_nothing_refers(tmp_path):
    document = yaml.safe_load(BOARDS.read_text())
    document["paths"]["/labels/{label_id}"]["delete"]["x-behaviour"][0]["when-referred"] = "cascade"
    file = tmp_path / "boards.yaml"
    file.write_text(yaml.safe_dump(document))

    with pytest.raises(FlawedInput, match="nothing refers to Label that this could decide about"):
        load_contract(file)


def test_fixtures_refer_to_what_is_there(tmp_path):
    file = tmp_path / "fixtures.yaml"
    file.write_text(
        "organizations:\n  home:\n    tokens: [t]\n    resources:\n"
        "      Board: [{id: 1, name: One}]\n"
        "      Card: [{id: 1, title: A, board_id: 1}, {id: 2, title: B, board_id: 999, label_ids: [4]}]\n"
    )

    with pytest.raises(FlawedInput) as told:
        fixtures_from(Source.from_path(file), load_contract(BOARDS), Generator(random_seed=0))

    assert [(flaw.pointer, flaw.message) for flaw in told.value.flaws] == [
        ("/organizations/home/resources/Card/1/board_id", "999 is not the id of a Board here"),
        ("/organizations/home/resources/Card/1/label_ids/0", "4 is not the id of a Label here"),
    ]


def test_what_a_step_decides_may_lie_behind_what_goes_along(tmp_path):
    """Boards take their cards along; what becomes of those that refer to a card, the removal of the board decides."""
    document = yaml.safe_load(BOARDS.read_text())
    schemas = document["components"]["schemas"]
    schemas["Pin"] = {
        "type": "object",
        "required": ["id", "card_id"],
        "properties": {"id": {"type": "integer"}, "card_id": {"type": "integer"}},
        "x-resource": {"owner": "organization", "references": {"card_id": "Card"}},
    }
    document["paths"]["/boards/{board_id}"]["delete"]["x-behaviour"][0]["when-referred"] = "cascade"
    file = tmp_path / "boards.yaml"
    file.write_text(yaml.safe_dump(document))

    assert load_contract(file, strict=True).resources["Pin"].references["card_id"].when_deleted is None
