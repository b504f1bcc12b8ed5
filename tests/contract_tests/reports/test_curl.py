from __future__ import annotations

import json
import os
import re
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_outcome import AUTHORIZATION, JSON, NORTHWIND, TAG, call, finding, outcome, reply, step

from contract_tests.reports.curl import finding_script, script
from contract_tests.transport.wire import Interaction, WireRequest, WireResponse


def run(text: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in ("TOKEN", "OTHER_TOKEN", "URL", "TAG")}
    command = ["bash", "--norc", "-u"]
    return subprocess.run(
        command, input=text, env={**environment, **variables}, capture_output=True, text=True, timeout=60, errors="replace"
    )


def statuses(told: subprocess.CompletedProcess[str]) -> list[int]:
    return [int(status) for status in re.findall(r"^=> (\d+)$", told.stdout, re.MULTILINE)]


class Echo(BaseHTTPRequestHandler):
    """Keeps what it is asked."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("content-length", 0))
        with self.server.lock:
            self.server.asked.append((self.command, self.path, list(self.headers.items()), self.rfile.read(length)))
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(b"{}")

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_TRACE = do_BREW = answer  # noqa: N815

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def echo():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.asked, server.lock = [], threading.Lock()
    server.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def asked(echo, *steps: Interaction, tag: str = "", **variables: str):
    echo.asked.clear()
    told = run(script(steps, tag, url=echo.url), **{"TOKEN": "t0", **variables})
    assert told.stderr == "", told
    assert told.returncode == 0
    return list(echo.asked)


NASTY_BODIES = [
    b"",
    b"'",
    b'it\'s "quoted" \\ `id` $(id) $HOME ${HOME} !! !x %s %d %% \\n',
    b"don't!",
    b"@/etc/passwd",
    b"-",
    b"--next",
    b"line\nline\r\n\ttab\n",
    b"\n\n",
    b"\0",
    b"a\0b\0",
    b"\xff\xfe\xc3",
    b"\xed\xa0\x80",
    bytes(range(256)),
    "é e\u0301 \U0001f600 \u202e \u200b \u00a0 \u05d0 \uff21 \u212a".encode(),
    b"\x1b[31m",
    b"\\x41\\101\\c",
    b"x" * 200_000,
    b"y'" * 800_000,
]


@pytest.mark.parametrize("body", NASTY_BODIES, ids=lambda body: repr(body[:12]))
def test_a_body_arrives_byte_by_byte(echo, body):
    (received,) = asked(echo, Interaction(call("POST", "/x", body), reply()))

    assert received[3] == body


@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(max_size=40) | st.text(max_size=30).map(str.encode), min_size=6, max_size=6))
def test_any_bytes_arrive(echo, bodies):
    received = asked(echo, *(Interaction(call("POST", "/x", body), reply()) for body in bodies))

    assert [body for _, _, _, body in received] == bodies


def test_the_lines_of_a_script_hold_nothing_that_a_terminal_acts_on():
    steps = [Interaction(call("POST", "/x", body), reply(), "note \x1b[31m\n!boom") for body in NASTY_BODIES]

    text = script(steps, url="http://x")

    assert all(char.isprintable() or char == "\n" for char in text)
    assert "!boom" not in text
    assert not re.search(r'"[^"\n]*!', re.sub(r"'[^'\n]*'", "", text))


def test_method_path_query_and_headers_are_sent_as_they_are(echo):
    path = "/a/../b/%2e%2e/%00/[1]{2}/'x'/$HOME;*"
    headers = [("X-Odd", 'it\'s "$HOME" `id` é'), ("X-Empty", ""), ("Content-Type", "text/plain; charset=x"), ("X-End", "!")]
    (received,) = asked(echo, Interaction(call("BREW", path, b"{}", headers=headers, query="q=[1-3]&w=%20!!"), reply()))
    named = dict(received[2])

    assert received[:2] == ("BREW", path + "?q=[1-3]&w=%20!!")
    assert named["X-Odd"] == 'it\'s "$HOME" `id` é'
    assert named["X-Empty"] == ""
    assert named["Content-Type"] == "text/plain; charset=x"
    assert named["X-End"] == "!"
    assert "Authorization" not in named


def test_curl_adds_no_media_type_that_was_not_sent(echo):
    bare, empty = asked(
        echo,
        Interaction(call("POST", "/x", b"{}", headers=()), reply()),
        Interaction(call("PATCH", "/x", b"", headers=()), reply()),
    )

    assert "Content-Type" not in dict(bare[2])
    assert "Content-Type" not in dict(empty[2])
    assert dict(empty[2])["Content-Length"] == "0"


def test_a_head_request_ends(echo):
    assert [method for method, *_ in asked(echo, Interaction(call("HEAD", "/x"), reply()))] == ["HEAD"]


def test_tokens_are_variables_wherever_they_stand(echo):
    steps = [
        Interaction(call("POST", "/x", b'{"t": "$OTHER_TOKEN"}', headers=(AUTHORIZATION,), query="t=$TOKEN"), reply()),
        Interaction(call("GET", "/x", headers=[("Authorization", "Basic $TOKENx")]), reply()),
    ]
    first, second = asked(echo, *steps, TOKEN="to'ken", OTHER_TOKEN='o"ther')

    assert first[1] == "/x?t=to'ken"
    assert dict(first[2])["Authorization"] == "Bearer to'ken"
    assert first[3] == b'{"t": "o"ther"}'
    assert dict(second[2])["Authorization"] == "Basic to'kenx"


def test_a_masked_user_name_and_password_is_encoded_by_curl(echo):
    (received,) = asked(
        echo, Interaction(call("GET", "/x", headers=[("Authorization", "Basic base64($TOKEN)")]), reply()), TOKEN="ann:s3cret"
    )

    assert dict(received[2])["Authorization"] == "Basic YW5uOnMzY3JldA=="


def test_a_token_that_is_not_set_stops_the_script(echo):
    echo.asked.clear()
    told = run(script([step("GET", "/x")], url=echo.url))

    assert "TOKEN: set it to a token" in told.stderr
    assert echo.asked == []


def test_only_the_tokens_in_use_are_asked_for():
    assert "OTHER_TOKEN" not in script([step("GET", "/x")])
    assert "TOKEN" not in script([step("GET", "/x", headers=())])


def test_a_target_that_is_no_url_has_to_be_set(echo):
    text = script([step("GET", "/x", headers=())], url="the application shop.main:app")

    assert "URL: set it to where the target is" in run(text).stderr
    assert statuses(run(text, URL=echo.url)) == [200]


def test_the_tag_is_new_each_time_and_case_still_differs(echo):
    emails = [f"{TAG}-x@a.example", f"{TAG.upper()}-x@a.example", f"{TAG.capitalize()}-y@a.example"]
    steps = [Interaction(call("POST", "/x", {"email": email}), reply()) for email in emails]
    first, second = ([json.loads(body)["email"] for *_, body in asked(echo, *steps, tag=TAG)] for _ in range(2))

    assert first[0] != second[0]
    assert first[0] != emails[0]
    assert [len(email) for email in first] == [len(email) for email in emails]
    assert first[1] != first[0]
    assert first[1].lower() == first[0]
    assert first[2][:8] == first[1][:8]


@pytest.mark.parametrize(
    ("asked_for", "expected"),
    [
        ("/things/{}", "/things/th_new_0000000"),
        ("/things/{}/", "/things/th_new_0000000/"),
        ("/things/{}x", "/things/th_new_0000000x"),
        ("/things/THINGS_{}", "/things/THINGS_th_new_0000000"),
        ("/things?after={}&n=1", "/things?after=th_new_0000000&n=1"),
    ],
)
def test_an_id_that_the_target_made_is_taken_from_its_answer(asked_for, expected):
    old = "th_0123456789"
    made = step("POST", "/things", {"name": "a"}, 201, {"data": [{"thing": {"id": old}}]})
    path, _, query = asked_for.format(old).partition("?")
    received = scripted(
        [made, Interaction(call("GET", path, query=query), reply())], {"data": [{"thing": {"id": "th_new_0000000"}}]}
    )

    assert received[1][1] == expected


@pytest.mark.parametrize(
    ("near_miss", "expected"),
    [
        (str.upper, "TH_NEW_0000000"),
        (str.swapcase, "TH_NEW_0000000"),
        (lambda value: value[:-1], "th_new_000000"),
        (lambda value: value[1:], "h_new_0000000"),
        (lambda value: f"{value}0", "th_new_00000000"),
    ],
)
def test_a_near_miss_of_an_id_is_one_of_the_new_id(near_miss, expected):
    old = "th_0123"
    steps = [step("POST", "/things", {}, 201, {"id": old}), step("GET", f"/things/{near_miss(old)}")]

    assert scripted(steps, {"id": "th_new_0000000"})[1][1] == f"/things/{expected}"


def test_an_id_in_a_later_body_and_a_number_in_a_path_are_taken_from_the_answer():
    steps = [
        step("POST", "/things", {"name": "seven", "size": 17}, 201, {"id": 17, "owner": {"id": "ow'n$er"}}),
        step("POST", "/things/17/copies", {"owner_id": "ow'n$er", "name": "seven", "thing_id": 17, "count": 17}),
    ]
    received = scripted(steps, {"id": 18, "owner": {"id": "b`x`"}})

    assert received[1][1] == "/things/18/copies"
    assert json.loads(received[1][3]) == {"owner_id": "b`x`", "name": "seven", "thing_id": 18, "count": 17}


def test_what_the_client_sent_itself_is_no_id_of_the_target():
    steps = [
        step("POST", "/owners/ow_12345678/things", {"role_id": "r-1"}, 201, {"owner_id": "ow_12345678", "role_id": "r-1"}),
        step("GET", "/owners/ow_12345678/roles/r-1"),
    ]

    assert "pick" not in script(steps)


def test_an_answer_without_the_id_stops_the_script_there():
    steps = [step("POST", "/things", {}, 201, {"id": "th_01234567"}), step("DELETE", "/things/th_01234567")]

    assert len(scripted(steps, {"error": "no"}, complaint="python3 finds no id in the answer to step 1\n")) == 1


def scripted(steps, answer, *, complaint=""):
    """Return what a fresh server is asked by the script of the steps; it answers everything alike."""
    received = []

    class Fresh(Echo):
        def answer(self):
            length = int(self.headers.get("content-length", 0))
            received.append((self.command, self.path, dict(self.headers.items()), self.rfile.read(length)))
            content = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", 0), Fresh)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        told = run(script(steps, TAG, url=f"http://127.0.0.1:{server.server_port}"), TOKEN="t")
    finally:
        server.shutdown()
        server.server_close()
    assert told.stderr == complaint
    assert (told.returncode == 0) == (not complaint)
    return received


def test_requests_that_overlapped_are_sent_at_the_same_time():
    barrier = threading.Barrier(2)

    class Both(Echo):
        def do_POST(self):
            barrier.wait(timeout=20)
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Both)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    steps = [Interaction(call("POST", "/x", {}), WireResponse(200, (), b"", at, at + 5)) for at in (10.0, 11.0)]
    told = run(script(steps, url=f"http://127.0.0.1:{server.server_port}"), TOKEN="t")
    server.shutdown()
    server.server_close()

    assert statuses(told) == [200, 200]
    assert told.stderr == ""


def recorded(url: str, calls: list[tuple[str, str, object, str]]) -> list[Interaction]:
    """Ask a server for real; text in a path or body may name the id of an answer before, as {0[id]}."""
    steps: list[Interaction] = []
    answers: list[dict] = []
    for method, path, body, token in calls:
        path = path.format(*answers)
        content = json.dumps(body).encode() if body is not None else b""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        answer = httpx.request(method, url + path, content=content, headers=headers)
        masked = ("Authorization", "Bearer $TOKEN" if token == "acme-token" else "Bearer $OTHER_TOKEN")
        steps.append(
            Interaction(
                WireRequest(method, path, "", (masked, JSON), content), WireResponse(answer.status_code, (), answer.content)
            )
        )
        answers.append(answer.json())
    return steps


def test_pasted_against_a_fresh_mock_the_same_is_answered(serve):
    contact = {"email": f"{TAG}-o'hara\u00a0@a.example", "internal_role": "csm", "name": "x' \n\u202e"}
    steps = recorded(
        serve().url,
        [
            ("POST", NORTHWIND, contact, "acme-token"),
            ("PATCH", "/v2/internal-contacts/{0[internal_contact][id]}", {"phone": "1"}, "acme-token"),
            ("PATCH", "/v2/internal-contacts/{0[internal_contact][id]}", {"phone": "1"}, "globex-token"),
            ("PATCH", "/v2/partners/ptn_northwind/internal-contacts/{0[id]}", {"internal_role": "lead"}, "acme-token"),
            ("POST", NORTHWIND, {**contact, "email": contact["email"].upper()}, "acme-token"),
            ("POST", NORTHWIND, {"email": 1}, "acme-token"),
        ],
    )
    fresh = serve("--random-seed", "99")
    text = script(steps, TAG, url=fresh.url)
    first, second = (run(text, TOKEN="acme-token", OTHER_TOKEN="globex-token") for _ in range(2))

    assert [one.reply.status for one in steps] == [200, 200, 404, 200, 200, 422]
    assert statuses(first) == statuses(second) == [200, 200, 404, 200, 200, 422]
    assert first.stderr == second.stderr == ""


def test_the_script_of_a_finding_says_what_it_shows():
    text = finding_script(finding(times=3, out_of=40), outcome())

    assert text.startswith("# The same email twice makes two people\n# openapi.yaml#/paths/")
    assert '# /internal_contact/id: expected "ict_1", as in step 1, received "ict_2"' in text
    assert "seen 3 of 40 times" in text
    assert "${URL:-http://127.0.0.1:4010}" in text
    assert "# 2. the same again (answered 200 OK)" in text


def test_a_script_is_pasted_into_an_interactive_shell(echo):
    echo.asked.clear()
    steps = [Interaction(call("POST", "/x", body), reply(), "wow!x") for body in NASTY_BODIES[:16]]
    pasted = script(steps, url=echo.url) + "echo end\n"
    told, shown_by_history = (
        subprocess.run(
            ["bash", "--norc", "--noediting", "-i"],
            input=text.encode(),
            env={**os.environ, "TOKEN": "t", "HISTFILE": "/dev/null"},
            capture_output=True,
            timeout=60,
        )
        for text in (pasted, 'echo "wow!x"\n')
    )

    assert [body for *_, body in echo.asked] == NASTY_BODIES[:16]
    assert told.stdout.endswith(b"end\n")
    assert b"event not found" not in told.stderr
    assert b"event not found" in shown_by_history.stderr
