from __future__ import annotations

import pytest
from places import FIXTURES, PARTNER_API

GRACE = "/v2/internal-contacts/ict_grace"
ASSIGNMENT = "/v2/partners/ptn_northwind/internal-contacts/ica_grace_northwind"
NORTHWIND = "/v2/partners/ptn_northwind/internal-contacts"


def test_a_patch_changes_what_it_names_and_nothing_else(talk):
    api = talk()
    before = api.patch(GRACE, {}).body
    after = api.patch(GRACE, {"phone": "+1", "unknown": 1}).body

    assert after == {**before, "phone": "+1", "modified_at": after["modified_at"]}
    assert before["modified_at"] is None
    assert after["modified_at"] > after["created_at"]


def test_a_changed_person_is_what_find_or_create_answers(talk):
    api = talk()
    changed = api.patch(GRACE, {"job_title": "CTO"}).body

    assert api.post(NORTHWIND, {"email": "grace@acme.example", "internal_role": "csm"}).body["internal_contact"] == changed


def test_a_role_change_leaves_the_person_as_it_was(talk):
    api = talk()
    person = api.patch(GRACE, {}).body
    changed = api.patch(ASSIGNMENT, {"internal_role": "lead"}).body

    assert changed["internal_role"] == "lead"
    assert changed["internal_contact"] == person
    assert changed["remote_id"] == "sync-0001"
    assert changed["modified_at"] is not None


@pytest.mark.parametrize(("choice", "modified"), [("kept", False), ("now", True)])
def test_an_update_that_changes_nothing_touches_modified_at_as_chosen(talk, choice, modified):
    api = talk(**{"modified-when-role-unchanged": choice})
    answer = api.patch(ASSIGNMENT, {"internal_role": "account_executive"})

    assert (answer.body["modified_at"] is not None) == modified
    assert answer.rested_on == {"modified-when-role-unchanged": choice}


@pytest.mark.parametrize(
    ("choice", "body", "modified"),
    [
        ("kept", {"given_name": "Grace"}, False),
        ("when-sent", {"given_name": "Grace"}, True),
        ("when-sent", {}, False),
        ("now", {}, True),
    ],
)
def test_an_update_that_sends_nothing_is_told_from_one_that_changes_nothing(talk, choice, body, modified):
    answer = talk(**{"modified-when-unchanged": choice}).patch(GRACE, body)

    assert (answer.body["modified_at"] is not None) == modified


@pytest.mark.parametrize(
    ("choice", "body", "modified"),
    [
        ("kept", {"given_name": None}, False),
        ("when-taken", {"given_name": None}, False),
        ("when-taken", {"phone": None}, False),
        ("when-taken", {"phone": None, "given_name": "Grace"}, True),
        ("when-sent", {"given_name": None}, True),
        ("when-sent", {"phone": None}, True),
    ],
)
def test_what_is_sent_and_ignored_may_count_as_sent_or_not(talk, choice, body, modified):
    answer = talk(**{"null-in-patch": "ignore", "modified-when-unchanged": choice}).patch(GRACE, body)

    assert answer.body["given_name"] == "Grace"
    assert (answer.body["modified_at"] is not None) == modified


@pytest.mark.parametrize(("choice", "phone", "status"), [("clear", None, 200), ("ignore", "+44 20 7946 0002", 200)])
def test_null_in_a_patch_clears_or_is_ignored_as_chosen(talk, choice, phone, status):
    answer = talk(**{"null-in-patch": choice}).patch("/v2/internal-contacts/ict_alan", {"phone": None})

    assert (answer.status, answer.body["phone"]) == (status, phone)
    assert answer.rested_on["null-in-patch"] == choice


def test_null_for_what_is_null_already_rests_on_no_choice_about_null(talk):
    assert "null-in-patch" not in talk().patch(GRACE, {"phone": None}).rested_on


@pytest.mark.parametrize(
    ("choice", "status", "email"), [("refuse", 422, None), ("ignore", 200, "grace@acme.example"), ("clear", 200, None)]
)
def test_a_null_email_is_the_choice_null_email(talk, choice, status, email):
    api = talk(**{"null-email": choice})
    answer = api.patch(GRACE, {"email": None})

    assert answer.status == status
    if status == 200:
        assert answer.body["email"] == email
    else:
        assert [(v.location, v.pointer) for v in answer.violations] == [("body", "/email")]


