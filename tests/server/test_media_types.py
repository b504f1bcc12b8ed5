"""Bodies of every media type over a socket: what clients send and what they are answered."""

from __future__ import annotations

import gzip
import random
import shutil
import subprocess

import httpx
import pytest
from places import ARCHIVE

import mock_server
from mock_server.contract.messages.content_types import FORM
from mock_server.engine.loading import load_contract
from mock_server.exchange.messages import Request
from mock_server.server.mock import Mock
from mock_server.server.settings import Settings
from mock_server.server.welcome import curl_lines

DOT = (ARCHIVE.parent / "dot.png").read_bytes()


@pytest.fixture
def served(serve_in_thread):
    return serve_in_thread(ARCHIVE)


@pytest.fixture
def client(served):
    with served.client() as client:
        yield client


def test_a_form_of_a_client_is_read(client):
    answer = client.post(
        "/payments", data={"amount": 5, "currency": "eur", "captured": True, "numbers": [1, 2], "metadata[a]": "ü"}
    )

    assert answer.status_code == 201
    assert {name: value for name, value in answer.json().items() if name != "id"} == {
        "amount": 5,
        "currency": "eur",
        "captured": True,
        "numbers": [1, 2],
        "metadata": {"a": "ü"},
        "card": None,
        "due": None,
    }


def test_a_form_with_files_of_a_client_is_read(client):
    files = [
        ("scan", ("dot.png", DOT, "image/png")),
        ("extra", ("a.bin", b"\xff", "application/octet-stream", {"X-Shelf": "1"})),
        ("extra", ("b.bin", b"b", "application/octet-stream", {"X-Shelf": "2"})),
        ("about", (None, '{"author": "Ada", "year": 1843}', "application/json")),
    ]
    answer = client.post("/papers", data={"title": "Notes", "pages": 3, "secret": False}, files=files)

    assert answer.status_code == 201
    assert {name: value for name, value in answer.json().items() if name != "id"} == {
        "title": "Notes",
        "pages": 3,
        "secret": False,
        "scan": DOT.decode("latin-1"),
        "extra": ["ÿ", "b"],
        "about": {"author": "Ada", "year": 1843},
    }


@pytest.mark.parametrize(
    ("data", "kind", "status", "told"),
    [
        ({"title": ""}, "image/png", 422, "/title"),
        ({"title": "a", "pages": "many"}, "image/png", 422, "/pages"),
        ({"title": "a", "color": "red"}, "image/png", 422, "/color"),
        ({"title": "a", "about": "{}"}, "image/png", 422, "/about/author"),
        ({"title": "a"}, "text/plain", 400, "the part 'scan' is text/plain, and has to be application/pdf or image/*"),
    ],
)
def test_a_form_with_files_is_held_to_its_schema_and_encoding(client, data, kind, status, told):
    answer = client.post("/papers", data=data, files={"scan": ("dot", DOT, kind)})

    assert answer.status_code == status
    assert told in answer.text


@pytest.mark.parametrize(
    ("path", "media_type", "content"),
    [
        ("/found", "text/csv", b'a,b\r\n1,"x, y"\r\n,[1]\r\n'),
        ("/page", "text/html; charset=iso-8859-1", "<p>Grüße</p>".encode("latin-1")),
        ("/picture", "image/png", DOT),
        ("/lines", "application/x-ndjson", b'{"n":1}\n{"n":2}\n'),
        ("/stream", "text/event-stream", b'event: note\nid: 7\ndata: {"n":1}\n\ndata: {"n":2}\n\ndata: two\ndata: lines\n\n'),
        ("/form", FORM, b"access_token=a+b&scope=x&scope=y&expires_in=60"),
        (
            "/note",
            "application/xml",
            b'<?xml version="1.0" encoding="UTF-8"?>\n<note id="n &amp; m"><text>&lt;hi&gt;</text><stars>3</stars><word>a</word>'
            b"<word>b</word><shelves><shelf>x</shelf><shelf>y</shelf></shelves></note>",
        ),
    ],
)
def test_an_answer_is_written_as_its_media_type_is(client, path, media_type, content):
    answer = client.get(path)

    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, media_type, content)


def test_a_body_larger_than_the_limit_is_refused_however_small_it_was_made(serve_in_thread):
    content = gzip.compress(b'{"a": 1, "b": "' + b"x" * 5_000_000 + b'"}')
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    with serve_in_thread(ARCHIVE, "--max-body-size", 6_000_000).client() as client:
        assert client.put("/anything", content=content, headers=headers).status_code == 204
    with serve_in_thread(ARCHIVE, "--max-body-size", 50_000).client() as client:
        assert client.put("/anything", content=content, headers=headers).status_code == 413


def test_bombs_are_refused_at_once(client):
    part = b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nx\r\n'
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    bombs = [
        ("/papers", "multipart/form-data; boundary=b", part * 10_000 + b"--b--"),
        ("/papers", "multipart/form-data; boundary=b", b"--b\r\n\r\nx\r\n--b--"),
        ("/papers", "multipart/form-data; boundary=b", b"--b\r\n" * 100_000),
        ("/payments", FORM, b"a=1&" * 100_000),
        ("/payments", FORM, b"lines" + b"[a]" * 100_000 + b"=1"),
        ("/payments", FORM, b"lines[99999999999999999999]=1"),
        ("/notes", "application/json", b"[" * 100_000),
    ]
    for path, kind, body in bombs:
        assert client.post(path, content=body, headers={"Content-Type": kind}).status_code in (400, 422), kind
    for kind, body in (
        ("application/xml", f"<!DOCTYPE a [{entities}]><a>&e9;</a>".encode()),
        ("application/x-ndjson", b"[]\n" * 200_000),
    ):
        assert client.put("/anything", content=body, headers={"Content-Type": kind}).status_code == 400, kind


