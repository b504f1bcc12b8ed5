"""The control API, over real sockets."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading

import httpx
import pytest
from openapi_spec_validator import validate
from places import FIXTURES, PARTNER_API

from mock_server.server.application import Application
from mock_server.server.log import Log
from mock_server.server.mock import Mock
from mock_server.server.settings import Settings

NORTHWIND = "/v2/partners/ptn_northwind/internal-contacts"
ADA = {"email": "ada@acme.example", "internal_role": "csm"}
YAML = {"Content-Type": "application/yaml"}


@pytest.fixture
def serve(serve_in_thread):
    """Few of these tests are about the process that serves; they ask for one."""
    return serve_in_thread


class Both:
    """A mock and its control API."""

    def __init__(self, served):
        self.served = served
        self.mock = served.client()
        self.admin = httpx.Client(base_url=f"{served.url}/__admin", verify=False, timeout=60)  # as that of the mock

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.mock.close()
        self.admin.close()

    def post(self, **more):
        return self.mock.post(NORTHWIND, json={**ADA, **more})


@pytest.fixture
def both(serve):
    """Serve, and reach both the mock and its control API."""
    made = []

    def start(*options):
        made.append(Both(serve(*options)))
        return made[-1]

    yield start
    for one in made:
        one.__exit__()


def emails(state):
    return [contact["email"] for contact in state["organizations"]["acme"]["InternalContact"]]


def test_a_reset_makes_everything_as_it_was_at_the_start(both):
    it = both("--random-seed", "1")
    first = it.post().json()["id"]
    it.admin.post("/faults", json={"status": 503})
    it.admin.patch("/assumptions", json={"assumptions": {"success-status": "created"}})
    it.admin.put("/clock", json={"time": "2030-01-01T00:00:00Z", "runs": False})
    assert it.post().status_code == 503

    assert it.admin.post("/reset").status_code == 204

    assert emails(it.admin.get("/state").json()) == ["grace@acme.example", "alan@acme.example"]
    assert it.admin.get("/faults").json() == {"faults": []}
    assert it.admin.get("/requests/count").json() == {"count": 0}
    assert it.admin.get("/clock").json()["runs"]
    again = it.post()
    assert (again.status_code, again.json()["id"]) == (200, first)


def test_a_reset_of_one_part_leaves_the_others(both):
    it = both()
    it.post()
    it.admin.patch("/assumptions", json={"assumptions": {"success-status": "created"}})
    it.admin.post("/reset", json={"parts": ["state"]})

    assert len(emails(it.admin.get("/state").json())) == 2
    assert it.admin.get("/requests/count").json() == {"count": 1}
    assert it.post().status_code == 201


def test_a_state_that_was_told_is_restored_exactly(both):
    it = both()
    it.post(given_name="<script>alert(1)</script>")
    before = it.admin.get("/state").json()
    it.post(email="other@acme.example")

    assert it.admin.put("/state", json=before).status_code == 204

    assert it.admin.get("/state").json() == before
    assert it.post(given_name="x").json()["internal_contact"]["given_name"] == "<script>alert(1)</script>"


def test_a_state_of_an_organization_that_is_not_there_is_refused(both):
    it = both()
    state = it.admin.get("/state").json()
    state["organizations"]["acmee"] = state["organizations"].pop("acme")
    answer = it.admin.put("/state", json=state)

    assert answer.status_code == 422
    assert [(flaw["pointer"], flaw["hint"]) for flaw in answer.json()["flaws"]] == [
        ("/organizations/acmee", "did you mean 'acme'?")
    ]
    assert it.post().status_code == 200


def test_of_very_many_flaws_the_first_are_listed_and_all_counted(both):
    it = both()
    answer = it.admin.put("/assumptions", json={"assumptions": {f"no-such-{number}": "x" for number in range(5000)}})

    assert answer.status_code == 422
    assert "(and 4999 more)" in answer.json()["detail"]
    assert len(answer.json()["flaws"]) == 200


def test_a_flaw_of_a_large_state_is_told_by_its_pointer(both):
    it = both()
    state = it.admin.get("/state").json()
    state["organizations"]["acme"]["InternalContact"][0] |= {"name": "x" * 2_000_000, "emial": "x"}
    answer = it.admin.put("/state", json=state)

    assert [flaw["pointer"] for flaw in answer.json()["flaws"]] == ["/organizations/acme/InternalContact/0/emial"]


def test_a_bad_state_changes_nothing_and_every_flaw_is_told(both):
    it = both()
    before = it.admin.get("/state").json()
    bad = json.loads(json.dumps(before))
    bad["organizations"]["acme"]["InternalContact"][0]["emial"] = "x"
    bad["organizations"]["acme"]["InternalContactAssignment"][0]["internal_contact"] = "ict_nobody"
    bad["organizations"]["globex"]["Partner"] = [{"id": 7}]
    answer = it.admin.put("/state", json=bad)

    assert answer.status_code == 422
    told = {(flaw["pointer"], flaw["hint"]) for flaw in answer.json()["flaws"]}
    assert ("/organizations/acme/InternalContact/0/emial", "did you mean 'email'?") in told
    assert len(told) >= 3
    assert it.admin.get("/state").json() == before


def test_other_fixtures_bring_their_organizations_and_become_the_seed(both):
    it = both()
    fixtures = FIXTURES[PARTNER_API].read_text().replace("acme-token", "new-token").replace("Grace", "Gracia")

    assert it.admin.put("/fixtures", content=fixtures, headers=YAML).status_code == 204

    assert it.admin.get("/fixtures").json()["organizations"]["acme"] == {"tokens": ["new-token"]}
    assert it.post().status_code == 401
    assert it.mock.post(NORTHWIND, json=ADA, headers={"Authorization": "Bearer new-token"}).status_code == 200
    it.admin.post("/reset", json={"parts": ["state"]})
    assert it.admin.get("/state").json()["organizations"]["acme"]["InternalContact"][0]["given_name"] == "Gracia"
    it.admin.post("/reset")
    assert it.post().status_code == 200


def test_bad_fixtures_change_nothing(both):
    it = both()
    answer = it.admin.put("/fixtures", json={"organizations": {"acme": {"tokens": ["t"], "resources": {"Partnr": []}}}})

    assert (answer.status_code, answer.json()["flaws"][0]["hint"]) == (422, "did you mean 'Partner'?")
    assert it.post().status_code == 200


def test_the_journal_tells_exchanges_with_what_they_changed(both):
    it = both()
    created = it.post().json()
    entry = it.admin.get("/requests").json()["requests"][0]

    assert (entry["number"], entry["method"], entry["path"], entry["status"]) == (1, "POST", NORTHWIND, 200)
    assert (entry["operation"], entry["organization"]) == ("addInternalContact", "acme")
    assert entry["body"]["json"] == ADA
    assert entry["answer"]["body"]["json"] == created
    assert entry["rested_on"]["success-status"] == "ok"
    assert [(change["resource"], change["before"]) for change in entry["changes"]] == [
        ("InternalContact", None),
        ("InternalContactAssignment", None),
    ]
    assert entry["changes"][0]["after"]["email"] == "ada@acme.example"


def test_the_journal_is_filtered_counted_and_cleared(both):
    it = both()
    it.post()
    it.mock.post(NORTHWIND, json={})
    it.mock.get("/nowhere")

    def count(**wanted):
        return it.admin.get("/requests/count", params=wanted).json()["count"]

    assert count() == 3
    assert count(status="4XX") == 2
    assert count(status="422", operation="addInternalContact", organization="acme") == 1
    assert count(method="GET") == count(path="/nowhere") == count(after=2) == 1
    assert count(before=2) == 1
    assert count(since="2020-01-01T00:00:00Z") == 3
    assert count(until="2020-01-01T00:00:00+01:00") == 0
    assert count(since="0001-01-01T00:00:00+14:00", until="9999-12-31T23:59:59-14:00") == 3
    newest = it.admin.get("/requests", params={"limit": 1}).json()
    assert (newest["count"], [entry["number"] for entry in newest["requests"]]) == (3, [3])
    assert it.admin.get("/requests/3").json()["path"] == "/nowhere"
    assert it.admin.delete("/requests").status_code == 204
    assert count() == 0
    assert it.admin.get("/requests/3").status_code == 404


def test_the_journal_is_read_page_by_page(both):
    it = both("--journal-size", "5")
    for number in range(7):
        it.mock.get(f"/nowhere/{number}")

    def page(**wanted):
        told = it.admin.get("/requests", params={"limit": 2, **wanted}).json()
        return told["count"], [entry["number"] for entry in told["requests"]]

    assert page() == (5, [6, 7])
    assert page(before=6) == (3, [4, 5])
    assert page(before=4) == (1, [3])
    assert page(before=3) == page(after=7) == page(before=0) == (0, [])
    assert page(after=4, before=7) == (2, [5, 6])
    assert page(path="/nowhere/3", after=1) == (1, [4])


@pytest.mark.parametrize(
    "wrong",
    ["stauts=422", "status=4", "status=4xx", "since=yesterday", "since=0", "limit=0", "after=-1", "status=422&status=200"],
)
def test_a_wrong_filter_is_refused(both, wrong):
    answer = both().admin.get(f"/requests?{wrong}")

    assert answer.status_code == 422
    assert wrong.partition("=")[0] in answer.json()["detail"]


def test_the_nearest_request_is_told_with_what_differs(both):
    it = both()
    it.mock.get("/nowhere")
    it.post()
    wanted = {"operation": "addInternalContact", "containing": {"internal_role": "ae", "email": "ada@acme.example"}}
    told = it.admin.post("/requests/nearest", json=wanted).json()

    assert told["matching"] == 0
    assert told["nearest"][0]["request"]["number"] == 2
    assert told["nearest"][0]["differences"] == [{"place": "body /internal_role", "expected": '"ae"', "got": '"csm"'}]


def test_secrets_are_masked_in_the_journal(both):
    it = both()
    it.mock.post(
        NORTHWIND, json=ADA, headers={"Cookie": "session=tell-nobody", "Proxy-Authorization": "Basic dGVsbC1ub2JvZHk="}
    )
    told = it.admin.get("/requests").text

    assert json.loads(told)["requests"][0]["headers"]["authorization"] == "Bearer ***"
    for secret in ("acme-token", "tell-nobody", "dGVsbC1ub2JvZHk"):
        assert secret not in told


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("X-Auth-Token", "***"),
        ("Private-Token", "***"),
        ("api-key", "***"),
        ("X-Forwarded-Authorization", "Bearer ***"),
        ("X-Page-Token", "Bearer tell-nobody"),
        ("Author", "Bearer tell-nobody"),
    ],
)
def test_headers_that_give_access_are_masked_by_their_names(both, name, shown):
    it = both()
    it.mock.get("/nowhere", headers={name: "Bearer tell-nobody" if "Bearer" in shown else "tell-nobody"})

    assert it.admin.get("/requests").json()["requests"][0]["headers"][name.lower()] == shown


def test_what_gives_access_is_masked_in_a_query(both):
    it = both()
    it.mock.get("/nowhere?page_token=3&access_token=tell%20nobody&API_KEY=tell&x=1&token=")
    told = it.admin.get("/requests").json()["requests"][0]["query"]
    nearest = it.admin.post("/requests/nearest", json={"query": {"access_token": "guess"}}).text

    assert told == "page_token=3&access_token=***&API_KEY=***&x=1&token=***"
    assert "nobody" not in nearest


def test_a_large_body_is_told_by_its_size(both):
    it = both()
    it.post(name="x" * 100_000)
    entry = it.admin.get("/requests").json()["requests"][0]

    assert entry["body"] == {"size": pytest.approx(100_060, abs=50)}
    assert entry["answer"]["body"].keys() == {"size"}


def test_faults_are_planned_listed_and_removed(both):
    it = both()
    planned = it.admin.post("/faults", json={"status": 503, "times": 1})
    it.admin.post("/faults", json={"name": "late", "delay": 1})

    assert (planned.status_code, planned.headers["Location"]) == (201, "/__admin/faults/fault-1")
    assert it.post().headers["X-Mock-Fault"] == "fault-1"
    assert it.post().headers["X-Mock-Fault"] == "late"
    listed = it.admin.get("/faults").json()["faults"]
    assert listed[0] == {"name": "fault-1", "status": 503, "times": 1, "injected": 1, "left": 0}
    assert it.admin.get("/requests/count", params={"fault": "late"}).json() == {"count": 1}
    assert it.admin.delete("/faults/late").status_code == 204
    assert it.admin.delete("/faults/late").status_code == 404
    assert it.admin.delete("/faults").status_code == 204
    assert "X-Mock-Fault" not in it.post().headers


def test_a_fault_without_a_name_is_given_one(both):
    it = both()
    it.admin.post("/faults", json={"name": None, "status": 503})

    assert it.admin.get("/faults").json()["faults"][0]["name"] == it.post().headers["X-Mock-Fault"] == "fault-1"


def test_faults_are_replaced_all_or_none(both):
    it = both()
    it.admin.put("/faults", content="faults: [{name: a, status: 503}, {name: b, retry-after: 1}]", headers=YAML)
    answer = it.admin.put("/faults", json={"faults": [{"name": "c", "status": 503}, {"status": 418}]})

    assert answer.status_code == 422
    assert answer.json()["flaws"][0]["pointer"] == "/faults/1/status"
    assert [fault["name"] for fault in it.admin.get("/faults").json()["faults"]] == ["a", "b"]


def test_a_switched_assumption_changes_the_next_answer(both):
    it = both("--assume", "success-status=created")
    switched = it.admin.patch("/assumptions", json={"assumptions": {"duplicate-assignment": "conflict"}}).json()["assumptions"]

    assert (switched["duplicate-assignment"]["choice"], switched["success-status"]["choice"]) == ("conflict", "created")
    assert switched["duplicate-assignment"]["why"]
    assert (it.post().status_code, it.post().status_code) == (201, 409)
    put = it.admin.put("/assumptions", json={"assumptions": {"success-status": "ok"}}).json()["assumptions"]
    assert (put["duplicate-assignment"]["choice"], put["success-status"]["choice"]) == ("create", "ok")
    assert it.post().status_code == 200


def test_a_bad_choice_changes_nothing(both):
    it = both()
    wrong = {"assumptions": {"success-status": "created", "email-case": "ignored"}}
    answer = it.admin.patch("/assumptions", json=wrong)

    assert (answer.status_code, answer.json()["flaws"][0]["hint"]) == (422, "did you mean 'ignore'?")
    assert it.post().status_code == 200


def test_the_clock_is_stopped_advanced_and_let_go(both):
    it = both()
    it.admin.put("/clock", json={"time": "2026-01-15T10:30:00+01:00", "runs": False})
    frozen = it.post().json()["created_at"]
    it.admin.post("/clock/advance", json={"seconds": 86_400})
    later = it.post().json()["created_at"]

    assert (frozen, later) == ("2026-01-15T09:30:00.000000Z", "2026-01-16T09:30:00.000000Z")
    assert it.admin.put("/clock", json={"runs": True}).json()["time"].startswith("2026-01-16T09:30")
    assert it.admin.post("/clock/advance", json={"seconds": 1e12}).status_code == 422
    assert it.admin.put("/clock", json={"time": "now"}).status_code == 422
    assert not it.admin.delete("/clock").json()["time"].startswith("2026-01-16")


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b'{"assumptions": {}, "assumptions": {}}', "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"{}", "application/x-www-form-urlencoded", 415),
        (b"[" * 100_000, "application/json", 400),
        (b"a: &a [*a]", "application/yaml", 422),
        (b"[1]", "application/json", 422),
        (b"{}", "application/json", 422),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(both, content, media_type, status):
    answer = both().admin.put("/assumptions", content=content, headers={"Content-Type": media_type})

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_every_operation_comes_with_a_request_that_works(both):
    it = both()
    for operation in it.admin.get("/operations").json()["operations"]:
        example = operation["example"]
        answer = it.mock.request(
            operation["method"], example["path"], headers=example["headers"], content=json.dumps(example["body"]["json"])
        )
        assert answer.is_success, operation


def test_an_operation_s_request_is_told_for_one_organization(both):
    it = both()
    operation, *_ = it.admin.get("/operations", params={"organization": "globex"}).json()["operations"]

    assert operation["example"]["path"] == "/v2/partners/ptn_initech/internal-contacts"
    assert operation["example"]["headers"]["authorization"] == "Bearer globex-token"
    assert operation["parameters"] == [{"name": "partner_id", "in": "path", "required": True, "sent": "ptn_northwind"}]
    assert {"200", "422"} <= set(operation["statuses"])
    refused = it.admin.get("/operations", params={"organization": "initech"})
    assert (refused.status_code, refused.json()["detail"]) == (404, "There is no organization 'initech'.")


def test_resources_are_told_with_their_fields(both):
    resources = both().admin.get("/resources").json()["resources"]

    assert list(resources) == ["Partner", "InternalContact", "InternalContactAssignment"]
    assert (resources["InternalContact"]["id"], resources["InternalContact"]["key"]) == ("id", ["email"])
    fields = {field["name"]: field for field in resources["InternalContactAssignment"]["fields"]}
    assert fields["internal_contact"]["refers_to"] == "InternalContact"
    assert [name for name, field in fields.items() if field["server_made"]] == ["created_at", "modified_at", "id", "object"]


def test_the_document_is_valid_and_says_which_operations_and_choices_there_are(both):
    document = both().admin.get("/openapi.json").json()
    validate(document)
    schema = document["paths"]["/__admin/assumptions"]["patch"]["requestBody"]["content"]["application/json"]["schema"]

    assert "conflict" in schema["properties"]["assumptions"]["properties"]["duplicate-assignment"]["anyOf"][0]["enum"]


@pytest.mark.parametrize("path", ["/faults/a%0A", "/faults/%0A", "/faults/%00"])
def test_a_name_with_a_line_break_is_a_name_like_any_other(both, path):
    assert both().admin.delete(path).status_code == 404


def test_what_a_mocked_request_may_ask_for_means_nothing_here(both):
    it = both()
    it.admin.post("/faults", json={"status": 503})
    answer = it.admin.get("/state", headers={"Prefer": "code=404", "X-Mock-Fault": "break=close"})

    assert answer.status_code == 200
    assert "Preference-Applied" not in answer.headers


def test_a_reset_leaves_nothing_of_a_request_whose_answer_is_held_back(both):
    it = both()
    listening = Listening(it.served)
    late = threading.Thread(
        target=httpx.post,
        args=(it.served.url + NORTHWIND,),
        kwargs={"json": ADA, "headers": {"Authorization": "Bearer acme-token", "X-Mock-Fault": "delay=500"}, "timeout": 60},
    )
    late.start()
    assert listening.next("exchange")["fault"] == "delay=500"
    it.admin.post("/reset")
    late.join(timeout=60)

    assert it.admin.get("/requests/count").json() == {"count": 0}
    assert len(emails(it.admin.get("/state").json())) == 2
    listening.close()


def test_the_server_is_shut_down(serve_process):
    served = serve_process()
    assert httpx.post(f"{served.url}/__admin/shutdown").status_code == 202
    assert served.process.wait(timeout=60) == 0


class Listening:
    """A listener to the events, byte by byte."""

    def __init__(self, served):
        host, port = served.url.removeprefix("http://").split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=60)
        self.socket.sendall(b"GET /__admin/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.received = self.socket.makefile("rb")
        assert self.received.readline() == b"HTTP/1.1 200 OK\r\n"

    def next(self, name):
        """Return the data of the next event of a name."""
        while line := self.received.readline():
            if line == f"event: {name}\n".encode():
                return json.loads(self.received.readline().removeprefix(b"data: "))
        raise AssertionError("the stream ended")

    def close(self):
        self.received.close()
        self.socket.close()


def test_events_tell_exchanges_with_what_they_changed_and_other_changes(both):
    it = both()
    listening = Listening(it.served)
    assert listening.next("listening") == {"noted": 0}
    it.post()
    exchange = listening.next("exchange")
    it.admin.post("/faults", json={"status": 503})

    assert [change["resource"] for change in exchange["changes"]] == ["InternalContact", "InternalContactAssignment"]
    assert exchange == it.admin.get("/requests/1").json()
    assert listening.next("changed") == {"part": "faults"}
    listening.close()


def test_a_listener_that_never_reads_blocks_nobody_and_learns_what_it_missed(both):
    it = both("--log-level", "warning")
    listening = Listening(it.served)
    head = b"GET /nowhere/%b HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer acme-token\r\n\r\n" % (b"x" * 8000)
    host, port = it.served.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        for _ in range(30):
            connection.sendall(head * 100)
            answers = b""
            while answers.count(b"HTTP/1.1 404 ") < 100:
                received = connection.recv(1 << 20)
                assert received, answers
                answers += received

    missed = listening.next("missed")
    assert missed["count"] > 0
    listening.close()


def test_a_journal_that_keeps_nothing_lets_exchanges_be_told_all_the_same(both):
    it = both("--journal-size", "0")
    listening = Listening(it.served)
    it.mock.get("/nowhere")
    it.post()

    assert [listening.next("exchange")["number"], listening.next("exchange")["number"]] == [1, 2]
    assert it.admin.get("/requests").json() == {"count": 0, "noted": 2, "requests": []}
    listening.close()


def test_a_head_request_does_not_listen(both):
    it = both()
    for _ in range(101):
        answer = it.admin.head("/events")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")


def test_a_listener_that_goes_before_the_first_event_leaves_nothing_behind():
    settings = Settings()
    application = Application(Mock.from_settings(settings), settings, Log("error"))
    scope = {"type": "http", "method": "GET", "scheme": "http", "path": "/__admin/events", "query_string": b""}
    scope |= {"headers": [(b"host", b"localhost")], "client": ("127.0.0.1", 5000), "server": ("127.0.0.1", 4010)}

    messages = iter([{"type": "http.request"}])

    async def receive():
        return next(messages, {"type": "http.disconnect"})

    async def send(message):
        await asyncio.sleep(0)

    asyncio.run(application(scope, receive, send))

    assert application.mock.events.listeners == set()


def test_many_listeners_that_go_leave_nothing_behind(both):
    it = both()
    for _ in range(3):
        several = [Listening(it.served) for _ in range(90)]
        for listening in several:
            listening.next("listening")
        for listening in several:
            listening.close()
        it.post()  # so that each stream meets its end
        Listening(it.served).close()


def test_a_stop_does_not_wait_for_listeners(serve_process):
    served = serve_process()
    listening = Listening(served)
    listening.next("listening")
    served.process.terminate()

    assert served.process.wait(timeout=60) == 0
    assert listening.received.read().endswith(b"0\r\n\r\n")  # the stream was ended, not cut off after a wait
    listening.close()


def test_listeners_of_a_reloaded_document_go_on(serve_process, tmp_path):
    document = tmp_path / "api.yaml"
    document.write_text(PARTNER_API.read_text())
    served = serve_process("api.yaml", "--seed", FIXTURES[PARTNER_API], "--reload")
    served.wait_for("watching")
    listening = Listening(served)
    listening.next("listening")
    (tmp_path / "next.yaml").write_text(document.read_text().replace("default: ok", "default: created"))
    os.replace(tmp_path / "next.yaml", document)

    assert listening.next("changed") == {"part": "document"}
    listening.close()


def test_a_request_meets_none_of_the_control_api_s_modules():
    code = """
import sys
from mock_server.server import cli
import mock_server.server.serving
unwanted = ("mock_server.server.control", "starlette.applications", "starlette.routing", "starlette.staticfiles")
print([name for name in sys.modules if name.startswith(unwanted)])
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert told.strip() == "[]"
