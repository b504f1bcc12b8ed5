"""What is at `/`, over real sockets: a page for people, JSON for programs, and the contract's own operation where it has one."""

from __future__ import annotations

import re

import httpx
import pytest

import mock_server

DOCUMENT = """
openapi: 3.1.0
info: {{title: "<b>Rooms</b> & {{halls}}", version: "1"}}
paths:
  {path}:
    get:
      operationId: root
      security: []
      responses: {{"200": {{description: fine, content: {{application/json: {{example: {{from: the contract}}}}}}}}}}
"""
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def serve(serve_in_thread):
    """None of these tests is about the process that serves."""
    return serve_in_thread


@pytest.fixture
def rooms(tmp_path):
    """The path of a document whose only operation is at a path."""

    def write(path):
        (tmp_path / "rooms.yaml").write_text(DOCUMENT.format(path=path))
        return tmp_path / "rooms.yaml"

    return write


def test_a_program_is_told_where_document_console_and_reference_are_and_finds_them_there(serve):
    served = serve()
    answer = httpx.get(f"{served.url}/")
    told = answer.json()

    assert answer.headers["content-type"] == "application/json"
    assert told == {
        "title": "Partner API, internal contacts",
        "version": "2.0.0",
        "document": f"{served.url}/openapi.json",
        "console": f"{served.url}/__admin/",
        "reference": f"{served.url}/__admin/#/reference",
        "control": f"{served.url}/__admin/openapi.json",
    }
    assert httpx.get(told["document"]).json()["info"]["title"] == told["title"]
    assert httpx.get(told["console"]).status_code == httpx.get(told["control"]).status_code == 200


def test_a_browser_is_shown_a_page_whose_links_lead_somewhere(serve):
    served = serve()
    page = httpx.get(f"{served.url}/", headers=BROWSER)

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["vary"] == "Accept"
    assert "<title>Partner API, internal contacts</title>" in page.text
    links = re.findall(r'<a href="([^"#]+)', page.text)
    assert {httpx.get(served.url + link).status_code for link in links} == {200}
    assert len(links) == 4


def test_the_title_of_the_document_is_text(serve, rooms):
    page = httpx.get(f"{serve(rooms('/rooms')).url}/", headers=BROWSER)

    assert "<h1>&lt;b&gt;Rooms&lt;/b&gt; &amp; {halls} 1</h1>" in page.text


@pytest.mark.parametrize("headers", [{}, BROWSER], ids=["a program", "a browser"])
def test_without_a_control_api_no_console_is_named(serve, headers):
    answer = httpx.get(f"{serve('--no-admin').url}/", headers=headers)

    assert "/openapi.json" in answer.text
    assert "__admin" not in answer.text


@pytest.mark.parametrize("headers", [{}, BROWSER], ids=["a program", "a browser"])
def test_where_the_contract_has_an_operation_it_answers(serve, rooms, headers):
    answer = httpx.get(f"{serve(rooms('/')).url}/", headers=headers)

    assert answer.json() == {"from": "the contract"}


def test_where_the_contract_has_another_method_there_is_no_page(serve, tmp_path):
    (tmp_path / "rooms.yaml").write_text(DOCUMENT.format(path="/").replace("    get:", "    put:"))
    answer = httpx.get(f"{serve(tmp_path / 'rooms.yaml').url}/")

    assert (answer.status_code, answer.headers["allow"]) == (405, "PUT, OPTIONS")


@pytest.mark.parametrize("path", ["/", "/openapi.json"])
def test_head_tells_what_get_would(serve, path):
    served = serve()
    with served.client() as client:
        head, get = client.head(path), client.get(path)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"] == str(len(get.content))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_any_other_method_is_a_request_to_the_api(serve, method):
    with serve().client() as client:
        answer = client.request(method, "/")

    assert answer.status_code == 404
    assert answer.json()["type"].endswith("unknown-path")


def test_pages_of_other_origins_may_read_it(serve):
    answer = httpx.get(f"{serve().url}/", headers={"Origin": "http://localhost:5173"})

    assert answer.headers["access-control-allow-origin"] == "http://localhost:5173"
    assert {"Accept", "Origin"} <= set(re.split(", *", answer.headers["vary"]))


def test_a_look_at_it_is_no_request_to_the_api_and_meets_no_fault():
    with mock_server.running() as server:
        server.fail_next(401)
        answers = [server.client.get("/", headers=headers) for headers in ({}, BROWSER, {"X-Mock-Fault": "status=404"})]

        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert list(server.requests) == []
        assert server.client.post("/v2/internal-contacts", json={}).status_code == 401
