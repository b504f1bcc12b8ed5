from __future__ import annotations

import pytest
from places import EMBEDDING

from mock_server.contract.files.flaws import FlawedInput
from mock_server.engine.loading import load_contract


@pytest.fixture
def invoices(invoicing):
    """A conversation in which an invoice of Ann, paid by Bo, was made."""
    api = invoicing
    ann, bo = (api.post("/customers", {"name": name}).body for name in ("Ann", "Bo"))
    label = api.post("/labels", {"name": "late"}).body
    made = api.post("/invoices", {"customer": ann["id"], "payer_id": bo["id"], "label_ids": [label["id"]]}).body
    return api, made, ann, bo, label


def test_what_nobody_asks_for_is_shown_by_its_id(invoices):
    api, made, ann, bo, label = invoices
    shown = api.get(f"/invoices/{made['id']}").body

    assert shown == {
        "id": made["id"],
        "customer": ann["id"],
        "payer_id": bo["id"],
        "label_ids": [label["id"]],
        "labels": [label],
    }


def test_what_is_asked_for_is_shown_in_place_of_its_id_or_beside_it(invoices):
    api, made, ann, bo, _ = invoices

    assert api.get(f"/invoices/{made['id']}?expand[]=other&expand[]=customer").body == {**made, "customer": ann}
    assert api.get(f"/invoices/{made['id']}?include=other,payer").body == {**made, "payer": bo}
    assert api.get("/invoices?include=payer&expand[]=customer").body == [{**made, "customer": ann, "payer": bo}]


def test_what_was_cleared_is_not_shown_though_asked_for(invoices):
    api, made, _, bo, _ = invoices
    api.ask("DELETE", f"/customers/{bo['id']}")

    assert api.get(f"/invoices/{made['id']}?include=payer").body == {**made, "payer_id": None}


@pytest.mark.parametrize(
    "change",
    [
        ("shown-as: payer, ", "shown-as: payee, ", "Invoice has no property 'payee'"),
        ("shown-as: labels", "shown-as: label_ids", "the ids are replaced by nothing"),
        ("shown-as: payer, ", "shown-as: labels, ", "the property 'labels' does not show Customer"),
        ("label_ids, labels]", "label_ids, labels, payer]", "the property 'payer' is required, and not always shown"),
        ("$request.query.include}", "$request.query.includes}", "no operation has a query parameter 'includes'"),
    ],
    ids=lambda change: change[2],
)
def test_what_can_never_be_shown_is_told_at_start(change, tmp_path):
    old, new, message = change
    document = EMBEDDING.read_text()
    assert old in document
    (tmp_path / "api.yaml").write_text(document.replace(old, new, 1))
    with pytest.raises(FlawedInput) as caught:
        load_contract(tmp_path / "api.yaml")

    assert [flaw.message for flaw in caught.value.flaws] == [message]