def test_people_without_an_email_are_found_by_nobody(talk):
    api = talk(**{"null-email": "clear"})
    api.patch(GRACE, {"email": None})
    api.patch("/v2/internal-contacts/ict_alan", {"email": None})
    found = api.post(NORTHWIND, {"email": "grace@acme.example", "internal_role": "csm"}).body["internal_contact"]

    assert found["id"] not in ("ict_grace", "ict_alan")


def test_an_email_in_use_is_refused_as_it_identifies_one_person(talk):
    assert talk().patch(GRACE, {"email": "alan@acme.example"}).status == 409


@pytest.mark.parametrize(
    ("choice", "taken", "found"),
    [
        ("oldest", "alan", "ict_grace"),
        ("newest", "alan", "ict_alan"),
        ("latest", "alan", "ict_grace"),
        ("oldest", "grace", "ict_grace"),
        ("newest", "grace", "ict_alan"),
        ("latest", "grace", "ict_alan"),
    ],
)
def test_of_records_that_may_share_a_key_the_declared_one_is_found(talk_about, tmp_path, monkeypatch, choice, taken, found):
    document = tmp_path / "sharing.yaml"
    text = PARTNER_API.read_text().replace("when-key-taken: conflict", "when-key-taken: allow")
    document.write_text(text.replace("when-found: {", f"when-several: {choice}\n          when-found: {{"))
    monkeypatch.setitem(FIXTURES, document, FIXTURES[PARTNER_API])
    api = talk_about(document)
    api.patch(GRACE if taken == "alan" else "/v2/internal-contacts/ict_alan", {"email": f"{taken}@acme.example"})
    api.store = api.store.copy()
    answer = api.post(NORTHWIND, {"email": f"{taken}@acme.example", "internal_role": "csm"})

    assert answer.body["internal_contact"]["id"] == found


def test_a_patch_onto_the_own_email_is_no_conflict(talk):
    answer = talk().patch(GRACE, {"email": "grace@acme.example", "phone": "+1"})

    assert answer.status == 200


@pytest.mark.parametrize(("choice", "same"), [("released", False), ("remembered", True)])
def test_an_old_email_is_free_or_remembered_as_chosen(talk, choice, same):
    api = talk(**{"old-email": choice})
    api.patch(GRACE, {"email": "hopper@acme.example"})
    answer = api.post(NORTHWIND, {"email": "grace@acme.example", "internal_role": "csm"})

    assert (answer.body["internal_contact"]["id"] == "ict_grace") == same
    assert answer.rested_on["old-email"] == choice


def test_a_new_email_is_stored_as_the_key_is(talk):
    api = talk(**{"email-case": "lower", "email-space": "trim"})

    assert api.patch(GRACE, {"email": " Hopper@ACME.example"}).body["email"] == "hopper@acme.example"


@pytest.mark.parametrize(("choice", "status"), [("allow", 200), ("conflict", 409)])
def test_a_role_change_onto_an_equal_assignment_is_chosen(talk, choice, status):
    api = talk(**{"role-change-duplicate": choice})
    api.post(NORTHWIND, {"email": "grace@acme.example", "internal_role": "lead"})
    answer = api.patch(ASSIGNMENT, {"internal_role": "lead"})

    assert answer.status == status
    assert answer.rested_on["role-change-duplicate"] == choice


@pytest.mark.parametrize("choice", ["not-found", "accept"])
def test_the_role_of_an_assignment_is_not_changed_through_another_partner(talk, choice):
    api = talk(**{"floating-assignment-in-role-change": choice})

    answer = api.patch("/v2/partners/ptn_contoso/internal-contacts/ica_grace_northwind", {"internal_role": "csm"})

    assert answer.status == 404


@pytest.mark.parametrize(("choice", "status"), [("not-found", 404), ("accept", 200)])
def test_the_role_of_a_floating_assignment_is_changed_through_a_partner_as_chosen(talk, choice, status):
    api = talk(**{"floating-assignment-in-role-change": choice})
    answer = api.patch(f"{NORTHWIND}/ica_alan_floating", {"internal_role": "csm"})

    assert answer.status == status
    assert answer.rested_on["floating-assignment-in-role-change"] == choice


@pytest.mark.parametrize(
    "path", [f"{NORTHWIND}/ica_nobody", "/v2/internal-contacts/ict_nobody", "/v2/internal-contacts/ica_grace_northwind"]
)
def test_an_unknown_id_is_not_found(talk, path):
    assert talk().patch(path, {"internal_role": "csm"}).status == 404


