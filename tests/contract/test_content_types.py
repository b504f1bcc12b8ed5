"""A Content-Type is the most specific of the documented types that it is of."""

from __future__ import annotations

import pytest

from mock_server.contract.messages.content_types import content_type, nearest

DOCUMENTED = [
    "*/*",
    "text/*",
    "text/plain",
    "application/json",
    "application/*+json",
    "application/vnd.a+json",
    "application/vnd.a+json;v=2",
    "application/xml; charset=utf-8",
    "multipart/form-data",
]


@pytest.mark.parametrize(
    ("given", "expected"),
    {
        "application/json": "application/json",
        "Application/JSON;charset=utf-8": "application/json",
        "application/problem+json": "application/*+json",
        "application/vnd.a+json": "application/vnd.a+json",
        "application/vnd.a+json; V=2": "application/vnd.a+json;v=2",
        "application/vnd.a+json; v=3": "application/vnd.a+json",
        "application/xml": "application/xml; charset=utf-8",
        'application/xml; charset="UTF-8"': "application/xml; charset=utf-8",
        "application/xml; charset=latin-1": "*/*",
        "text/plain;charset=x": "text/plain",
        "text/csv": "text/*",
        "multipart/form-data; boundary=x": "multipart/form-data",
        "image/png": "*/*",
        "application/octet-stream": "*/*",
        "": "*/*",
    }.items(),
)
def test_the_most_specific_type_is_meant(given, expected):
    assert nearest(given, DOCUMENTED) == expected
    assert nearest(given, DOCUMENTED[::-1]) == expected


@pytest.mark.parametrize("given", ["", "json", "application/jsonp", "text/plainer", "application/json/x"])
def test_a_type_that_no_documented_one_is_of_is_none(given):
    assert nearest(given, ["application/json", "text/plain"]) is None


def test_a_parameter_may_be_quoted_and_the_first_of_a_name_counts():
    given = content_type('Multipart/Form-Data ; Boundary="a;b\\"c" ; boundary=x;q')

    assert given == ("multipart/form-data", {"boundary": 'a;b"c'})


@pytest.mark.parametrize(
    ("range", "expected"),
    {
        "*/*": "application/json",
        "application/*": "application/json",
        "application/*+json": "application/json",
        "application/*+xml": "application/xml",
        "text/*": "text/plain",
        "image/*": "image/png",
        "model/*": "application/octet-stream",
        "text/csv; header=present": "text/csv",
    }.items(),
)
def test_a_body_of_a_range_is_sent_as_one_of_its_types(range, expected):
    assert content_type(range).concrete == expected
