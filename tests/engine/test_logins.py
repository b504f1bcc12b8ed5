"""Records that authenticate callers: logins, tokens that end, and what is stored and never shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from places import DOORS, FIXTURES

from mock_server.contract.access.redaction import MASKED
from mock_server.contract.files.flaws import FlawedInput
from mock_server.exchange.messages import Answer, Request
from mock_server.server.control.views import exchange
from mock_server.server.mock import Mock
from mock_server.server.settings import Settings

ANN = {"email": "ann@acme.example", "password": "correct horse"}
BOB = {"email": "bob@globex.example", "password": "battery staple"}


def copied(path: Path, to: Path, edits: tuple[tuple[str, str], ...]) -> Path:
    """Return a copy of a file with each old part, which stands there once, replaced by the new one."""
    text = path.read_text()
    for old, new in edits:
        assert text.count(old) == 1, (text.count(old), old)
        text = text.replace(old, new)
    (to / path.name).write_text(text)
    return to / path.name


class Doors:
    def __init__(self, mock: Mock) -> None:
        self.mock = mock

    def ask(self, method: str, path: str, body: object = None, token: str = "", **headers: str) -> Answer:
        sent = {name.encode(): value.encode() for name, value in headers.items()}
        if token:
            sent[b"authorization"] = f"Bearer {token}".encode()
        content = b"" if body is None else json.dumps(body).encode()
        return self.mock.answer(Request(method, path, "", {b"content-type": b"application/json", **sent}, content))[0]

    def login(self, body: object = ANN) -> str:
        return self.ask("POST", "/login", body).body["token"]

    def status(self, token: str) -> int:
        return self.ask("GET", "/notes", token=token).status


@pytest.fixture
def doors(tmp_path: Path) -> Callable[..., Doors]:
    def make(*edits: tuple[str, str], people: tuple[tuple[str, str], ...] = ()) -> Doors:
        document, fixtures = copied(DOORS, tmp_path, edits), copied(FIXTURES[DOORS], tmp_path, people)
        return Doors(Mock.from_settings(Settings(document=document, seed=fixtures)))

    return make


def test_a_login_with_the_right_password_gives_a_token_that_authenticates(doors):
    api = doors()
    token = api.login()

    assert api.status(token) == 200


def test_a_token_is_for_the_organization_of_the_record_that_the_login_found(doors):
    api = doors()
    made = api.ask("POST", "/notes", {"text": "of acme"}, api.login()).body

    assert api.ask("GET", "/notes", token=api.login()).body == [made]
    assert api.ask("GET", "/notes", token=api.login(BOB)).body == []


@pytest.mark.parametrize(
    "body",
    [
        ANN | {"password": "wrong"},
        ANN | {"email": "nobody@acme.example"},
        ANN | {"password": BOB["password"]},
        ANN | {"password": "Correct horse"},
    ],
    ids=["another password", "nobody", "the password of another", "another case"],
)
def test_whatever_is_wrong_with_a_login_is_refused_in_the_same_words(doors, body):
    api = doors()
    refused = api.ask("POST", "/login", body)

    assert refused.status == 401
    assert refused.body == api.ask("POST", "/login", {"email": "who", "password": "what"}).body


def test_a_token_that_nobody_was_given_is_refused(doors):
    api = doors()
    api.login()

    assert (api.status("another"), api.status("")) == (401, 401)


def test_after_a_logout_its_token_is_refused_and_others_stay(doors):
    api = doors()
    ended, other = api.login(), api.login()

    assert api.ask("POST", "/logout", token=ended).status == 204
    assert (api.status(ended), api.status(other)) == (401, 200)


def test_a_refresh_gives_another_token_in_place_of_the_one_before(doors):
    api = doors()
    before = api.login()
    after = api.ask("POST", "/refresh", token=before).body["token"]

    assert (api.status(before), api.status(after)) == (401, 200)


def test_a_token_ends_by_the_clock_of_the_mock(doors):
    api = doors()
    token = api.login()
    api.mock.clock.advance(timedelta(minutes=59))
    before = api.status(token)
    api.mock.clock.advance(timedelta(minutes=2))

    assert (before, api.status(token)) == (200, 401)


@pytest.mark.parametrize("form", ["seconds", "milliseconds", "date-time"])
def test_the_end_of_a_token_may_be_written_in_any_form(doors, form):
    number = "{type: string}" if form == "date-time" else "{type: integer}"
    later = "'2026-01-15T10:00:00+01:00'" if form == "date-time" else 1768467600 * (1000 if form == "milliseconds" else 1)
    edits = (
        ("set: {person_id: $person.id, token: $generated, expires_at: {$later: 1h}}",
         f"set: {{person_id: $person.id, token: $generated, expires_at: {later}}}"),
        ("        - answer: {token: $session.token, expires_at: $session.expires_at}\n          status: 200",
         "        - answer: {token: $session.token}\n          status: 200"),
        ("set: {token: $generated, expires_at: {$later: 1h}}", "set: {token: $generated}"),
        ("        - answer: {token: $session.token, expires_at: $session.expires_at}\n  /people:",
         "        - answer: {token: $session.token}\n  /people:"),
        ("        expires_at: {type: string, format: date-time}\n", f"        expires_at: {number}\n"),
        ("required: [token, expires_at]", "required: [token]"),
    )  # fmt: skip
    api = doors(*edits)
    api.mock.clock.freeze(api.mock.clock.now().replace(year=2026, month=1, day=15, hour=8, minute=59))
    token = api.login()
    before = api.status(token)
    api.mock.clock.advance(timedelta(minutes=2))

    assert (before, api.status(token)) == (200, 401)


def test_what_is_written_may_name_the_user_of_the_caller(doors):
    api = doors()

    assert api.ask("POST", "/notes", {"text": "mine"}, api.login()).body["author_id"] == "p1"
    assert api.ask("POST", "/notes", {"text": "mine"}, "ann-token").body["author_id"] == "p1"
    assert api.ask("POST", "/notes", {"text": "whose"}, "acme-token").body["author_id"] is None


def test_what_is_stored_and_never_shown_is_in_no_answer(doors):
    api = doors()
    made = api.ask("POST", "/people", {"email": "eve@acme.example", "password": "hush", "name": "Eve"}, "acme-token")
    shown = api.ask("GET", f"/people/{made.body['id']}", token="acme-token")

    assert "password" not in made.body
    assert shown.body == made.body
    assert api.status(api.login({"email": "eve@acme.example", "password": "hush"})) == 200


def test_the_state_that_is_taken_out_and_put_back_has_what_is_never_shown(doors):
    api = doors()
    state = api.mock.state()

    assert state["organizations"]["acme"]["Person"][0]["password"] == ANN["password"]


def test_secrets_are_masked_in_what_is_kept_of_exchanges(doors):
    api = doors()
    token = api.login()
    api.status(token)
    shown = json.dumps([exchange(entry, api.mock.redactor) for entry in api.mock.journal], default=str)

    assert ANN["password"] not in shown
    assert token not in shown
    assert MASKED in shown


def test_the_journal_tells_for_whom_a_request_with_a_token_of_a_login_was(doors):
    api = doors()
    api.status(api.login(BOB))

    assert api.mock.journal.entries()[-1].organization == "globex"


SCOPED = (
    ("credential: {scheme: session, secret: token,", "credential: {scopes: may, scheme: session, secret: token,"),
    ("        person_id: {type: string}\n", "        person_id: {type: string}\n        may: {type: [array, 'null'], items: {type: string}}\n"),
    ("token: $generated, expires_at: {$later: 1h}}\n          as: session\n        - answer: {token: $session.token, expires_at: $session.expires_at}\n          status: 200",
     "token: $generated, may: $person.may, expires_at: {$later: 1h}}\n          as: session\n        - answer: {token: $session.token, expires_at: $session.expires_at}\n          status: 200"),
    ("stored: {password: {type: string}}", "stored: {password: {type: string}, may: {type: [array, 'null'], items: {type: string}}}"),
    ("      operationId: listNotes\n", "      operationId: listNotes\n      security: [{session: [read]}]\n"),
)  # fmt: skip


def test_a_record_has_the_scopes_that_it_holds_and_all_without_any(doors):
    api = doors(*SCOPED, people=(("password: correct horse}", "password: correct horse, may: [write]}"),))

    assert (api.status(api.login()), api.status(api.login(BOB))) == (403, 200)


API_KEYS = (
    ("session: {type: http, scheme: bearer}", "session: {type: apiKey, in: header, name: X-Key}"),
)  # fmt: skip


def test_keys_may_stand_in_a_header_of_their_own(doors):
    api = doors(*API_KEYS, people=(("token: ann-token", "api-key: ann-token"),))

    assert api.ask("GET", "/notes", **{"x-key": api.login()}).status == 200
    assert api.ask("GET", "/notes", **{"x-key": "another"}).status == 401


BASIC = (
    ("session: {type: http, scheme: bearer}", "session: {type: http, scheme: basic}"),
    ("stored: {password: {type: string}}}", "stored: {password: {type: string}}, credential: {scheme: session, name: email, secret: password}}"),
)  # fmt: skip


def test_people_may_authenticate_by_their_own_password(doors):
    api = doors(*BASIC, people=(("token: ann-token", "username: ann-token"),))
    good, wrong = "Basic YW5uQGFjbWUuZXhhbXBsZTpjb3JyZWN0IGhvcnNl", "Basic YW5uQGFjbWUuZXhhbXBsZTp3cm9uZw=="

    assert api.ask("GET", "/notes", authorization=good).status == 200
    assert api.ask("GET", "/notes", authorization=wrong).status == 401


CREDENTIAL = "credential: {scheme: session, secret: token, expires: expires_at, user: person_id}"

FLAWS = [
    (CREDENTIAL, "credential: {scheme: sesion, secret: token}", "there is no security scheme 'sesion'"),
    (CREDENTIAL, "credential: {scheme: session, secret: tokn}", "Session has no field 'tokn'"),
    (CREDENTIAL, "credential: {scheme: session, secret: token, name: person_id}", "only the scheme `basic` has a user name"),
    (CREDENTIAL, "credential: {scheme: session}", "'secret' is missing"),
    (CREDENTIAL, "type-name: {}", "no record authenticates the callers of this operation"),
    ("author_id: $caller.person_id", "author_id: $caller.persn_id", "Session has no field 'persn_id'"),
    (
        "stored: {password: {type: string}}",
        "stored: {name: {type: string}, password: {type: string}}",
        "shows its field 'name'",
    ),
    ("stored: {password: {type: string}}", "stored: {password: {type: text}}", "this is no JSON Schema"),
    ("          anywhere: true\n", "", "Person belongs to an organization, but this operation has no token"),
    ("          anywhere: true\n", "          anywhere: true\n          foreign: hidden\n", "no organization is another one"),
    ("otherwise: unauthenticated", "otherwise: accept", "without a record, nothing tells whose records"),
    ("      security: []\n", "", "it is known already whose records are meant"),
    ("x-resource: {owner: organization, key: [email],", "x-resource: {key: [email],", "Person belongs to no organization"),
]


@pytest.mark.parametrize(("old", "new", "told"), FLAWS, ids=[told for _, _, told in FLAWS])
def test_what_does_not_fit_is_told_at_the_start(doors, old, new, told):
    with pytest.raises(FlawedInput) as refused:
        doors((old, new))

    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("edits", "user", "told"),
    [((), "user: p9", "no record of acme has the id 'p9'"), (((", user: person_id", ""),), "user: p1", "nothing asks whose")],
)
def test_a_credential_of_fixtures_names_a_user_who_is_there_and_asked_for(doors, edits, user, told):
    edits = (*edits, ("set: {author_id: $caller.person_id}", "set: {author_id: $caller.person_id}")) if edits else ()
    with pytest.raises(FlawedInput) as refused:
        doors(*edits, people=(("user: p1", user),))

    assert told in str(refused.value)
