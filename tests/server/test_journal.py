"""The journal keeps the parts of an exchange and puts them together again when somebody looks."""

from __future__ import annotations

from mock_server.exchange.messages import Answer, Request
from mock_server.server.journal import Journal


def test_an_exchange_comes_out_as_it_went_in():
    journal = Journal(2)
    request = Request("POST", "/a", "b=c", {b"x": b"1", b"empty": b""}, b"{}")
    bare = Request("GET", "/")
    answer = Answer(200, {"id": "1"}, "application/json", [("A", "b")], {"name": "choice"})
    for noted in (bare, request, bare):
        journal.note(noted, answer, b'{"id":"1"}')
    assert [entry.number for entry in journal] == [2, 3]
    assert [entry.request for entry in journal] == [request, bare]
    assert all(entry.answer == answer for entry in journal)
    assert (journal.noted, len(journal)) == (3, 2)
