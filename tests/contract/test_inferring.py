"""What is inferred of a document: which operations are CRUD, on what; in doubt nothing."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from manners import (
    BY_NAME,
    ENVELOPES,
    MANNERS,
    NESTED,
    NEW_NOTE,
    NOTE,
    NUMBERED,
    SECURED,
    SNAKE,
    SUMMARIES,
    TEXT,
    crud,
    document,
    listed,
    operation,
    ref,
    thing,
)
from test_mutated_documents import mutate

from mock_server.contract.documents.overlay import overlaid
from mock_server.contract.files.flaws import FlawedInput
from mock_server.contract.files.source import Source
from mock_server.contract.inferring.merging import inferred_before, merged
from mock_server.contract.inferring.proposal import Proposal
from mock_server.contract.inferring.proposing import overlay_value, proposed
from mock_server.contract.inferring.writing import overlay_text
from mock_server.engine.loading import load_contract
from mock_server.engine.verbs import VERBS


def proposal_of(value: Any) -> Proposal:
    return proposed(Source(Path("api.json"), json.dumps(value)), VERBS)[0]


def steps_of(value: Any, label: str) -> Any:
    return next(action.update["x-behaviour"] for action in proposal_of(value).actions if action.label == label)


def resource_of(value: Any, name: str) -> Any:
    return next(action.update["x-resource"] for action in proposal_of(value).actions if action.label == name)


def with_paths(value: Any, **paths: Any) -> Any:
    return {**value, "paths": {**value["paths"], **paths}}


@pytest.mark.parametrize("manner", MANNERS)
def test_each_operation_of_a_collection_is_inferred_in_any_manner_of_writing(manner):
    found = proposal_of(MANNERS[manner])

    assert (found.stateful, found.left) == (5, {})


def test_what_stands_beneath_another_is_of_that_one():
    assert proposal_of(NESTED).stateful == 10
    assert steps_of(NESTED, "GET /books/{book_id}/pages") == [
        {"find": "Book", "where": {"id": "$request.path.book_id"}},
        {"list": "Page", "where": {"book_id": "$request.path.book_id"}},
    ]
    created = steps_of(NESTED, "POST /books/{book_id}/pages")[-1]
    assert created["set"] == {"book_id": "$request.path.book_id"}


def test_an_envelope_is_put_around_what_is_answered():
    assert steps_of(ENVELOPES, "GET /v1/notes/{id}")[-1] == {"answer": {"data": "$note"}}
    assert steps_of(ENVELOPES, "GET /v1/notes")[-1]["answer"]["data"] == "$page"


def test_a_summary_in_a_list_is_a_view():
    assert steps_of(SUMMARIES, "GET /notes")[-1] == {"answer": {"$view": {"as": "NoteSummary", "of": "$page"}}}


def test_records_belong_to_an_organization_where_all_callers_show_who_they_are():
    assert resource_of(SECURED, "Note") == {"owner": "organization", "created": "created_at"}
    assert resource_of(SNAKE, "Note") == {"created": "created_at"}


def test_a_parameter_that_is_no_id_finds_by_the_field_of_that_name():
    assert steps_of(BY_NAME, "GET /users/{username}") == [{"find": "User", "where": {"username": "$request.path.username"}}]
    assert steps_of(NUMBERED, "GET /people/{person}") == [{"find": "Person", "where": {"id": "$request.path.person"}}]


def test_a_documented_conflict_makes_a_unique_sounding_field_a_key_by_an_assumption():
    conflicting = copy.deepcopy(BY_NAME)
    conflicting["paths"]["/users"]["post"]["responses"]["409"] = {"description": "The username is taken."}

    found = proposal_of(conflicting)

    assert resource_of(conflicting, "User")["key"] == ["username"]
    assert steps_of(conflicting, "POST /users")[0]["when-key-taken"] == {"assumption": "user-username-taken"}
    assert found.assumptions["user-username-taken"]["default"] == "conflict"


def test_a_conflict_about_something_else_makes_no_key():
    conflicting = copy.deepcopy(NESTED)
    conflicting["paths"]["/books"]["post"]["responses"]["409"] = {"description": "The quota is used up."}

    assert "key" not in resource_of(conflicting, "Book")


def test_a_field_that_paths_find_by_is_a_key_and_whether_two_may_have_it_an_assumption():
    assert resource_of(BY_NAME, "User") == {"key": ["username"]}
    assert proposal_of(BY_NAME).assumptions["user-username-taken"]["default"] == "allow"


def test_documented_headers_say_where_a_record_is_and_how_many_there_are():
    told = copy.deepcopy(NESTED)
    pages = told["paths"]["/books/{book_id}/pages"]
    pages["post"]["responses"]["201"]["headers"] = {"Location": {"schema": TEXT}}
    pages["get"]["responses"]["200"]["headers"] = {"X-Total-Count": {"schema": {"type": "integer"}}}

    made, listed = (steps_of(told, f"{method} /books/{{book_id}}/pages")[-1] for method in ("POST", "GET"))

    assert made == {"answer": "$page", "headers": {"Location": "/books/{$request.path.book_id}/pages/{$page.id}"}}
    assert listed == {"answer": "$page", "headers": {"X-Total-Count": "$page.total"}}


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("X-WP-Total", "$page.total"),
        ("X-WP-TotalPages", "$page.pages"),
        ("Total-Count", "$page.total"),
        ("X-RateLimit-Total", None),
        ("X-Subtotals", None),
    ],
)
def test_a_header_that_counts_is_known_by_its_last_words(header, told):
    counted = copy.deepcopy(NESTED)
    counted["paths"]["/books"]["get"]["responses"]["200"]["headers"] = {header: {"schema": {"type": "integer"}}}
    answer = steps_of(counted, "GET /books")[-1]

    assert answer.get("headers", {}).get(header) == told


def test_an_order_by_the_time_of_making_and_by_the_name_goes_by_other_words_too():
    ordered = copy.deepcopy(NESTED)
    ordered["components"]["schemas"]["Book"]["properties"] |= {"date_created": {"type": "string", "format": "date-time"}}
    query = {
        "orderby": {"type": "string", "enum": ["date", "name", "id"]},
        "order": {"type": "string", "enum": ["asc", "desc"]},
    }
    ordered["paths"]["/books"]["get"]["parameters"] = operation(query=query)["parameters"]
    (listing,) = steps_of(ordered, "GET /books")

    assert listing["sorts"] == {"date": ["date_created"], "name": ["title"]}
    assert (listing["sort"], listing["direction"]) == ("$request.query.orderby", "$request.query.order")


@pytest.mark.parametrize(("required", "slugs"), [("title", {"slug": "title"}), ("title slug", None)])
def test_a_slug_that_requests_may_leave_out_is_made_of_the_name(required, slugs):
    named = copy.deepcopy(NESTED)
    named["components"]["schemas"]["Book"] = thing("id title slug", id=TEXT, title=TEXT, slug=TEXT)
    named["paths"]["/books"]["post"] = operation(201, ref("Book"), thing(required, title=TEXT, slug=TEXT))

    assert resource_of(named, "Book").get("slugs") == slugs
    assert "set" not in steps_of(named, "POST /books")[0]


def test_query_parameters_filter_search_sort_and_page_by_their_names():
    listed = copy.deepcopy(NESTED)
    number, time = {"type": "integer"}, {"type": "string", "format": "date-time"}
    listed["components"]["schemas"]["Book"]["properties"] |= {"points": number, "created_at": time, "author_id": TEXT}
    query = {
        "title_prefix": TEXT,
        "author": TEXT,
        "created_after": time,
        "min_points": number,
        "q": TEXT,
        "sort": {"type": "string", "enum": ["created", "title"]},
        "direction": {"type": "string", "enum": ["asc", "desc"]},
        "per_page": number,
        "page": number,
        "locale": TEXT,
    }
    listed["paths"]["/books"]["get"]["parameters"] = operation(query=query)["parameters"]

    assert steps_of(listed, "GET /books") == [
        {
            "list": "Book",
            "where": {
                "title": {"prefix": "$request.query.title_prefix"},
                "author_id": "$request.query.author",
                "created_at": {"more": "$request.query.created_after"},
                "points": {"at-least": "$request.query.min_points"},
            },
            "match": {"any": ["title"], "contains": "$request.query.q"},
            "sort": "$request.query.sort",
            "sorts": {"created": ["created_at"]},
            "direction": "$request.query.direction",
            "limit": "$request.query.per_page",
            "page": "$request.query.page",
            "order": {"assumption": "default-order", "cases": {"oldest": [], "newest": ["-created_at"]}},
        }
    ]
    told = next(action.why for action in proposal_of(listed).actions if action.label == "GET /books")
    assert told == "not used: locale"


def test_a_cursor_is_used_only_where_the_answer_tells_the_next():
    listed = copy.deepcopy(ENVELOPES)
    found = listed["paths"]["/v1/notes"]["get"]
    found["parameters"] = operation(query={"starting_after": TEXT})["parameters"]
    assert "cursor" not in steps_of(listed, "GET /v1/notes")[0]

    envelope = found["responses"]["200"]["content"]["application/json"]["schema"]
    envelope["properties"]["meta"]["properties"]["next_cursor"] = {"type": ["string", "null"]}
    step, answer = steps_of(listed, "GET /v1/notes")

    assert step["cursor"] == "$request.query.starting_after"
    assert answer["answer"] == {"data": "$page", "meta": {"total": "$page.total", "next_cursor": "$page.next"}}


def test_ids_beside_which_a_page_is_are_used_where_the_answer_tells_no_next():
    listed = copy.deepcopy(ENVELOPES)
    found = listed["paths"]["/v1/notes"]["get"]
    found["parameters"] = operation(query={"limit": {"type": "integer"}, "starting_after": TEXT, "ending_before": TEXT})[
        "parameters"
    ]
    envelope = found["responses"]["200"]["content"]["application/json"]["schema"]
    envelope["properties"]["meta"]["properties"] = {"has_more": {"type": "boolean"}, "last_id": {"type": ["string", "null"]}}
    step, answer = steps_of(listed, "GET /v1/notes")

    assert (step["after"], step["before"]) == ("$request.query.starting_after", "$request.query.ending_before")
    assert answer["answer"] == {"data": "$page", "meta": {"has_more": "$page.has-more", "last_id": "$page.last"}}


@pytest.mark.parametrize(
    ("created", "declared"),
    [
        ({"type": "integer"}, {"created": "created"}),
        ({"type": "integer", "format": "unix-time"}, {"created": "created"}),
        ({"type": "integer", "example": 1767225600000}, {"created": "created", "times": "milliseconds"}),
        ({"type": "integer", "format": "int32"}, {}),
    ],
)
def test_the_time_of_making_may_be_a_number(created, declared):
    note = {**NOTE, "properties": {**NOTE["properties"], "created": created}}
    note["properties"].pop("created_at", None)
    notes = document(crud("/notes", "Note", "id"), {"Note": note, "NewNote": NEW_NOTE})

    assert {key: value for key, value in resource_of(notes, "Note").items() if key in ("created", "times")} == declared


def test_an_action_that_documents_a_conflict_requires_another_state():
    states = {"type": "string", "enum": ["open", "held", "closed"]}
    note = {**NOTE, "properties": {**NOTE["properties"], "state": states}}
    close = {"post": operation(200, ref("Note"), more={"409": "It is closed."})}
    notes = document({**crud("/notes", "Note", "id"), "/notes/{id}/close": close}, {"Note": note, "NewNote": NEW_NOTE})

    step = steps_of(notes, "POST /notes/{id}/close")[0]

    assert (step["set"], step["require"]) == ({"state": "closed"}, {"state": ["open", "held"]})


def test_a_callback_that_is_named_as_what_an_operation_does_is_sent_to_those_who_asked():
    hooks = {"/hooks": {"post": operation(201, ref("Hook"), thing("url", url=TEXT))}}
    told = {
        "post": {
            "requestBody": {"content": {"application/json": {"schema": ref("Note")}}},
            "responses": {"204": {"description": "."}},
        }
    }
    hooks["/hooks"]["post"]["callbacks"] = {"noteCreated": {"{$request.body#/url}": told}}
    schemas = {"Note": NOTE, "NewNote": NEW_NOTE, "Hook": thing("id url", id=TEXT, url=TEXT)}

    notes = document({**crud("/notes", "Note", "id"), **hooks}, schemas)

    assert steps_of(notes, "POST /notes")[-1] == {"send": "noteCreated", "to": "Hook"}
    assert [step for step in steps_of(notes, "DELETE /notes/{id}") if "send" in step] == []


def test_a_documented_header_for_idempotency_keys_is_declared():
    notes = copy.deepcopy(SNAKE)
    header = {"name": "Idempotency-Key", "in": "header", "schema": TEXT}
    notes["paths"]["/notes"]["post"]["parameters"] = [header]

    found = next(action for action in proposal_of(notes).actions if action.label == "x-idempotency")

    assert (found.target, found.update) == ("$", {"x-idempotency": {"header": "Idempotency-Key"}})


def test_a_whole_body_replaces_and_a_partial_one_updates():
    put = {"put": operation(200, ref("Note"), NEW_NOTE)}
    whole = crud("/notes", "Note", "id")
    whole["/notes/{id}"] |= put
    notes = document(whole, {"Note": thing("id text", id=TEXT, text=TEXT), "NewNote": NEW_NOTE})
    assert "replace" in steps_of(notes, "PUT /notes/{id}")[0]

    whole["/notes/{id}"]["put"] = operation(200, ref("Note"), thing(text=TEXT))
    notes = document(whole, {"Note": thing("id text", id=TEXT, text=TEXT), "NewNote": NEW_NOTE})
    assert "update" in steps_of(notes, "PUT /notes/{id}")[0]


def test_a_field_that_is_named_as_an_id_is_a_reference_and_what_an_unknown_one_does_an_assumption():
    named = copy.deepcopy(NESTED)
    named["paths"] |= crud("/loans", "Loan", "loan_id", thing("book_id", book_id=TEXT))
    named["components"]["schemas"]["Loan"] = thing("id book_id", id=TEXT, book_id=TEXT)
    named = document(named["paths"], named["components"]["schemas"])

    assert resource_of(named, "Page")["references"] == {
        "book_id": "Book",
    }
    assert resource_of(named, "Loan")["references"] == {
        "book_id": {"to": "Book", "when-unknown": {"assumption": "unknown-book"}}
    }
    assert steps_of(named, "DELETE /books/{book_id}")[0]["when-referred"] == {"assumption": "delete-book-referred-to"}


def test_a_number_of_things_is_counted():
    counted = copy.deepcopy(NESTED)
    counted["components"]["schemas"]["Book"]["properties"]["page_count"] = {"type": "integer"}

    pages = {"of": "Page", "where": {"book_id": "$this.id"}}
    assert resource_of(counted, "Book") == {"computed": {"page_count": {"$count": pages}}}


def test_a_state_that_no_request_gives_is_an_assumption():
    states = {"type": "string", "enum": ["shipped", "pending"]}
    orders = document(
        crud("/orders", "Order", "id", thing("item", item=TEXT)),
        {"Order": thing("id item status", id=TEXT, item=TEXT, status=states)},
    )

    assert steps_of(orders, "POST /orders")[0]["set"] == {"status": {"assumption": "new-order-status"}}
    assert proposal_of(orders).assumptions["new-order-status"]["default"] == "pending"


def test_an_action_that_names_a_state_brings_a_record_to_it():
    note = {**NOTE, "properties": {**NOTE["properties"], "status": {"type": "string", "enum": ["open", "archived"]}}}
    notes = document(
        {**crud("/notes", "Note", "id"), "/notes/{id}/archive": {"post": operation(200, ref("Note"))}},
        {"Note": note, "NewNote": NEW_NOTE},
    )

    assert steps_of(notes, "POST /notes/{id}/archive")[0]["set"] == {"status": "archived"}


@pytest.mark.parametrize(
    ("paths", "schemas"),
    [
        pytest.param({"/notes": {"get": operation(200, listed(ref("Note")))}}, {"Note": NOTE}, id="nothing makes one"),
        pytest.param(
            {"/sessions": {"post": operation(201, ref("Session"), NEW_NOTE)}},
            {"Session": thing("token", token=TEXT)},
            id="nothing tells one from another",
        ),
        pytest.param(
            {"/notes/search": {"post": operation(200, ref("Note"), NEW_NOTE)}}, {"Note": NOTE}, id="a search that is a POST"
        ),
        pytest.param(
            {"/notes/{id}/export": {"post": operation(201, ref("Note"), NEW_NOTE)}}, {"Note": NOTE}, id="an action of no kind"
        ),
        pytest.param(
            {"/teams/{team}/notes": crud("/notes", "Note", "id", NEW_NOTE)["/notes"]},
            {"Note": NOTE},
            id="no field holds what the path leads through",
        ),
        pytest.param(
            crud("/notes", "Note", "id", NEW_NOTE),
            {"Note": thing("id", id={"type": "string", "pattern": "^N[0-9]{4}$"}, text=TEXT)},
            id="ids that cannot be made up",
        ),
    ],
)
def test_in_doubt_an_operation_is_left_as_it_is(paths, schemas):
    found = proposal_of(document(paths, schemas))

    assert found.actions == ()
    assert set(found.left) == {
        f"{method.upper()} {path}" for path, item in paths.items() for method in item if method != "parameters"
    }
    assert all(found.left.values())


def test_the_text_of_a_proposal_is_the_proposal_and_starts(write):
    write(json.dumps(NESTED), name="api.json")
    found = proposal_of(NESTED)
    text = overlay_text(found, "Things", "1", "api.json")

    path = write(text, name="api.overlay.yaml")

    assert Source.from_path(path).value["actions"] == overlay_value(found, "", "")["actions"]
    assert sum(operation.behaviour is not None for operation in load_contract(path).operations) == 10
    assert text == overlay_text(proposal_of(NESTED), "Things", "1", "api.json")


def test_a_proposal_is_commented_for_whoever_edits_it():
    found = proposal_of(with_paths(SNAKE, **{"/ping": {"get": operation(200, TEXT)}}))

    text = overlay_text(found, "Things", "1", "api.json")

    assert "# - GET /ping: it is not clear what kind of record it is about\n" in text
    assert "  # Note: POST /notes makes one\n  - target: $.components.schemas.Note\n" in text


def updated(write: Any, overlay: str, value: Any) -> str:
    write(json.dumps(value), name="api.json")
    source = Source.from_path(write(overlay, name="api.overlay.yaml"))
    found, _, _ = proposed(overlaid(source), VERBS, inferred_before(source))
    return merged(source, found)


@pytest.fixture
def overlay() -> str:
    return overlay_text(proposal_of(SNAKE), "Things", "1", "api.json")


def test_an_update_that_finds_nothing_new_changes_no_byte(write, overlay):
    assert updated(write, overlay, SNAKE) == overlay


def test_an_update_adds_what_is_new_after_everything_that_was_edited(write, overlay):
    edited = overlay.replace("  - target: $.paths['/notes'].post", "  # Mine.\n  - target: $.paths['/notes'].post") + "# End.\n"
    pages = crud("/books", "Book", "id", thing("title", title=TEXT))
    more = with_paths(SNAKE, **pages)
    more["components"] = {"schemas": {**SNAKE["components"]["schemas"], "Book": thing("id title", id=TEXT, title=TEXT)}}
    more = document(more["paths"], more["components"]["schemas"])

    text = updated(write, edited, more)

    kept = [line for line in edited.splitlines() if not line.startswith(("x-inferred", "  'DELETE"))]
    lines = text.splitlines()
    assert [line for line in lines if line in kept][: len(kept)] == kept
    assert "$.paths['/books/{id}'].delete" in text[text.index("# End.") :]
    assert updated(write, text, more) == text


def test_what_somebody_removed_is_not_proposed_again(write, overlay):
    start = overlay.index("  - target: $.paths['/notes/{note_id}'].delete")
    assert updated(write, overlay[:start], SNAKE) == overlay[:start]


def test_an_update_leaves_an_overlay_alone_that_is_written_in_one_line(write):
    flow = "{overlay: 1.0.0, info: {title: A, version: '1'}, extends: api.json, actions: [{target: $, update: {x-a: 1}}]}\n"

    with pytest.raises(FlawedInput, match="written in brackets"):
        updated(write, flow, SNAKE)


@pytest.mark.parametrize("seed", range(60))
def test_a_document_that_went_wrong_is_read_with_what_is_inferred_or_refused_without(seed):
    chance = random.Random(seed)
    value = copy.deepcopy(chance.choice([NESTED, ENVELOPES, SUMMARIES, BY_NAME]))
    for _ in range(chance.randint(1, 6)):
        mutate(value, chance)
    try:
        found, composed, _ = proposed(Source(Path("api.json"), json.dumps(value)), VERBS)
    except FlawedInput:
        return

    assert found.stateful == 0 or composed.value != value
