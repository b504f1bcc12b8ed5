"""The journal keeps the parts of an exchange and puts them together again when somebody looks."""

from __future__ import annotations

from mock_server.engine.values import ABSENT
from mock_server.exchange.messages import Answer, Request
from mock_server.server.journal import Journal


def test_an_exchange_comes_out_as_it_went_in():
    journal = Journal(2, longest_body=100)
    request = Request("POST", "/a", "b=c", {b"x": b"1", b"empty": b""}, b"{}")
    bare = Request("GET", "/")
    answer = Answer(200, {"id": "1"}, "application/json", [("A", "b")], {"name": "choice"})
    for noted in (bare, request, bare):
        journal.note(noted, answer, b'{"id":"1"}')
    assert [entry.number for entry in journal] == [2, 3]
    assert [entry.request for entry in journal] == [request, bare]
    assert all(entry.answer == answer for entry in journal)
    assert (journal.noted, len(journal)) == (3, 2)


def test_of_a_larger_body_the_size_is_kept():
    journal = Journal(2, longest_body=5)
    journal.note(Request("POST", "/", body=b"123456"), Answer(200, "12345", "application/json", [], {}), b'"12345"')
    (entry,) = journal

    assert (entry.request.body, entry.answer.body, entry.sizes) == (None, ABSENT, (6, 7))
