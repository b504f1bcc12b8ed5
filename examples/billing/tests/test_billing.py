"""The `stripe` package, as its vendor publishes it, against the mock."""

from __future__ import annotations

import pytest
import stripe


@pytest.fixture
def api(mock_server):
    client = stripe.StripeClient(mock_server.token, base_addresses={"api": mock_server.url}, max_network_retries=0)
    return client.v1


def invoice(api, amount=500):
    """Return an open invoice of an amount."""
    draft = api.invoices.create({"customer": "cus_ada", "currency": "eur"})
    api.invoice_items.create({"customer": "cus_ada", "invoice": draft.id, "amount": amount})
    return api.invoices.finalize_invoice(draft.id)


def test_a_customer_is_made_and_shown(api):
    made = api.customers.create({"email": "grace@acme.example", "metadata": {"order": "7"}})

    assert made.id.startswith("cus_")
    assert made.object == "customer"
    assert api.customers.retrieve(made.id) == made
    assert made.metadata["order"] == "7"


def test_a_customer_is_changed(api):
    changed = api.customers.update("cus_ada", {"name": "Ada Lovelace"})

    assert (changed.name, changed.email) == ("Ada Lovelace", "ada@acme.example")
    assert api.customers.retrieve("cus_ada").name == "Ada Lovelace"


def test_a_customer_is_deleted(api):
    assert api.customers.delete("cus_ada").deleted

    with pytest.raises(stripe.InvalidRequestError, match="cus_ada") as refused:
        api.customers.retrieve("cus_ada")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_customers_are_found_by_their_address(api):
    assert [one.id for one in api.customers.list({"email": "ada@acme.example"})] == ["cus_ada"]
    assert list(api.customers.list({"email": "nobody@acme.example"})) == []


def test_all_customers_are_walked_page_by_page(api, mock_server):
    made = [api.customers.create({"name": f"No. {number}"}).id for number in range(5)]
    pages = api.customers.list({"limit": 2})

    assert pages.has_more
    assert [one.id for one in pages.auto_paging_iter()] == [*reversed(made), "cus_ada"]
    mock_server.requests.assert_requested(operation="ListCustomers", times=3)


def test_customers_are_walked_backwards_too(api):
    made = [api.customers.create({"name": f"No. {number}"}).id for number in range(5)]
    pages = api.customers.list({"limit": 2, "ending_before": "cus_ada"})

    assert [one.id for one in pages.auto_paging_iter()] == made


def test_an_invoice_goes_from_draft_to_paid(api):
    opened = invoice(api, 500)
    paid = api.invoices.pay(opened.id)

    assert (opened.status, opened.amount_due, opened.amount_paid) == ("open", 500, 0)
    assert (paid.status, paid.amount_paid) == ("paid", 500)
    assert paid.status_transitions.finalized_at <= paid.status_transitions.paid_at


def test_an_invoice_that_is_paid_is_not_voided(api):
    paid = api.invoices.pay(invoice(api).id)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.invoices.void_invoice(paid.id)
    assert refused.value.http_status == 400
    assert api.invoices.retrieve(paid.id).status == "paid"


def test_an_open_invoice_takes_no_more_items(api):
    with pytest.raises(stripe.InvalidRequestError):
        api.invoice_items.create({"customer": "cus_ada", "invoice": invoice(api).id, "amount": 1})


def test_a_payment_is_refunded_up_to_its_amount(api):
    intent = api.payment_intents.create({"amount": 1000, "currency": "eur"})
    assert api.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"}).amount_received == 1000

    api.refunds.create({"payment_intent": intent.id, "amount": 400})
    with pytest.raises(stripe.InvalidRequestError):
        api.refunds.create({"payment_intent": intent.id})
    assert api.refunds.create({"payment_intent": intent.id, "amount": 600}).amount == 600


def test_a_canceled_payment_cannot_be_confirmed(api):
    intent = api.payment_intents.create({"amount": 1000, "currency": "eur"})
    assert api.payment_intents.cancel(intent.id).status == "canceled"

    with pytest.raises(stripe.InvalidRequestError):
        api.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})


def test_a_customer_is_shown_in_full_where_that_is_asked_for(api):
    opened = invoice(api)

    assert api.invoices.retrieve(opened.id).customer == "cus_ada"
    assert api.invoices.retrieve(opened.id, {"expand": ["customer"]}).customer.name == "Ada"


def test_a_card_may_be_declined(api, mock_server):
    intent = api.payment_intents.create({"amount": 1000, "currency": "eur"})
    declined = {"type": "card_error", "code": "card_declined", "message": "Your card was declined."}
    mock_server.stub(operation="ConfirmPaymentIntent", status=402, body={"error": declined})

    with pytest.raises(stripe.CardError, match="declined"):
        api.payment_intents.confirm(intent.id, {"payment_method": "pm_card_chargeDeclined"})
    assert api.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"}).status == "succeeded"


def test_a_key_that_is_no_key_is_refused(mock_server):
    client = stripe.StripeClient("sk_wrong", base_addresses={"api": mock_server.url}, max_network_retries=0)

    with pytest.raises(stripe.AuthenticationError):
        client.v1.customers.list()


def test_a_request_that_is_sent_again_counts_once(api):
    first, again = (api.customers.create({"name": "Grace"}, {"idempotency_key": "order-7"}) for _ in range(2))

    assert first == again
    assert len(api.customers.list().data) == 2


def test_a_key_is_for_one_request_only(api):
    api.customers.create({"name": "Grace"}, {"idempotency_key": "order-7"})

    with pytest.raises(stripe.IdempotencyError, match="order-7"):
        api.customers.create({"name": "Ada"}, {"idempotency_key": "order-7"})


def test_events_are_sent_and_signed(api, mock_server):
    endpoint = api.webhook_endpoints.create({"url": mock_server.webhooks.url, "enabled_events": ["invoice.paid"]})
    opened = invoice(api)
    api.invoices.pay(opened.id)

    received = mock_server.webhooks.wait_for()
    event = stripe.Webhook.construct_event(received.body, received.headers["stripe-signature"], endpoint.secret)
    assert (event.type, event.data.object.id, event.data.object.status) == ("invoice.paid", opened.id, "paid")
    assert [one.type for one in api.events.list()] == ["invoice.paid", "invoice.finalized"]
