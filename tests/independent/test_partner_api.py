from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import yaml
from places import PARTNER_API, ROOT

from .faults import FAULTS
from .partner_api import create_app
from .serving import serve
from .tour import CONTOSO, NORTHWIND, TOURS, Visitor, hidden_faults, tour
from .variants import VARIANTS, Variant

ADA = {"email": "ada@acme.example", "internal_role": "csm", "given_name": "Ada"}


def client(url, token="acme-token"):
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def acme():
    with serve(create_app()) as url, client(url) as acme:
        yield acme


def test_a_known_email_finds_the_person_and_each_request_makes_an_assignment(acme):
    first, second = acme.post(NORTHWIND, json=ADA), acme.post(CONTOSO, json={**ADA, "given_name": "Other"})

    assert first.status_code == second.status_code == 200
    assert first.json()["internal_contact"] == second.json()["internal_contact"]
    assert first.json()["id"] != second.json()["id"]
    assert [first.json()["partner_id"], second.json()["partner_id"]] == ["ptn_northwind", "ptn_contoso"]


def test_an_answer_has_all_properties_of_the_document(acme):
    document = yaml.safe_load(PARTNER_API.read_text())["components"]["schemas"]
    assignment = acme.post("/v2/internal-contacts", json=ADA).json()

    assert set(assignment) == set(document["InternalContactAssignment"]["required"])
    assert set(assignment["internal_contact"]) == set(document["InternalContact"]["required"])
    assert assignment["partner_id"] is None


def test_updates_are_seen_by_the_next_find(acme):
    contact = acme.post(NORTHWIND, json=ADA).json()["internal_contact"]
    updated = acme.patch(f"/v2/internal-contacts/{contact['id']}", json={"given_name": None, "phone": "1"}).json()

    assert (updated["given_name"], updated["phone"]) == (None, "1")
    assert contact["modified_at"] is None
    assert updated["modified_at"] > updated["created_at"]
    assert acme.post(NORTHWIND, json=ADA).json()["internal_contact"] == updated


def test_organizations_do_not_see_each_other():
    with serve(create_app()) as url, client(url) as acme, client(url, "globex-token") as globex:
        own = acme.post(NORTHWIND, json=ADA).json()
        contact = own["internal_contact"]["id"]

        assert globex.post("/v2/internal-contacts", json=ADA).json()["internal_contact"]["id"] != contact
        assert globex.post(NORTHWIND, json=ADA).status_code == 404
        assert globex.patch(f"/v2/internal-contacts/{contact}", json={"name": "x"}).status_code == 404
        assert globex.patch(f"{NORTHWIND}/{own['id']}", json={"internal_role": "lead"}).status_code == 404
        for token in ("acme-expired-token", "another-token", "ACME-TOKEN"):
            assert acme.post(NORTHWIND, json=ADA, headers={"Authorization": f"Bearer {token}"}).status_code == 401


def simultaneous_people(url: str, email: str) -> int:
    """Return how many people eight simultaneous requests with one email make."""
    with client(url) as acme, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: acme.post(NORTHWIND, json={**ADA, "email": email}), range(8)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 8
    return len({answer.json()["internal_contact"]["id"] for answer in answers})


def test_eight_simultaneous_requests_make_one_person_thanks_to_the_unique_index():
    with serve(create_app()) as url:
        assert {simultaneous_people(url, f"ada{number}@acme.example") for number in range(5)} == {1}


def test_without_the_unique_index_a_race_makes_several_people_sooner_or_later():
    with serve(create_app(fault="contact-race")) as url:
        assert any(simultaneous_people(url, f"ada{number}@acme.example") > 1 for number in range(50))


def test_a_variant_has_the_assumptions_of_the_document_and_their_choices():
    document = yaml.safe_load(PARTNER_API.read_text())["x-assumptions"]

    assert Variant().assumptions() == {name: str(entry["default"]) for name, entry in document.items()}
    for variant in VARIANTS.values():
        assert all(choice in map(str, document[name]["choices"]) for name, choice in variant.assumptions().items())


@pytest.mark.parametrize("name", ["upsert-in-another-style", "everything-conflicts", "old-stack", "many-statuses"])
def test_variants_differ_in_what_is_not_said(name):
    variant = VARIANTS[name]
    with serve(create_app(variant)) as url, client(url) as acme:
        first = acme.post(NORTHWIND, json={**ADA, "email": "New@acme.example"})
        assert first.status_code == (200 if variant.success_status == "ok" else 201)
        assert first.headers["content-type"] == variant.content_type
        assert first.json()["created_at"].endswith(variant.time_zone)
        assert first.json()["object"] == variant.object_names[1]
        assert "avatar_url" in first.json()["internal_contact"] or not variant.extra_properties
        assert first.json()["id"].isdigit() or variant.ids != "sequence"

        again = acme.post(NORTHWIND, json={**ADA, "email": "New@acme.example"})
        assert again.status_code == {"reuse": 200, "conflict": 409, "create": first.status_code}[variant.duplicate_assignment]
        refused = acme.post(NORTHWIND, content=b"{", headers={"Authorization": "Basic x", "Content-Type": "application/json"})
        expected = variant.missing_token_status if variant.order[0] == "token" else variant.malformed_status
        assert refused.status_code == int(expected)
        assert acme.get(NORTHWIND).status_code == variant.undocumented_method_status


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_answers_a_first_and_a_second_request(name):
    visitor = Visitor(create_app(VARIANTS[name]))

    async def visit():
        return [await visitor.add(path, email="jean@acme.example", given_name="Jean") for path in (NORTHWIND, CONTOSO)]

    assert [answer["internal_contact"]["given_name"] for answer in asyncio.run(visit())] == ["Jean", "Jean"]


def test_a_tour_of_a_sound_application_sees_the_same_each_time():
    assert [family for family in TOURS if tour(family) != tour(family)] == []


@pytest.mark.parametrize("family", ["shape", "update"])
def test_every_observable_fault_changes_what_a_tour_sees(family):
    """`python -m tests.independent.tour` does so for all families."""
    assert [name for name in hidden_faults(family) if FAULTS[name].observable] == []


def test_faults_name_a_family_a_variant_and_a_reason():
    assert all(fault.family in TOURS and fault.base in VARIANTS for fault in FAULTS.values())
    assert all(fault.observable != bool(fault.why_not) for fault in FAULTS.values())
    assert len(FAULTS) >= 110
    with pytest.raises(ValueError, match="No such fault: typo"):
        create_app(fault="typo")


def test_the_command_lists_variants_and_faults():
    listed = subprocess.run(
        [sys.executable, "-m", "tests.independent.serving", "--list"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert "variant upsert\n" in listed.stdout
    assert "fault   contact-race (races): " in listed.stdout