@pytest.mark.parametrize(("choice", "status"), [("hidden", 404), ("forbidden", 403)])
@pytest.mark.parametrize("path", ["/v2/internal-contacts/ict_grace_globex", f"{NORTHWIND}/ica_grace_initech"])
def test_a_foreign_id_is_hidden_or_forbidden_as_chosen(talk, path, choice, status):
    api = talk(**{"foreign-id": choice})
    before = api.store.snapshot()

    assert api.patch(path, {"internal_role": "csm", "name": "stolen"}).status == status
    assert api.store.snapshot() == before


@pytest.mark.parametrize(
    ("assumption", "choice", "body", "status"),
    [
        ("empty-patch", "accept", {}, 200),
        ("empty-patch", "refuse", {}, 422),
        ("empty-email", "refuse", {"email": ""}, 422),
        ("empty-email", "accept", {"email": ""}, 200),
        ("unknown-properties-in-patch", "ignore", {"nickname": "x"}, 200),
        ("unknown-properties-in-patch", "refuse", {"nickname": "x"}, 422),
        ("nul-characters-in-patch", "refuse", {"name": "a\0b"}, 422),
        ("nul-characters-in-patch", "accept", {"name": "a\0b"}, 200),
        ("email-syntax-in-patch", "any", {"email": "not an address"}, 200),
        ("email-syntax-in-patch", "checked", {"email": "not an address"}, 422),
        ("email-syntax-in-patch", "trimmed", {"email": "not an address"}, 422),
        ("blank-email-in-patch", "accept", {"email": " "}, 200),
        ("blank-email-in-patch", "refuse", {"email": " "}, 422),
    ],
)
def test_what_a_body_may_hold_is_chosen(talk, assumption, choice, body, status):
    answer = talk(**{assumption: choice}).patch(GRACE, body)

    assert answer.status == status
    assert answer.rested_on[assumption] == choice


@pytest.mark.parametrize("syntax", ["checked", "trimmed"])
@pytest.mark.parametrize(("empty", "status"), [("accept", 200), ("refuse", 422)])
def test_whether_the_empty_text_is_an_email_is_a_point_of_its_own(talk, syntax, empty, status):
    api = talk(**{"email-syntax-in-patch": syntax, "empty-email": empty})

    assert api.patch(GRACE, {"email": ""}).status == status


@pytest.mark.parametrize("choice", ["released", "remembered"])
def test_people_can_swap_their_emails(talk, choice):
    api = talk(**{"old-email": choice})
    api.patch(GRACE, {"email": "nobody@acme.example"})
    api.patch("/v2/internal-contacts/ict_alan", {"email": "grace@acme.example"})

    assert api.patch(GRACE, {"email": "alan@acme.example"}).status == 200
    assert (
        api.post(NORTHWIND, {"email": "grace@acme.example", "internal_role": "csm"}).body["internal_contact"]["id"]
        == "ict_alan"
    )


def test_old_emails_that_differ_in_case_are_remembered_each(talk):
    api = talk(**{"old-email": "remembered"})
    people = {
        email: api.post(NORTHWIND, {"email": email, "internal_role": "csm"}).body["internal_contact"]["id"]
        for email in ("Foo@x", "foo@x")
    }
    for number, id in enumerate(people.values()):
        api.patch(f"/v2/internal-contacts/{id}", {"email": f"new{number}@x"})

    for email, id in people.items():
        assert api.post(NORTHWIND, {"email": email, "internal_role": "csm"}).body["internal_contact"]["id"] == id


@pytest.mark.parametrize("pair", [("straße@x", "strasse@x"), ("ﬁ@x", "fi@x")])
@pytest.mark.parametrize("choice", ["lower", "ignore"])
def test_case_is_all_that_is_ignored(talk, choice, pair):
    api = talk(**{"email-case": choice})
    ids = {api.post(NORTHWIND, {"email": email, "internal_role": "csm"}).body["internal_contact"]["id"] for email in pair}

    assert len(ids) == 2


def test_nothing_tells_a_foreign_id_from_an_unknown_one(talk):
    foreign, unknown = (talk().patch(f"/v2/internal-contacts/{id}", {}) for id in ("ict_grace_globex", "ict_nobody"))

    assert foreign.rested_on == unknown.rested_on
    assert {**foreign.body, "detail": ""} == {**unknown.body, "detail": ""}
