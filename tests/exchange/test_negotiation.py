"""`Accept` chooses among the documented media types as RFC 9110 section 12.5.1 says."""

from __future__ import annotations

import pytest

from mock_server.contract.messages.media import Media
from mock_server.exchange.negotiation import LONGEST_ACCEPT, best_offer, types_on_offer

XML, JSON, V2, CSV = "application/xml", "application/json", "application/vnd.shop.v2+json", "text/csv"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def content(*types: str, example: object = "a text") -> list[Media]:
    return [Media(type=name, schema=None, only_when=None, examples={"example": example}) for name in types]


def best(accept: str, *types: str, example: object = "a text") -> str | None:
    offer = best_offer(content(*types, example=example), accept)
    return offer.type if offer else None


@pytest.mark.parametrize("accept", ["", "*/*", "application/*", "*/*;q=0.1", " , ", "nonsense", "*/json"])
def test_who_accepts_anything_is_given_json(accept):
    assert best(accept, XML, JSON, V2) == JSON


def test_without_json_the_first_one_is_given():
    assert best("*/*", CSV, XML) == CSV


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("application/xml", XML),
        ("APPLICATION/XML", XML),
        ("application/xml;q=0.5, application/json;q=0.1", XML),
        ("application/xml;q=0.1, application/json;q=0.5", JSON),
        ("application/json;q=0, */*;q=0.1", V2),
        ("application/json;q=0.0, application/*;q=0.1", V2),
        ("application/vnd.shop.v2+json", V2),
        ("application/*+json", V2),
        ("application/xml, */*", XML),
        ("*/*, application/xml", XML),
        ("application/xml, application/json", XML),
        ("application/json, text/plain, */*", JSON),
        (BROWSER, XML),
        ("text/*;q=0.9, application/json; charset=utf-8", JSON),
        ("application/json;Q=0.3, application/xml;q=0.4", XML),
        ("text/csv", CSV),
        ("text/*", CSV),
        ("application/json;q=0.1, text/*;q=0.2", CSV),
        ("application/json;q=2", JSON),
    ],
)
def test_the_weight_goes_before_the_closest_range_and_that_before_the_order(accept, given):
    assert best(accept, JSON, XML, V2, CSV) == given


@pytest.mark.parametrize("accept", ["text/html", "image/*", "application/json;q=0, application/xml;q=0", "*/*;q=0"])
def test_where_nothing_is_accepted_there_is_nothing_to_give(accept):
    assert best(accept, JSON, XML) is None


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("text/plain;version=2", "text/plain; version=2"),
        ('text/plain;version="2"', "text/plain; version=2"),
        ("text/plain", "text/plain; version=1"),
        ("text/plain;version=1;q=0.1, text/plain;q=0.9", "text/plain; version=2"),
        ("text/plain;version=3", "text/plain; version=1"),
        ("text/plain;version=3;q=0", None),
        ("text/html;version=1", None),
        ('text/plain;note="a, b;q=0", text/plain;version=2', "text/plain; version=2"),
    ],
)
def test_a_range_with_parameters_asks_for_them(accept, given):
    assert best(accept, "text/plain; version=1", "text/plain; version=2") == given


@pytest.mark.parametrize(
    ("documented", "accept", "given"),
    [
        ("image/*", "", "image/png"),
        ("image/*", "image/webp, */*;q=0.1", "image/webp"),
        ("image/*", "image/*", "image/png"),
        ("image/*", "text/html", None),
        ("text/*", "*/*", "text/plain"),
        ("*/*", "", "text/plain"),
        ("application/*", "", "application/octet-stream"),
        ("*/*", "text/html", "text/html"),
        ("application/*+xml", "", "application/xml"),
    ],
)
def test_for_a_range_of_the_document_the_accepted_type_is_sent_or_the_usual_one(documented, accept, given):
    assert best(accept, documented) == given


@pytest.mark.parametrize(
    ("documented", "accept", "given"),
    [
        ("*/*", "", JSON),
        ("*/*", BROWSER, JSON),
        ("*/*", V2, V2),
        ("*/*", "text/html", None),
        ("application/*", "", JSON),
        ("application/*+json", "", JSON),
        ("application/*+json", V2, V2),
    ],
)
def test_an_object_is_sent_as_json_under_whichever_range(documented, accept, given):
    assert best(accept, documented, example={"a": 1}) == given


def test_what_is_on_offer_is_told_in_the_order_of_preference():
    assert types_on_offer(content(CSV, "image/*", JSON)) == (JSON, CSV, "image/png")


@pytest.mark.parametrize("accept", ['"' * 100_000, 'a/b;c="\\' * 50_000, "*/*," * 50_000, ";q=" * 50_000])
def test_a_very_long_header_is_read_as_fast_as_a_short_one(accept):
    assert best(accept, JSON) in (JSON, None)
    assert len(accept) > LONGEST_ACCEPT
