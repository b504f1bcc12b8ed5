"""The engine knows nothing of the partner API: here it performs the behaviours of an unrelated document."""

from __future__ import annotations

import pytest

TAKEN = {"member": 1, "isbn": "9780131103627"}
FREE = {"member": 1, "isbn": "9780262510875"}


def test_a_member_is_enrolled_once_by_branch_and_number(library):
    api = library()
    first = api.ask("PUT", "/members", {"branch": "South", "number": 1, "name": "Bo"})
    second = api.ask("PUT", "/members", {"branch": "South", "number": 1})

    assert (first.status, second.status) == (201, 200)
    assert isinstance(first.body["id"], int)
    assert second.body == first.body


def test_a_number_is_the_same_key_however_it_is_written(library):
    api = library()
    first = api.ask("PUT", "/members", {"branch": "South", "number": 101}).body

    assert api.ask("PUT", "/members", {"branch": "South", "number": 101.0}).body == first
    assert api.ask("POST", "/loans", {"member": float(first["id"]), "isbn": FREE["isbn"]}).body["member"] == first


def test_both_fields_of_a_key_count(library):
    api = library()
    ids = {
        api.ask("PUT", "/members", body).body["id"]
        for body in ({"branch": "South", "number": 1}, {"branch": "South", "number": 2}, {"branch": "East", "number": 1})
    }

    assert len(ids) == 3


def test_case_of_a_text_in_a_key_is_chosen(library):
    body = {"branch": "NORTH", "number": 7}

    assert library().ask("PUT", "/members", body).body["id"] == 1
    assert library(**{"member-number": "exact"}).ask("PUT", "/members", body).status == 201


def test_an_optional_field_is_shown_only_when_it_was_sent(library):
    api = library()
    without = api.ask("PUT", "/members", {"branch": "South", "number": 1}).body
    with_note = api.ask("PUT", "/members", {"branch": "South", "number": 2, "note": "n", "tags": ["x"]}).body

    assert "note" not in without
    assert without["tags"] == []
    assert (with_note["note"], with_note["tags"]) == ("n", ["x"])


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [1, 2]),
        ("?branch=North", [1, 2]),
        ("?branch=South", []),
        ("?offset=1", [2]),
        ("?limit=1", [1]),
        ("?limit=1&offset=1", [2]),
    ],
)
def test_members_are_listed_oldest_first_filtered_and_paged(library, query, ids):
    body = library().ask("GET", f"/members{query}").body

    assert [member["id"] for member in body["members"]] == ids
    assert body["note"] == "$free text"
    assert ("branch" in body) == ("branch" in query)


def test_a_list_shows_one_organization_only(library):
    assert library().ask("GET", "/members", token="globex-token").body["members"] == []


def test_a_deleted_member_is_gone_and_the_answer_has_no_body(library):
    api = library()
    answer = api.ask("DELETE", "/members/2")

    assert (answer.status, answer.body.value) == (204, "absent")
    assert [member["id"] for member in api.ask("GET", "/members").body["members"]] == [1]
    assert api.ask("DELETE", "/members/2").status == 404


def test_a_member_with_loans_stays_or_takes_them_along_as_chosen(library):
    assert library().ask("DELETE", "/members/1").status == 409
    api = library(**{"returned-loans": "cascade"})

    assert api.ask("DELETE", "/members/1").status == 204
    assert list(api.store.scan("Loan", "town")) == []


def test_a_book_that_all_share_is_kept_for_the_loans_of_any_organization(library):
    lent, free = "/books/9780131103627", "/books/9780262510875"
    api = library()

    assert api.ask("DELETE", lent, token="globex-token").status == 409
    assert api.ask("DELETE", free, token="globex-token").body["isbn"] == "9780262510875"
    assert library(**{"returned-loans": "cascade"}).ask("DELETE", lent, token="globex-token").status == 200


def test_a_cascade_takes_the_loans_of_all_organizations(library):
    api = library(**{"returned-loans": "cascade"})
    api.ask("DELETE", "/books/9780131103627", token="globex-token")

    assert list(api.store.scan("Loan", "town")) == []


def test_a_loan_shows_the_member_and_the_book_that_it_refers_to(library):
    loan = library().post("/loans", FREE).body

    assert loan["member"]["name"] == "Ada"
    assert loan["book"]["title"].startswith("Structure")
    assert (loan["branch"], loan["days"]) == ("North", 28)


@pytest.mark.parametrize(("choice", "status"), [("create", 201), ("conflict", 409), ("reuse", 201)])
def test_a_second_loan_of_the_same_book_is_chosen(library, choice, status):
    answer = library(**{"second-copy": choice}).post("/loans", TAKEN)

    assert answer.status == status
    if status == 201:
        assert (answer.body["id"] == "3d2f4b44-6f4c-4d0e-9a55-0b4f0c1d2e3f") == (choice == "reuse")


def test_a_member_that_is_not_there_makes_a_loan_invalid_at_its_place_in_the_body(library):
    answer = library().post("/loans", {**FREE, "member": 99})

    assert answer.status == 422
    assert answer.body["errors"][0]["field"] == "/member"


def test_a_book_that_is_not_there_is_not_found(library):
    assert library().post("/loans", {**FREE, "isbn": "0"}).status == 404


@pytest.mark.parametrize("days", [0, -3])
def test_a_value_that_the_resource_cannot_hold_is_refused_at_its_place_in_the_body(library, days):
    answer = library().post("/loans", {**FREE, "days": days})

    assert answer.status == 422
    assert [v.pointer for v in answer.violations] == ["/days"]
    assert not answer.changes


def test_null_is_refused_where_the_step_says_so(library):
    answer = library().patch("/loans/3d2f4b44-6f4c-4d0e-9a55-0b4f0c1d2e3f", {"days": None})

    assert answer.status == 422


def test_an_update_changes_the_time_of_its_change(library):
    api = library()
    before = api.post("/loans", FREE).body
    after = api.patch(f"/loans/{before['id']}", {"days": 7}).body

    assert after == {**before, "days": 7, "changed": after["changed"]}
    assert after["changed"] > before["changed"]


def test_a_key_is_taken_once(library):
    api = library()

    assert api.post("/members/register", {"branch": "North", "number": 7}).status == 409
    assert api.post("/members/register", {"branch": "North", "number": 9}).status == 201


def test_a_member_is_found_by_its_key(library):
    api = library()

    assert api.ask("GET", "/branches/north/members/7").body["id"] == 1
    assert api.ask("GET", "/branches/north/members/99").status == 404


def test_an_operation_without_a_behaviour_answers_a_sample_of_its_schema_without_a_token(library):
    answer = library().ask("GET", "/opening-hours", token="")

    assert answer.status == 200
    assert set(answer.body) == {"from", "to"}


def test_error_bodies_have_the_shape_that_the_document_declares_for_their_status(library):
    missing = library().ask("DELETE", "/members/99").body
    taken = library().ask("DELETE", "/members/1").body
    invalid = library().ask("PUT", "/members", {"branch": "", "number": "x"}).body

    assert missing == {"error": {"code": "not-found", "message": "There is no Member with id 99.", "retry": False}}
    assert taken == {"message": "At least one Loan refers to this Member."}
    assert [error["field"] for error in invalid["errors"]] == ["/branch", "/number"]
