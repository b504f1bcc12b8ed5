"""The body of a request is read as the documented media type that it is of, and held to the schema of that."""

from __future__ import annotations

import gzip

import pytest
from places import ARCHIVE

from mock_server.engine.choices import Choices
from mock_server.engine.generating import Generator
from mock_server.engine.loading import load_contract
from mock_server.exchange.authentication import Credentials
from mock_server.exchange.exchange import Exchange
from mock_server.exchange.messages import Request

FORM = "application/x-www-form-urlencoded"
LIMIT = 5000


@pytest.fixture(scope="module")
def exchange():
    return Exchange(load_contract(ARCHIVE), Credentials({}), longest_body=LIMIT)


@pytest.fixture
def ask(exchange):
    store = exchange.engine.new_store()

    def asking(method, path, media_type=None, body=b"", **headers):
        given = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
        if media_type is not None:
            given[b"content-type"] = media_type.encode()
        return exchange.answer(Request(method, path, "", given, body), store, Choices({}), Generator(random_seed=1))

    return asking


@pytest.mark.parametrize(
    ("media_type", "body", "status"),
    [
        ("application/json", b'{"a": 1}', 204),
        ("application/json; charset=utf-8", b'{"a": 1}', 204),
        ("application/json; charset=utf-16", '{"a": 1}'.encode("utf-16"), 415),
        ("application/json", b'{"a": "x"}', 422),
        ("application/json", b"[]", 422),
        ("application/json", b"{", 400),
        ("application/geo+json", b"[]", 204),
        ("application/geo+json", b'{"a": 1}', 422),
        ("application/xml", b"<any/>", 204),
        ("application/xml", b"<any>", 400),
        ("application/xml; charset=nothing", b"<any/>", 415),
        ("application/x-ndjson", b'{"n": 1}\n{"n": 2}\n', 204),
        ("application/x-ndjson", b'{"n": 1}\n{"n": "x"}\n', 422),
        ("application/x-ndjson", b'{"n": 1}\n{', 400),
        ("application/json-seq", b"\x1e1\n\x1e2\n", 204),
        ("application/json-seq", b"\x1e1\n\x1e2\n\x1e3", 422),
        ("text/plain", b"short", 204),
        ("text/plain", b"longer than twenty characters", 422),
        ("text/plain", b"\xff", 400),
        ("text/plain; charset=latin-1", b"\xff", 204),
        ("text/html", b" 17\n", 204),
        ("text/html", b"no number", 422),
        ("image/png", b"\x89PN\xff", 204),
        ("image/png", b"\x89PNG\xff", 422),
        ("image/gif", b"\xff" * 100, 204),
        ("video/mp4", b"x", 415),
        (FORM, b"a=1", 415),
    ],
)
def test_each_media_type_has_its_own_rules(ask, media_type, body, status):
    assert ask("PUT", "/anything", media_type, body).status == status


@pytest.mark.parametrize("media_type", [None, "", "application/vnd.own", "text/plain; charset=nothing", "nonsense"])
def test_where_anything_is_taken_octets_are(ask, media_type):
    is_text = (media_type or "").startswith("text/")

    assert ask("PUT", "/blobs", media_type, b"\xff\0").status == (415 if is_text else 204)


def test_each_line_that_breaks_its_schema_is_told_by_its_number(ask):
    answer = ask("PUT", "/anything", "application/x-ndjson", b'{"n": "x"}\n{"n": 1}\n{}\n[]')

    assert [(one.pointer, one.rule) for one in answer.violations] == [("/0/n", "type"), ("/2/n", "required"), ("/3", "type")]


def test_a_form_makes_a_record_with_values_of_the_right_types(ask):
    fields = (
        "amount=5&currency=eur&captured=true&note=&fee=2.5&due=&code=007&labels=a,b&numbers=1&numbers=2&card[number]=42"
        "&card[year]=2030&lines[0][price]=p&lines[0][quantity]=2&lines[0][tags][]=x&lines[1][price]=q&metadata[a]=1"
    )
    answer = ask("POST", "/payments", FORM, fields.encode())

    assert answer.status == 201
    assert {name: value for name, value in answer.body.items() if name != "id"} == {
        "amount": 5,
        "currency": "eur",
        "captured": True,
        "note": "",
        "fee": 2.5,
        "due": None,
        "code": "007",
        "labels": ["a", "b"],
        "numbers": [1, 2],
        "card": {"number": "42", "year": 2030},
        "lines": [{"price": "p", "quantity": 2, "tags": ["x"]}, {"price": "q"}],
        "metadata": {"a": "1"},
    }


def test_a_form_that_breaks_its_schema_stores_nothing(ask):
    answer = ask("POST", "/payments", FORM, b"amount=x&currency=eur&currency=usd&card[year]=1&other=1")

    assert answer.status == 422
    assert {one.pointer for one in answer.violations} >= {"/amount", "/currency", "/card/number", "/other"}
    assert ask("GET", "/payments").body == []


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/json", b'{"text": "a", "stars": 3}'),
        ("application/vnd.archive+json; v=2", b'{"text": "a", "stars": 3}'),
        ("application/vnd.archive+json", b'{"text": "a", "stars": 3}'),
        (FORM, b"text=a&stars=3"),
    ],
)
def test_what_a_behaviour_takes_may_come_in_any_media_type_whose_parts_have_names(ask, media_type, body):
    answer = ask("POST", "/notes", media_type, body)

    assert (answer.status, answer.body["text"], answer.body["stars"]) == (201, "a", 3)


def test_a_value_that_one_media_type_lets_through_and_the_record_does_not_is_refused(ask):
    answer = ask("POST", "/notes", "application/vnd.archive+json; v=2", b'{"text": "a", "stars": 1.5}')

    assert (answer.status, [one.pointer for one in answer.violations]) == (422, ["/stars"])


@pytest.mark.parametrize(("media_type", "body"), [("text/plain", b"a"), ("application/xml", b"<text>a</text>")])
def test_a_behaviour_that_takes_parts_by_name_refuses_a_body_that_has_none(ask, media_type, body):
    answer = ask("POST", "/notes", media_type, body)

    assert answer.status == 415
    assert "needs a body whose parts have names" in answer.detail


@pytest.mark.parametrize(
    ("media_type", "told"),
    [
        (None, "There is no Content-Type; this operation takes multipart/form-data: send the header Content-Type: multipart/"),
        (FORM, f"'{FORM}' is not accepted; this operation takes multipart/form-data."),
        ("multipart/form-data", "it needs a boundary=… between its parts"),
        ("multipart/form-data; boundary=" + "b" * 100, "it needs a boundary=… between its parts"),
    ],
)
def test_a_refused_media_type_is_told_with_what_to_send(ask, media_type, told):
    answer = ask("POST", "/papers", media_type, b"x")

    assert answer.status == 415
    assert told in answer.detail


def test_a_compressed_body_is_read_up_to_the_limit(ask):
    def sent(text, encoding="gzip"):
        body = gzip.compress(b'{"a": 1, "b": "' + text + b'"}')
        return ask("PUT", "/anything", "application/json", body, content_encoding=encoding)

    assert sent(b"x" * 1000).status == 204
    assert sent(b"x" * 10_000_000).status == 413
    assert sent(b"x", "deflate").status == 400
    answer = sent(b"x", "br")
    assert (answer.status, "plain, gzip or deflate" in answer.detail) == (415, True)
