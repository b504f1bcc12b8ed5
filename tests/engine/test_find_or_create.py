from __future__ import annotations

import pytest

NORTHWIND = "/v2/partners/ptn_northwind/internal-contacts"
CONTOSO = "/v2/partners/ptn_contoso/internal-contacts"
INITECH = "/v2/partners/ptn_initech/internal-contacts"
ADA = {"email": "ada@acme.example", "internal_role": "csm"}


def test_an_unknown_email_makes_a_contact_and_an_assignment(talk):
    answer = talk().post(NORTHWIND, {**ADA, "given_name": "Ada"})

    assert answer.status == 200
    assert answer.body["partner_id"] == "ptn_northwind"
    assert answer.body["internal_role"] == "csm"
    assert answer.body["internal_contact"]["email"] == "ada@acme.example"
    assert answer.body["internal_contact"]["given_name"] == "Ada"
    assert answer.body["internal_contact"]["phone"] is None
    assert [change.resource for change in answer.changes] == ["InternalContact", "InternalContactAssignment"]


def test_a_known_email_finds_the_contact_and_another_partner_gets_another_assignment(talk):
    api = talk()
    first, second = api.post(NORTHWIND, ADA).body, api.post(CONTOSO, ADA).body

    assert first["internal_contact"] == second["internal_contact"]
    assert first["id"] != second["id"]
    assert second["partner_id"] == "ptn_contoso"


def test_another_organization_has_another_contact_of_the_same_email(talk):
    api = talk()
    ours = api.post(NORTHWIND, ADA).body
    theirs = api.post(INITECH, ADA, token="globex-token").body

    assert ours["internal_contact"]["id"] != theirs["internal_contact"]["id"]


def test_what_the_server_makes_is_not_taken_from_the_body(talk):
    forged = {"id": "ict_forged", "created_at": "1999-01-01T00:00:00Z", "object": "forged", "remote_id": "forged"}
    body = talk().post(NORTHWIND, {**ADA, **forged}).body

    assert "ict_forged" not in (body["id"], body["internal_contact"]["id"])
    assert body["internal_contact"]["created_at"].startswith("2026-01-15T09:30")
    assert body["internal_contact"]["object"] == "internal_contact"
    assert body["remote_id"] is None


def test_a_refused_request_stores_nothing_of_its_first_steps(talk):
    api = talk(**{"duplicate-assignment": "conflict"})
    api.post(NORTHWIND, ADA)
    before = api.store.snapshot()
    refused = api.post(NORTHWIND, ADA)

    assert refused.status == 409
    assert api.store.snapshot() == before


GRACE = {"email": "grace@acme.example", "internal_role": "csm"}


@pytest.mark.parametrize(
    ("choice", "sent", "expected"),
    [
        ("keep", {"given_name": "G", "phone": "1"}, {"given_name": "Grace", "phone": None, "family_name": "Hopper"}),
        ("fill", {"given_name": "G", "phone": "1"}, {"given_name": "Grace", "phone": "1", "family_name": "Hopper"}),
        ("merge", {"given_name": "G", "family_name": None}, {"given_name": "G", "family_name": "Hopper"}),
        ("patch", {"given_name": "G", "family_name": None}, {"given_name": "G", "family_name": None, "name": "Grace Hopper"}),
        ("replace", {"given_name": "G"}, {"given_name": "G", "family_name": None, "name": None, "job_title": None}),
    ],
)
def test_what_becomes_of_a_known_contact_is_the_choice_existing_contact(talk, choice, sent, expected):
    answer = talk(**{"existing-contact": choice}).post(NORTHWIND, {**GRACE, **sent})

    contact = answer.body["internal_contact"]
    assert {name: contact[name] for name in expected} == expected
    assert answer.rested_on["existing-contact"] == choice
    assert (contact["modified_at"] is None) == (choice == "keep")


def test_existing_contact_is_not_consulted_when_its_choices_agree(talk):
    grace = {"given_name": "Grace", "family_name": "Hopper", "name": "Grace Hopper", "job_title": "Account Executive"}

    assert "existing-contact" not in talk().post(NORTHWIND, {**GRACE, **grace}).rested_on


def test_a_deployment_that_notes_every_visit_changes_modified_at_of_an_equal_contact(talk):
    grace = {"given_name": "Grace", "family_name": "Hopper", "name": "Grace Hopper", "job_title": "Account Executive"}
    api = talk(**{"existing-contact": "merge", "modified-when-found": "now"})

    assert api.post(NORTHWIND, {**GRACE, **grace}).body["internal_contact"]["modified_at"] is not None


@pytest.mark.parametrize(
    ("found", "fields", "modified"),
    [
        ("merge", {"given_name": "Grace"}, True),
        ("merge", {"phone": None}, False),
        ("patch", {"phone": None}, True),
        ("patch", {}, False),
        ("fill", {"given_name": "Grace"}, False),
    ],
)
def test_modified_at_may_depend_on_whether_the_request_sends_what_the_contact_takes(talk, found, fields, modified):
    api = talk(**{"existing-contact": found, "modified-when-found": "when-sent"})

    assert (api.post(NORTHWIND, {**GRACE, **fields}).body["internal_contact"]["modified_at"] is not None) == modified


