"""Which documented answer is given where no behaviour is declared, over real sockets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime

import httpx
import pytest
import schemathesis
from places import ROOT

GALLERY = ROOT / "tests" / "documents" / "gallery.yaml"
DEPOT = ROOT / "tests" / "documents" / "depot.yaml"
V2 = "application/vnd.gallery.v2+json"


@pytest.fixture
def client(serve_in_thread: Callable[..., object]) -> Iterator[Callable[..., httpx.Client]]:
    """Serve a document of these tests: client(GALLERY)."""
    clients: list[httpx.Client] = []

    def start(document, *options):
        clients.append(serve_in_thread(document, *options).client())
        return clients[-1]

    yield start
    for one in clients:
        one.close()


@pytest.fixture
def gallery(client):
    return client(GALLERY)


@pytest.fixture
def depot(client):
    return client(DEPOT)


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/exhibition", 200, {"name": "Summer"}),
        ("GET", "/opening-hours", 200, {"monday": "closed"}),
        ("POST", "/artworks", 201, {"id": 7, "title": "Gas"}),
    ],
    ids=["a range", "the default", "the lowest exact one"],
)
def test_the_response_is_that_of_success(gallery, method, path, status, body):
    answer = gallery.request(method, path)

    assert (answer.status_code, answer.json()) == (status, body)


def test_a_refusal_is_given_where_the_document_has_nothing_else(gallery, depot):
    assert gallery.put("/artworks/1").status_code == 404
    assert (depot.get("/failing").status_code, depot.get("/failing").json()) == (500, {"oh": "no"})


def test_a_redirection_goes_before_the_default_and_leads_somewhere(gallery):
    answer = gallery.get("/tickets")

    assert answer.status_code == 302
    assert answer.headers["location"] == f"{gallery.base_url}/".replace("//", "/").replace(":/", "://", 1)


def test_a_redirection_after_post_leads_to_what_can_be_read(gallery):
    answer = gallery.post("/tickets", follow_redirects=True)

    assert answer.history[0].status_code == 303
    assert (answer.url.path, answer.text) == ("/tickets/a b", "Admit one")


def test_a_range_of_redirections_is_a_302(depot):
    answer = depot.get("/old")

    assert (answer.status_code, answer.headers["location"]) == (302, "/new")


def test_what_no_response_ends_is_not_implemented(depot):
    answer = depot.get("/upgrade")

    assert answer.status_code == 501
    assert "only 101" in answer.json()["detail"]


def test_without_any_response_an_empty_200_says_so(client, tmp_path):
    (tmp_path / "bare.yaml").write_text("openapi: 3.1.0\ninfo: {title: Bare, version: '1'}\npaths: {/: {get: {}}}\n")
    answer = client("bare.yaml").get("/")

    assert (answer.status_code, answer.content, answer.headers["x-mock-made"]) == (200, b"", "nothing")


@pytest.mark.parametrize(
    ("method", "path", "status", "length"),
    [("DELETE", "/artworks/1", 204, None), ("GET", "/unchanged", 304, None), ("POST", "/form", 205, "0")],
)
@pytest.mark.parametrize("headers", [{}, {"Origin": "http://localhost:3000"}], ids=["at once", "over ASGI"])
def test_a_status_without_a_body_never_has_one(gallery, method, path, status, length, headers):
    answers = [gallery.request(method, path, headers={"Accept": "text/html", **headers}) for _ in range(3)]

    for answer in answers:  # a byte too many would be taken for the beginning of the next one
        assert (answer.status_code, answer.content, answer.headers.get("content-length")) == (status, b"", length)
        assert "content-type" not in answer.headers


@pytest.mark.parametrize(
    ("accept", "media_type", "text"),
    [
        ("*/*", "application/json", '[{"id":1,"title":"Nighthawks"},{"id":2,"title":"Gas"}]'),
        ("text/csv", "text/csv", "id,title\n1,Nighthawks\n"),
        (f"{V2}, application/json;q=0.9", V2, '{"artworks":[]}'),
    ],
)
def test_the_accepted_media_type_is_sent(gallery, accept, media_type, text):
    answer = gallery.get("/artworks", headers={"Accept": accept})

    assert (answer.headers["content-type"], answer.text) == (media_type, text)
    assert answer.headers["vary"] == "Accept"


def test_who_says_nothing_of_what_is_accepted_is_given_json(gallery):
    request = gallery.build_request("GET", "/artworks")
    del request.headers["accept"]

    assert gallery.send(request).headers["content-type"] == "application/json"


def test_what_is_not_accepted_is_refused_with_what_there_is(gallery):
    answer = gallery.get("/artworks", headers={"Accept": "text/html"})

    assert answer.status_code == 406
    assert answer.json().keys() == {"message"}  # as the document tells all other refusals
    assert f"application/json, {V2}, text/csv" in answer.text


def test_a_refusal_is_told_in_the_accepted_type_and_anyway_where_there_is_none(gallery):
    told = [gallery.get("/artworks/1", headers={"Prefer": "code=404", "Accept": accept}) for accept in (V2, "text/html", "*/*")]

    assert [answer.status_code for answer in told] == [404, 404, 404]
    assert [answer.headers["content-type"] for answer in told] == [V2, "application/json", "application/json"]


@pytest.mark.parametrize(
    ("path", "accept", "media_type"),
    [
        ("/artworks/1", "*/*", "application/json"),
        ("/artworks/1/image", "*/*", "image/png"),
        ("/artworks/1/image", "image/webp,image/*;q=0.8", "image/webp"),
        ("/artworks/1/label", "text/html, */*;q=0.1", "text/html"),
    ],
)
def test_a_documented_range_is_sent_as_one_type(gallery, path, accept, media_type):
    answer = gallery.get(path, headers={"Accept": accept})

    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)


@pytest.mark.parametrize(
    ("media_type", "beginning"),
    [
        ("image/png", b"\x89PNG\r\n"),
        ("image/jpeg", b"\xff\xd8\xff"),
        ("application/pdf", b"%PDF-"),
        ("application/zip", b"PK"),
        ("application/xml", b"<text>"),
        ("text/event-stream", b"data: "),
        ("text/plain", b"text"),
        ("application/octet-stream", b"text"),
    ],
)
def test_a_made_body_is_what_its_media_type_says(gallery, media_type, beginning):
    answer = gallery.get("/poster", headers={"Accept": media_type})

    assert answer.headers["content-type"] == media_type
    assert answer.content.startswith(beginning)


def test_a_body_of_several_parts_names_what_stands_between_them(gallery):
    answer = gallery.get("/bundle")
    media_type, _, boundary = answer.headers["content-type"].partition("; boundary=")

    assert media_type == "multipart/form-data"
    assert answer.text.startswith(f"--{boundary}\r\n")
    assert "Gas" in answer.text


def test_a_made_text_is_not_put_into_a_file_that_its_schema_refuses(gallery):
    answer = gallery.get("/poster", headers={"Accept": "image/gif"})

    assert len(answer.content) >= 1000 or answer.status_code == 501


def test_of_a_range_only_what_can_be_made_is_offered(gallery):
    browser = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
    answer = gallery.get("/frame", headers={"Accept": browser})

    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.text.startswith("<svg ")
    assert gallery.get("/frame", headers={"Accept": "image/webp"}).status_code == 406


def test_examples_are_sent_as_events_and_as_lines(gallery):
    events = gallery.get("/news", headers={"Accept": "text/event-stream"})
    lines = gallery.get("/news", headers={"Accept": "application/x-ndjson"})

    assert events.text == 'event: opening\ndata: {"hall":2}\n\ndata: closed today\n\n'
    assert lines.text == '{"hall":2}\n{"hall":3}\n'


def test_documented_headers_have_values_that_are_true_of_the_answer(gallery):
    headers = gallery.get("/artworks").headers

    assert re.fullmatch(r'"[0-9a-f]+"', headers["etag"])
    assert headers["x-total-count"] == "2"
    assert int(headers["x-ratelimit-remaining"]) < int(headers["x-ratelimit-limit"])
    assert parsedate_to_datetime(headers["last-modified"])
    assert headers["link"] == '<https://gallery.example/artworks?page=2>; rel="next"'
    assert (headers["x-sizes"], headers["x-range"]) == ("1,2,3", "from=1,to=2")
    assert headers["x-filter"] == '{"name": "F\\u00fc\\u00dfe"}'
    assert gallery.post("/artworks").headers["location"] == "/artworks/7"


def test_the_entity_tag_is_that_of_the_body(gallery):
    tags = [gallery.get("/artworks", headers={"Accept": accept}).headers["etag"] for accept in ("*/*", "*/*", "text/csv")]

    assert tags[0] == tags[1] != tags[2]


def test_headers_are_sent_as_documented_where_they_can_be(depot):
    headers = depot.get("/parcels").headers

    assert headers["set-cookie"] == "session=abc; Path=/; HttpOnly"
    assert (headers["x-count"], headers["x-kinds"], headers["x-urgent"]) == ("12", "box,tube", "true")
    assert headers["content-disposition"] == "attachment"
    assert re.fullmatch("[0-9a-f-]{36}", headers["x-request-id"])
    assert parsedate_to_datetime(headers["expires"])
    assert depot.put("/parcels").headers["location"] == f"{str(depot.base_url).rstrip('/')}/parcels"


def test_no_header_lies_or_breaks_the_answer(depot):
    answer = depot.get("/parcels")

    assert answer.headers["x-wrong"].isdecimal()
    assert re.fullmatch("[a-z]+", answer.headers["x-split"])
    assert "x-two" not in answer.headers
    assert "x-snowman" not in answer.headers
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-length"] == str(len(answer.content)) != "7"


def test_a_required_header_that_cannot_be_sent_is_not_implemented(depot):
    answer = depot.get("/impossible")

    assert answer.status_code == 501
    assert "X-Code" in answer.json()["detail"]


def test_a_parameter_of_a_media_type_is_asked_for(depot):
    assert depot.get("/labels", headers={"Accept": "text/plain;version=2"}).text == "two"


@pytest.mark.parametrize("path", ["/artworks", "/artworks/1", "/exhibition", "/unchanged", "/artworks/x"])
@pytest.mark.parametrize("headers", [{}, {"Origin": "http://localhost:3000"}], ids=["at once", "over ASGI"])
def test_head_tells_what_get_would(gallery, path, headers):
    get, head = (gallery.request(method, path, headers=headers) for method in ("GET", "HEAD"))

    assert (head.status_code, head.content) == (get.status_code, b"")
    left_out = {"date", "last-modified"}
    assert [one for one in head.headers.items() if one[0] not in left_out] == [
        one for one in get.headers.items() if one[0] not in left_out
    ]


def test_a_documented_head_or_options_is_the_documents_own(gallery):
    head = gallery.head("/opening-hours")

    assert (head.headers["x-days"], head.headers["content-length"]) == ("6", "0")
    assert gallery.options("/opening-hours").json() == {"methods": ["GET"]}


def test_options_tells_the_methods_of_a_path_to_anybody(gallery):
    answer = gallery.options("/artworks", headers={"Authorization": ""})

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["allow"] == "GET, POST, HEAD, OPTIONS"
    assert gallery.options("/nowhere").status_code == 404


def test_a_method_that_is_not_there_is_told_with_those_that_are(gallery):
    answer = gallery.patch("/artworks")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST, HEAD, OPTIONS")


@pytest.mark.parametrize(
    ("query", "status", "applied"),
    [
        ("__code=404", 404, "code=404"),
        ("__example=winter", 200, "example=winter"),
        ("__dynamic=true", 200, "dynamic=true"),
        ("__code=203&__example=winter", 203, "code=203, example=winter"),
        ("__code=101", 400, None),
        ("__example=spring", 400, None),
        ("__dynamic=false&__server=x&a__code=404", 200, None),
    ],
)
def test_a_wish_may_stand_in_the_query(gallery, query, status, applied):
    answer = gallery.get(f"/exhibition?{query}")

    assert (answer.status_code, answer.headers.get("preference-applied")) == (status, applied)


def test_the_header_goes_before_the_query(gallery):
    answer = gallery.get("/exhibition?__code=404", headers={"Prefer": "example=winter"})

    assert answer.json() == {"name": "Winter"}


def test_a_documented_parameter_is_no_wish(depot):
    assert depot.get("/parcels?__code=500").status_code == 206


def test_a_wish_chooses_the_media_type_that_has_the_example(gallery):
    answer = gallery.get("/exhibition", headers={"Prefer": "example=winter", "Accept": "text/html"})

    assert answer.status_code == 406


def test_pages_may_send_credentials_and_read_all_documented_headers(gallery):
    origin = "http://localhost:3000"
    headers = gallery.get("/artworks", headers={"Origin": origin}).headers

    assert headers["access-control-allow-origin"] == origin
    assert headers["access-control-allow-credentials"] == "true"
    assert {"Accept", "Origin"} <= set(re.split(", *", headers["vary"]))
    exposed = {name.strip().lower() for name in headers["access-control-expose-headers"].split(",")}
    assert {"x-mock-made", "x-mock-assumed", "etag", "x-total-count", "location", "link"} <= exposed


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_all_origins_are_allowed_by_name(client, method):
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    answer = client(GALLERY, "--cors-origin", "*").request(method, "/artworks", headers=asked)

    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    assert answer.headers["access-control-allow-credentials"] == "true"


@pytest.mark.parametrize("document", [GALLERY, DEPOT], ids=["3.0", "3.1"])
def test_an_independent_validator_finds_every_answer_as_documented(client, document):
    http = client(document)
    judged = 0
    for result in schemathesis.openapi.from_path(document).get_all_operations():
        operation = result.ok()
        media_types = {
            name
            for response in operation.definition.raw["responses"].values()
            for name in response.get("content", {})
            if "*" not in name
        }
        for accept in ["*/*", *media_types]:
            case = operation.Case(path_parameters={"id": 1, "ticket": "a b"}, headers={"Accept": accept}, query={})
            answer = case.call(base_url=str(http.base_url))
            if answer.status_code not in NOT_JUDGED:
                case.validate_response(answer, checks=CHECKS)
                judged += 1

    assert judged >= 7


NOT_JUDGED = {204, 205, 500, 501}
"""Where the document asks for a body and HTTP forbids one, or where no answer can be right."""

CHECKS = [
    check
    for check in schemathesis.checks.CHECKS.get_all()
    if check.__name__
    in ("status_code_conformance", "content_type_conformance", "response_headers_conformance", "response_schema_conformance")
]
