"""Lists: what they are filtered by, their order, their pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
import yaml
from places import BOARDS

from mock_server.contract.behaviours.orders import OrderBy, read_order
from mock_server.contract.files.flaws import FlawedInput
from mock_server.engine.conditions import COMPARED
from mock_server.engine.loading import load_contract

CARDS = (
    {"title": "Bread", "points": 3, "text": "with Butter"},
    {"title": "apples", "points": 5},
    {"title": "Butter", "points": 3},
    {"title": "Cheese", "points": 8, "text": "and bread"},
    {"title": "Dates", "points": 1},
)


@pytest.fixture
def boards(talk_about):
    asked = talk_about(BOARDS)
    for name in ("Kitchen", "Garden"):
        asked.ask("POST", "/boards", {"name": name})
    for card in CARDS:
        assert asked.ask("POST", "/cards", {**card, "board_id": 1}).status == 201
    assert asked.ask("POST", "/cards", {"title": "Spade", "board_id": 2, "points": 2}).status == 201
    asked.ask("PATCH", "/cards/3", {"state": "done"})
    return asked


def titles(boards, query: str = "") -> list[str]:
    answer = boards.ask("GET", f"/cards?{query}")
    assert answer.status == 200, answer.detail
    return [card["title"] for card in answer.body["items"]]


def test_the_newest_come_first_also_of_those_that_were_made_at_the_same_time(talk_about, tmp_path):
    document = yaml.safe_load(BOARDS.read_text())
    document["paths"]["/cards"]["get"]["x-behaviour"][0]["sorts"]["newest"] = ["-created_at"]
    file = tmp_path / "boards.yaml"
    file.write_text(yaml.safe_dump(document))
    boards = talk_about(file)
    boards.generator.clock = lambda: 0
    boards.ask("POST", "/boards", {"name": "Kitchen"})
    for title in "abc":
        boards.ask("POST", "/cards", {"title": title, "board_id": 1})

    assert titles(boards, "sort=newest") == ["c", "b", "a"]
    assert titles(boards, "sort=points") == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("board=2", ["Spade"]),
        ("board=7", []),
        ("state=done", ["Butter"]),
        ("state=open&state=done&board=2", ["Spade"]),
        ("q=bread", ["Bread", "Cheese"]),
        ("q=BUTT", ["Bread", "Butter"]),
        ("title_prefix=b", ["Bread", "Butter"]),
        ("min_points=5", ["Cheese", "apples"]),
        ("min_points=2&max_points=3", ["Bread", "Butter", "Spade"]),
        ("min_points=3&max_points=3&state=open", ["Bread"]),
        ("q=bread&max_points=3", ["Bread"]),
    ],
)
def test_a_list_has_what_fits_every_condition_that_is_sent(boards, query, found):
    assert titles(boards, query) == found


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("title", ["Bread", "Butter", "Cheese", "Dates", "Spade", "apples"]),
        ("-title", ["apples", "Spade", "Dates", "Cheese", "Butter", "Bread"]),
        ("points", ["Dates", "Spade", "Bread", "Butter", "apples", "Cheese"]),
        ("-points", ["Cheese", "apples", "Bread", "Butter", "Spade", "Dates"]),
        ("newest", ["Spade", "Dates", "Cheese", "Butter", "apples", "Bread"]),
    ],
)
def test_a_list_stands_in_the_order_that_is_asked_for(boards, sort, found):
    assert titles(boards, f"sort={sort}") == found


def test_pages_by_cursor_show_everything_once(boards):
    shown, query = [], "limit=2&sort=points"
    while True:
        page = boards.ask("GET", f"/cards?{query}").body
        assert page["total"] == 6
        assert page["more"] is (page["next_cursor"] is not None)
        shown += [card["title"] for card in page["items"]]
        if page["next_cursor"] is None:
            break
        query = f"limit=2&sort=points&cursor={quote(page['next_cursor'])}"

    assert shown == ["Dates", "Spade", "Bread", "Butter", "apples", "Cheese"]


def test_a_cursor_stays_right_when_others_are_made_and_removed(boards):
    page = boards.ask("GET", "/cards?limit=2&sort=points").body
    boards.ask("POST", "/cards", {"title": "First", "points": 0, "board_id": 1})
    boards.ask("DELETE", "/boards/2")  # with the card at which the page ended

    assert titles(boards, f"limit=2&sort=points&cursor={quote(page['next_cursor'])}") == ["Bread", "Butter"]


def test_a_cursor_that_nobody_gave_is_refused(boards):
    refused = boards.ask("GET", "/cards?cursor=made-up")

    assert refused.status == 422
    assert refused.violations[0].location == "query"


def test_the_documented_size_of_a_page_holds_where_nobody_asks_for_another(boards):
    for number in range(25):
        boards.ask("POST", "/cards", {"title": f"Number {number}", "board_id": 2})

    assert len(titles(boards)) == 20


def test_pages_by_number_link_to_each_other(talk_about):
    boards = talk_about(BOARDS)
    for number in range(25):
        boards.ask("POST", "/boards", {"name": f"Board {number}"})
    second = boards.ask("GET", "/boards?page=2")

    assert [board["name"] for board in second.body] == [f"Board {number}" for number in range(14, 4, -1)]
    headers = dict(second.headers)
    assert headers["X-Total"] == "25"
    assert headers["Link"] == (
        '</boards?page=3>; rel="next", </boards?page=1>; rel="prev", </boards?page=1>; rel="first", </boards?page=3>; rel="last"'
    )


def test_links_have_the_server_that_was_asked_for_clients_that_do_not_resolve_them(talk_about):
    boards = talk_about(BOARDS)
    for number in range(2):
        boards.ask("POST", "/boards", {"name": f"Board {number}"})
    asked = boards.request("GET", "/boards?per_page=1&page=1")
    asked.headers[b"host"] = b"mock.example:4010"
    first = boards.send(asked)

    assert dict(first.headers)["Link"].startswith('<http://mock.example:4010/boards?per_page=1&page=2>; rel="next", ')


@pytest.mark.parametrize(
    ("operator", "stored", "given", "holds"),
    [
        ("equals", 1, 1.0, True),
        ("equals", 1, True, False),
        ("not", "a", "b", True),
        ("in", "a", ["b", "a"], True),
        ("in", ["x", "a"], ["a"], True),
        ("in", "a", "a", True),
        ("contains", "Straße", "STRASSE", True),
        ("contains", ["a", "b"], "b", True),
        ("contains", None, "b", False),
        ("contains", ["a", "b", "c"], ["c", "a"], True),
        ("contains", ["a", "b"], ["a", "c"], False),
        ("contains", "Strawberry", ["berry", "straw"], True),
        ("prefix", "Anna", "an", True),
        ("prefix", "Hanna", "an", False),
        ("less", 3, 5, True),
        ("less", None, 5, False),
        ("less", "2026-01-01", "2026-01-01T12:00:00Z", True),
        ("at-least", "2026-01-01T12:00:00+02:00", "2026-01-01T10:00:00Z", True),
        ("more", "2026-01-01T12:00:00Z", "2026-01-01", True),
        ("more", "b", "a", True),
        ("more", "b", 1, False),
        ("at-most", 5, 5.0, True),
        ("is-null", None, True, True),
        ("is-null", 0, True, False),
        ("is-null", 0, False, True),
    ],
)
def test_each_operator_compares_as_its_word_says(operator, stored, given, holds):
    assert COMPARED[operator](stored, given) is holds


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("name", [("name", False)]),
        ("-name", [("name", True)]),
        ("+name", [("name", False)]),
        ("name:desc", [("name", True)]),
        ("name DESC", [("name", True)]),
        ("name.asc,-age", [("name", False), ("age", True)]),
        ("oldest", [("age", True)]),
        ("unknown", None),
        ("name,unknown", None),
        ("", None),
    ],
)
def test_an_order_is_read_as_apis_write_it(text, order):
    read = read_order(text, {"oldest": (OrderBy("age", True),)}, ["name", "age"])

    assert (None if read is None else [(one.field, one.descending) for one in read]) == order


MISTAKES: dict[str, tuple[str, Any, str]] = {
    "an unknown field": ("where", {"colour": "$request.query.q"}, "Card has no field 'colour'"),
    "a path through no reference": ("where", {"title.name": "$request.query.q"}, "does not refer to another resource"),
    "an unknown field of a reference": ("where", {"board_id.colour": "$request.query.q"}, "Board has no field 'colour'"),
    "a prefix of a number": ("where", {"points": {"prefix": "$request.query.q"}}, "compares texts"),
    "an order by nothing": ("order", ["colour"], "Card has no field 'colour'"),
    "an order without a meaning": ("sorts", {}, "'newest' is documented, but names no field of Card"),
    "two ways of paging": ("offset", "$request.query.limit", "a page is asked for in one way only"),
    "a search for nothing": ("match", {"any": ["title"]}, "nothing is asked of the fields"),
    "a search in nothing": ("match", {"any": ["colour"], "contains": "$request.query.q"}, "Card has no field 'colour'"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_list_is_told(tmp_path, mistake):
    key, value, message = MISTAKES[mistake]
    document = yaml.safe_load(BOARDS.read_text())
    document["paths"]["/cards"]["get"]["x-behaviour"][0][key] = value
    file = tmp_path / "boards.yaml"
    file.write_text(yaml.safe_dump(document))

    with pytest.raises(FlawedInput) as told:
        load_contract(file)

    assert any(message in flaw.message for flaw in told.value.flaws), told.value


def test_a_value_that_a_list_does_not_have_is_a_mistake(tmp_path):
    text = BOARDS.read_text().replace("total: $page.total", "total: $page.totals")
    file = tmp_path / "boards.yaml"
    file.write_text(text)

    with pytest.raises(FlawedInput, match=r"a list of Card has no value 'totals'") as told:
        load_contract(file)

    assert "did you mean 'total'?" in str(told.value)


def test_the_usual_order_may_be_left_open(tmp_path, talk_about):
    document = yaml.safe_load(BOARDS.read_text())
    document["x-assumptions"] = {
        "order-of-boards": {"choices": {"newest": "N.", "oldest": "O."}, "default": "newest", "why": "Nobody says."}
    }
    lister = document["paths"]["/boards"]["get"]["x-behaviour"][0]
    lister["order"] = {"assumption": "order-of-boards", "cases": {"newest": ["-created_at", "-id"], "oldest": []}}
    file = tmp_path / "boards.yaml"
    file.write_text(yaml.safe_dump(document))
    asked = talk_about(file)
    for name in ("Kitchen", "Garden"):
        asked.ask("POST", "/boards", {"name": name})

    assert [board["name"] for board in asked.ask("GET", "/boards").body] == ["Garden", "Kitchen"]
    asked.choices["order-of-boards"] = "oldest"
    assert [board["name"] for board in asked.ask("GET", "/boards").body] == ["Kitchen", "Garden"]


@pytest.mark.parametrize(("query", "within"), [("board=1&limit=2", (("Board", 1),)), ("limit=2", ())])
def test_it_is_told_to_which_records_all_that_is_listed_refers(boards, monkeypatch, query, within):
    """The contract tests go by it: what refers to a record of their own, nobody else made."""
    cuts = []
    cut = boards.generator.cut
    monkeypatch.setattr(
        boards.generator,
        "cut",
        lambda name, records, asked, position: cuts.append(asked) or cut(name, records, asked, position),
    )

    assert boards.ask("GET", f"/cards?{query}").status == 200
    assert [asked.within for asked in cuts] == [within]