def test_an_assignment_that_takes_another_role_keeps_what_was_generated_for_it(talk):
    api = talk(**{"remote-id": "generated", "second-role": "update"})
    made = api.post(NORTHWIND, ADA).body
    changed = api.post(NORTHWIND, {**ADA, "internal_role": "lead"}).body

    assert (changed["id"], changed["internal_role"], changed["remote_id"]) == (made["id"], "lead", made["remote_id"])


@pytest.mark.parametrize(
    ("choices", "email", "same", "stored"),
    [
        ({}, "grace@acme.example", True, "grace@acme.example"),
        ({}, "Grace@acme.example", False, "Grace@acme.example"),
        ({}, " grace@acme.example", False, " grace@acme.example"),
        ({}, "grace@acme.examplee", False, "grace@acme.examplee"),
        ({"email-case": "ignore"}, "GRACE@Acme.example", True, "grace@acme.example"),
        ({"email-case": "ignore"}, "Gracia@Acme.example", False, "Gracia@Acme.example"),
        ({"email-case": "ignore"}, " grace@acme.example", False, " grace@acme.example"),
        ({"email-case": "lower"}, "GRACE@Acme.example", True, "grace@acme.example"),
        ({"email-case": "lower"}, "Gracia@Acme.example", False, "gracia@acme.example"),
        ({"email-case": "lower-domain"}, "grace@ACME.example", True, "grace@acme.example"),
        ({"email-case": "lower-domain"}, "Grace@ACME.example", False, "Grace@acme.example"),
        ({"email-space": "ignore"}, "\tgrace@acme.example ", True, "grace@acme.example"),
        ({"email-space": "ignore"}, " gracia@acme.example", False, " gracia@acme.example"),
        ({"email-space": "trim"}, " grace@acme.example ", True, "grace@acme.example"),
        ({"email-space": "trim"}, " gracia@acme.example ", False, "gracia@acme.example"),
        ({"email-space": "trim", "email-case": "lower"}, " GRACE@acme.example ", True, "grace@acme.example"),
        ({"email-space": "ignore", "email-case": "ignore"}, " GRACE@acme.example", True, "grace@acme.example"),
    ],
)
def test_which_emails_are_the_same_is_chosen(talk, choices, email, same, stored):
    contact = talk(**choices).post(NORTHWIND, {"email": email, "internal_role": "csm"}).body["internal_contact"]

    assert (contact["id"] == "ict_grace") == same
    assert contact["email"] == stored


def test_case_is_consulted_only_where_it_makes_a_difference(talk):
    plain = talk().post(NORTHWIND, ADA).rested_on
    capital = talk().post(NORTHWIND, {**ADA, "email": "Ada@acme.example"}).rested_on

    assert "email-case" not in plain
    assert capital["email-case"] == "exact"
    assert "email-space" not in capital


@pytest.mark.parametrize(
    ("choice", "status", "new_id"), [("create", 200, True), ("reuse", 200, False), ("conflict", 409, None)]
)
def test_a_second_equal_assignment_is_the_choice_duplicate_assignment(talk, choice, status, new_id):
    api = talk(**{"duplicate-assignment": choice})
    first, second = api.post(NORTHWIND, ADA), api.post(NORTHWIND, ADA)

    assert second.status == status
    assert second.rested_on["duplicate-assignment"] == choice
    if new_id is not None:
        assert (second.body["id"] != first.body["id"]) == new_id


@pytest.mark.parametrize(("choice", "status"), [("create", 200), ("update", 200), ("conflict", 409)])
def test_a_second_role_is_the_choice_second_role(talk, choice, status):
    api = talk(**{"second-role": choice})
    first = api.post(NORTHWIND, ADA).body
    second = api.post(NORTHWIND, {**ADA, "internal_role": "lead"})

    assert second.status == status
    if choice == "update":
        assert second.body["id"] == first["id"]
        assert (second.body["internal_role"], second.body["modified_at"] is None) == ("lead", False)


@pytest.mark.parametrize("choice", ["create", "update"])
def test_a_floating_assignment_is_attached_or_left_as_chosen(talk, choice):
    api = talk(**{"floating-assignment": choice})
    answer = api.post(NORTHWIND, {"email": "alan@acme.example", "internal_role": "lead"})

    assert answer.rested_on["floating-assignment"] == choice
    assert (answer.body["id"] == "ica_alan_floating") == (choice == "update")
    assert answer.body["partner_id"] == "ptn_northwind"


def test_a_floating_assignment_of_another_role_is_nobody_elses_concern(talk):
    answer = talk(**{"floating-assignment": "update"}).post(NORTHWIND, {"email": "alan@acme.example", "internal_role": "csm"})

    assert "floating-assignment" not in answer.rested_on


