"""Answers that the document does not show to fit their schemas: they are held to them when they are given."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from places import MEMBERS

from mock_server.exchange.messages import Request
from mock_server.server.explain import explanation
from mock_server.server.log import Log
from mock_server.server.mock import Mock
from mock_server.server.settings import Settings

NICKNAME = "nickname: {anyOf: [{type: string}, {type: 'null'}], title: Nickname}"
FIELDS = "properties: *fields"
OWN_FIELDS = f"""properties:
        id: {{type: integer}}
        name: {{type: string}}
        {NICKNAME}
        created_at: {{type: string}}"""
FULL = {
    "name": "Ann",
    "nickname": None,
    "born": "1990-01-31",
    "address": {"city": "Delft", "street": None},
    "contact": {"kind": "email", "address": "ann@example.com"},
    "labels": {"team": "blue"},
    "task": {"name": "a", "parts": [{"name": "b", "parts": []}]},
}


class Served:
    """A mock of one document, asked without sockets."""

    def __init__(self, path: Path) -> None:
        self.mock = Mock.from_settings(Settings(document=path, any_token=True))

    def ask(self, method: str, path: str, body: object = None):
        headers = {b"authorization": b"Bearer any", b"content-type": b"application/json"}
        request = Request(method, path, "", headers, b"" if body is None else json.dumps(body).encode())
        answer, content = self.mock.answer(request)
        return answer, json.loads(content) if content else None


@pytest.fixture
def serve(tmp_path):
    def started(*edits: tuple[str, str]) -> Served:
        text = MEMBERS.read_text()
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "members.yaml"
        path.write_text(text)
        return Served(path)

    return started


def test_a_document_as_frameworks_write_it_is_shown_to_fit_wherever_it_says_the_same_twice(serve):
    members = serve()

    assert unproven(members) == []


def test_such_a_document_is_served_as_it_stands(serve):
    members = serve()

    added, member = members.ask("POST", "/members", FULL)
    _, page = members.ask("GET", "/members")
    read, again = members.ask("GET", f"/members/{member['id']}")

    assert (added.status, read.status) == (201, 200)
    assert member == {**FULL, "id": member["id"], "created_at": member["created_at"]} == again
    assert page == {"items": [member], "next": None}


# A response whose schema asks for more than what is stored.
STRICTER = (FIELDS, OWN_FIELDS.replace(NICKNAME, "nickname: {type: string, maxLength: 5}"))


def test_what_stands_in_the_way_is_told_for_each_response(serve):
    members = serve(STRICTER)

    told = explanation(members.mock.contract, members.mock.profile)

    assert unproven(members) == [
        ("list_members", 200, "type", "/items/*/nickname"),
        ("add_member", 201, "type", "/nickname"),
        ("read_member", 200, "type", "/nickname"),
    ]
    where = "/components/schemas/MemberOut/properties/nickname"
    assert f"200 is checked when given: at /nickname, `type` may not hold ({where})" in told
    assert told.count("is checked when given") == 3


def test_an_answer_that_fits_all_the_same_is_given(serve):
    members = serve(STRICTER)

    answer, member = members.ask("POST", "/members", {"name": "Ann", "nickname": "annie"})

    assert (answer.status, member["nickname"]) == (201, "annie")


@pytest.mark.parametrize(
    ("nickname", "rule", "message"),
    [(None, "type", 'this value is not of type "string"'), ("annette", "maxLength", "this value is longer than 5 characters")],
)
def test_an_answer_that_would_break_its_schema_is_an_error_that_names_the_field(serve, nickname, rule, message):
    members = serve(STRICTER)

    answer, problem = members.ask("POST", "/members", {"name": "Ann", "nickname": nickname})

    assert (answer.status, answer.media_type) == (500, "application/problem+json")
    assert problem["type"] == "urn:understudy:problem:unfit-response"
    assert problem["violations"] == [{"location": "response", "pointer": "/nickname", "rule": rule, "message": message}]
    assert "POST /members" in problem["detail"]
    assert f"its response 201: at /nickname, {message}. Nothing was stored." in problem["detail"]


def test_nothing_is_stored_by_a_request_whose_answer_would_break_its_schema(serve):
    members = serve(STRICTER)
    members.ask("POST", "/members", {"name": "Ann", "nickname": "ann"})
    before = members.mock.state()

    members.ask("POST", "/members", {"name": "Bob", "nickname": None})

    assert members.mock.state() == before
    assert [item["name"] for item in members.ask("GET", "/members")[1]["items"]] == ["Ann"]


def test_it_stands_in_the_journal_and_is_a_warning_in_the_log(serve):
    members, written = serve(STRICTER), io.StringIO()
    answer, _ = members.ask("POST", "/members", {"name": "Bob", "nickname": None})

    Log("warning", written).exchange(Request("POST", "/members"), answer)

    (entry,) = members.mock.journal.entries()
    assert (entry.status, entry.answer.problem, entry.violations[0].pointer) == (500, "unfit-response", "/nickname")
    assert "POST /members 500" in written.getvalue()
    assert "/nickname" in written.getvalue()


def test_how_a_document_writes_its_errors_says_nothing_of_this_one(serve):
    error = "'500': {description: Oops, content: {application/json: {schema: {type: object, required: [sad], properties: {sad: {type: boolean}}}}}}"
    members = serve(
        STRICTER, ("      x-behaviour:\n        - create", f"        {error}\n      x-behaviour:\n        - create")
    )

    answer, problem = members.ask("POST", "/members", {"name": "Bob", "nickname": None})

    assert (answer.status, answer.media_type) == (500, "application/problem+json")
    assert problem["title"] == "The mock's response would break its schema"


def test_its_status_cannot_be_declared(serve, tmp_path):
    with pytest.raises(Exception, match="'unfit-response' is not a kind of problem"):
        serve(("paths:\n", "x-problems: {unfit-response: {status: 400}}\npaths:\n"))


def unproven(served: Served) -> list[tuple[str, int, str, str]]:
    return [
        (operation.id, response.status, response.obstacle.keyword, response.obstacle.pointer)
        for operation in served.mock.contract.operations
        if operation.behaviour
        for response in operation.behaviour.answer.unproven
    ]