def test_the_journal_shows_any_body(client):
    bodies = {
        "application/json": (b'{"a": 1}', {"size": 8, "json": {"a": 1}}),
        "image/gif": (b"\xff\0", {"size": 2, "text": "\ufffd\0"}),
        "application/xml": (b"<a>\xff", {"size": 4, "text": "<a>\ufffd"}),
        "text/plain": (b"text", {"size": 4, "text": "text"}),
        FORM: (b"a=1&b=%FF", {"size": 9, "text": "a=1&b=%FF"}),
        "multipart/form-data": (b"--b", {"size": 3, "text": "--b"}),
    }
    for kind, (body, _) in bodies.items():
        client.put("/anything", content=body, headers={"Content-Type": kind})
    for path in ("/picture", "/page", "/note"):
        client.get(path)
    shown = client.get("/__admin/requests").json()["requests"]

    assert [one["body"] for one in shown[: len(bodies)]] == [told for _, told in bodies.values()]
    assert [one["answer"]["body"]["text"][:8] for one in shown[len(bodies) :]] == ["\x89PNG\r\n\x1a\n", "<p>Grüße", "<?xml ve"]


def test_an_answer_that_is_not_what_its_media_type_says_is_shown_as_text(tmp_path):
    document = tmp_path / "api.yaml"
    content = "{application/xml: {example: <open>}}"
    document.write_text(
        "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n"
        f"paths: {{/a: {{get: {{responses: {{'200': {{description: x, content: {content}}}}}}}}}}}\n"
    )
    mock = Mock.from_settings(Settings(document=document, any_token=True))
    mock.answer(Request("GET", "/a"))
    (entry,) = mock.journal.entries()

    assert entry.answer.body == "<open>"


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl")
def test_the_curl_line_of_every_operation_works(served):
    mock = Mock.from_settings(Settings(document=ARCHIVE, any_token=True))
    lines = {str(operation): line for operation, line in curl_lines(mock, served.url, mock.contract.operations)}

    assert "--data-urlencode currency=eur" in lines["POST /payments"]
    assert "-F 'scan=" in lines["POST /papers"]
    assert "Content-Type" not in lines["POST /payments"] + lines["POST /papers"]
    for operation, line in lines.items():
        command = line.replace("curl ", "curl -sS -o /dev/null -w '%{http_code}' ", 1)
        told = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True).stdout
        assert told.startswith("2"), (operation, line, told)


TYPES = sorted(
    {
        name.partition(";")[0].replace("*", "x")
        for operation in load_contract(ARCHIVE).operations
        for name in (operation.body.content if operation.body else ())
    }
    | {"application/octet-stream", "text/csv", "", "\xff", "multipart/form-data; boundary=b", "text/plain; charset=utf-16"}
)
PIECES = [
    *(b'a=1 &=[] [0] %FF %00 amount=1& currency=eur& card[number]=1& lines[][price]=1& {} [] {"a":1} {"n":1} null "'.split()),
    *(
        b'<a> </a> <?xml <!DOCTYPE &x; --b --b-- form-data name="title" Content-Disposition: Content-Type: application/json'.split()
    ),
    *(b"\r\n \r\n\r\n \x1e \xff \0 \xed\xa0\x80 - 1e999 123456789012345678901234567890".split(b" ")),
    b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\n',
    b'--b\r\nContent-Disposition: form-data; name="scan"; filename="a"\r\nContent-Type: image/png\r\n\r\n',
]


@pytest.mark.parametrize("round", range(3))
def test_no_bytes_whatever_make_the_mock_fail_and_what_is_refused_stores_nothing(served, round):
    chance = random.Random(round)
    with httpx.Client(base_url=served.url, verify=False) as client:
        before = client.get("/__admin/state").json()
        for number in range(250):
            pieces = chance.choices(PIECES, k=chance.randint(1, 12))
            body = b"".join(pieces) if chance.random() < 0.8 else chance.randbytes(chance.randint(1, 60))
            headers = [(b"content-type", chance.choice(TYPES).encode("latin-1"))]
            if chance.random() < 0.1:
                headers.append((b"content-encoding", chance.choice([b"gzip", b"deflate", b"br", b"\xff"])))
                body = gzip.compress(body) if chance.random() < 0.5 else body
            path = chance.choice(["/payments", "/papers", "/notes", "/anything", "/blobs"])
            method = "PUT" if path in ("/anything", "/blobs") else "POST"
            status = client.request(method, path, content=body, headers=headers).status_code

            assert status < 500, (number, path, headers, body)
            if status == 201:
                before = client.get("/__admin/state").json()
            else:
                assert status >= 400 or status == 204
        assert client.get("/__admin/state").json() == before
        assert client.get("/__admin/requests").status_code == 200


def test_a_fault_and_a_test_name_the_typed_values_of_a_form():
    with mock_server.running(document=ARCHIVE) as mock:
        mock.plan({"status": 503, "match": {"body": {"/amount": 5}}})
        sent = [mock.client.post("/payments", data={"amount": amount, "currency": "eur"}).status_code for amount in (6, 5)]

        mock.requests.assert_requested(json={"amount": 6, "currency": "eur"}, times=1)
    assert sent == [201, 503]