@pytest.mark.parametrize(("choice", "first", "second"), [("ok", 200, 200), ("created", 201, 201), ("by-outcome", 201, 200)])
def test_the_status_of_success_is_chosen(talk, choice, first, second):
    api = talk(**{"success-status": choice, "duplicate-assignment": "reuse"})

    assert [api.post(NORTHWIND, ADA).status, api.post(NORTHWIND, ADA).status] == [first, second]


@pytest.mark.parametrize(("choice", "status"), [("not-found", 404), ("accept", 200)])
def test_an_unknown_partner_is_refused_or_accepted_as_chosen(talk, choice, status):
    api = talk(**{"unknown-partner": choice})
    answer = api.post("/v2/partners/ptn_nobody/internal-contacts", ADA)

    assert answer.status == status
    assert answer.rested_on["unknown-partner"] == choice


@pytest.mark.parametrize(("choice", "status"), [("hidden", 404), ("forbidden", 403)])
def test_a_foreign_partner_is_hidden_or_forbidden_as_chosen(talk, choice, status):
    answer = talk(**{"foreign-partner": choice}).post(INITECH, ADA)

    assert answer.status == status
    assert answer.rested_on["foreign-partner"] == choice
    assert not answer.changes


def test_remote_id_and_modified_at_of_new_objects_are_chosen(talk):
    body = (
        talk(**{"remote-id": "generated", "modified-when-new": "created", "modified-when-assigned": "created"})
        .post(NORTHWIND, ADA)
        .body
    )

    assert body["remote_id"]
    assert body["modified_at"] == body["created_at"]
    assert body["internal_contact"]["modified_at"] == body["internal_contact"]["created_at"]


@pytest.mark.parametrize(
    ("choice", "at_once", "later"),
    [("never", None, None), ("when-created", "A B", "A B"), ("when-stored", "A B", "A B"), ("when-shown", "A B", "A C")],
)
def test_a_name_is_derived_as_chosen(talk, choice, at_once, later):
    api = talk(**{"derived-name": choice})
    contact = api.post(NORTHWIND, {**ADA, "given_name": "A", "family_name": "B"}).body["internal_contact"]
    changed = api.patch(f"/v2/internal-contacts/{contact['id']}", {"family_name": "C"}).body

    assert (contact["name"], changed["name"]) == (at_once, later)


@pytest.mark.parametrize(
    ("choice", "name"), [("never", None), ("when-created", None), ("when-stored", "A B"), ("when-shown", "A B")]
)
def test_a_name_that_is_cleared_may_be_derived_anew(talk, choice, name):
    api = talk(**{"derived-name": choice})
    contact = api.post(NORTHWIND, {**ADA, "given_name": "A", "family_name": "B", "name": "Z"}).body["internal_contact"]

    assert api.patch(f"/v2/internal-contacts/{contact['id']}", {"name": None}).body["name"] == name


def test_a_name_that_was_sent_is_never_derived(talk):
    for choice in ("never", "when-created", "when-stored", "when-shown"):
        answer = talk(**{"derived-name": choice}).post(NORTHWIND, {**ADA, "given_name": "A", "name": "Z"})
        assert answer.body["internal_contact"]["name"] == "Z"
        assert "derived-name" not in answer.rested_on


FLOATING = "/v2/internal-contacts"


def test_creating_a_contact_records_a_floating_assignment(talk):
    body = talk().post(FLOATING, ADA).body

    assert body["partner_id"] is None
    assert body["internal_contact"]["email"] == "ada@acme.example"


@pytest.mark.parametrize(
    ("choice", "status", "given_name"),
    [
        ("conflict", 409, None),
        ("keep", 200, "Grace"),
        ("fill", 200, "Grace"),
        ("merge", 200, "G"),
        ("patch", 200, "G"),
        ("replace", 200, "G"),
    ],
)
def test_creating_a_known_email_is_the_choice_known_email(talk, choice, status, given_name):
    answer = talk(**{"known-email": choice}).post(FLOATING, {**GRACE, "given_name": "G"})

    assert answer.status == status
    assert answer.rested_on["known-email"] == choice
    if status == 200:
        assert answer.body["internal_contact"]["id"] == "ict_grace"
        assert answer.body["internal_contact"]["given_name"] == given_name


ALAN = {"email": "alan@acme.example", "internal_role": "lead"}


@pytest.mark.parametrize(("choice", "status"), [("create", 200), ("reuse", 200), ("conflict", 409)])
def test_a_second_equal_floating_assignment_is_chosen(talk, choice, status):
    answer = talk(**{"duplicate-floating-assignment": choice}).post(FLOATING, ALAN)

    assert answer.status == status
    if status == 200:
        assert (answer.body["id"] == "ica_alan_floating") == (choice == "reuse")


@pytest.mark.parametrize(("choice", "status"), [("create", 200), ("update", 200), ("conflict", 409)])
def test_a_second_floating_role_is_chosen(talk, choice, status):
    answer = talk(**{"second-floating-role": choice}).post(FLOATING, {**ALAN, "internal_role": "csm"})

    assert answer.status == status
    if choice == "update":
        assert (answer.body["id"], answer.body["internal_role"]) == ("ica_alan_floating", "csm")
