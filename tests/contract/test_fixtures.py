from __future__ import annotations

import pytest
from small_document import SMALL, edited

from mock_server.contract.files.flaws import FlawedInput
from mock_server.engine.credentials import Limit
from mock_server.engine.fixtures import no_fixtures, read_fixtures
from mock_server.engine.generating import SECOND, Generator

VISITS = """\
    Town:
      type: object
      required: [id]
      properties: {id: {type: integer}}
      x-resource: {}
    Visit:
      type: object
      required: [id, guest, town]
      properties:
        id: {type: string}
        guest: {$ref: '#/components/schemas/Guest'}
        town: {anyOf: [{$ref: '#/components/schemas/Town'}, {type: 'null'}]}
        stars: {type: integer, maximum: 5, default: 3}
        kind: {type: string}
      x-resource: {owner: organization, type-name: {kind: visit}}
    NewGuest:
"""
FIXTURES = """\
organizations:
  acme:
    tokens: [acme-token, other-token]
    resources:
      Guest:
        - {id: g1, email: a@b, since: '2026-01-15T09:30:00Z'}
        - {id: g2, email: b@b, age: 7}
      Visit:
        - {id: v1, guest: g1, town: 1}
        - {id: v2, guest: g1, town: null, stars: 5}
  globex:
    tokens: [globex-token]
shared:
  Town:
    - {id: 1}
"""


@pytest.fixture
def read(load, tmp_path):
    """Read fixtures for guests and their visits."""

    def read(text: str):
        contract = load(edited(SMALL, ("    NewGuest:\n", VISITS)))
        file = tmp_path / "fixtures.yaml"
        file.write_text(text)
        return read_fixtures(file, contract, Generator(clock=lambda: 1_768_469_400 * SECOND, random_seed=1))

    return read


def test_fixtures_tell_organizations_tokens_and_records(read):
    fixtures = read(FIXTURES)

    assert fixtures.organizations == ["acme", "globex"]
    assert (fixtures.tokens["other-token"], fixtures.token_of("acme"), fixtures.token_of("globex")) == ("acme", "acme-token", "globex-token")  # fmt: skip
    assert read(FIXTURES).seed == fixtures.seed


def test_a_credential_may_be_for_one_kind_of_scheme_and_have_scopes(read):
    entries = "[{token: t, scopes: [read]}, {api-key: k}, {username: u, password: 'p: w'}, {username: v}, plain]"
    fixtures = read(edited(FIXTURES, ("[globex-token]", entries)))

    assert [text for text, owner in fixtures.tokens.items() if owner == "globex"] == ["t", "k", "u:p: w", "v", "plain"]
    assert fixtures.limits == {
        "t": Limit("token", frozenset({"read"})),
        "k": Limit("api-key"),
        "u:p: w": Limit("username"),
        "v": Limit("username"),
    }


def test_what_a_record_leaves_out_is_made_by_the_server_null_or_the_default(read):
    resources = read(FIXTURES).seed.records

    assert resources["Guest"]["acme"]["g2"]["age"] == 7
    assert resources["Guest"]["acme"]["g1"]["age"] is None
    assert resources["Guest"]["acme"]["g2"]["since"] == "2026-01-15T09:30:00.000000Z"
    assert resources["Visit"]["acme"]["v1"] == {"id": "v1", "guest": "g1", "town": 1, "stars": 3, "kind": "visit"}
    assert resources["Town"][None] == {1: {"id": 1}}


def test_a_document_without_fixtures_has_one_organization_and_nothing_stored():
    fixtures = no_fixtures()

    assert (fixtures.organizations, fixtures.token_of("mock")) == (["mock"], "mock-token")


GUEST = "        - {id: g1, email: a@b, since: '2026-01-15T09:30:00Z'}"
FIRST = "/organizations/acme/resources/Guest/0"
VISIT = "        - {id: v1, guest: g1, town: 1}"
FLAWS = {
    "an unknown key": (("shared:", "shard:"), "/shard", "'shard' is not known here", "did you mean 'shared'?"),
    "no tokens": (("tokens: [globex-token]", "tokens: []"), "/organizations/globex/tokens", "needs at least 1", ""),
    "tokens left out": (("  globex:\n    tokens: [globex-token]", "  globex: {}"), "/organizations/globex/tokens", "'tokens' is missing", ""),
    "an organization of nothing": (("  globex:\n    tokens: [globex-token]", "  globex:"), "/organizations/globex", "has to be a mapping, not null", ""),
    "a token that is a number": (("[globex-token]", "[7]"), "/organizations/globex/tokens/0", "has to be a text, not 7", ""),
    "a token of two": (("[globex-token]", "[acme-token]"), "/organizations/globex/tokens/0", "this token stands twice", "one organization"),
    "a token with a space": (("[globex-token]", "[a b]"), "/organizations/globex/tokens/0", "ASCII text without white space", ""),
    "a token of nothing": (("[globex-token]", "['']"), "/organizations/globex/tokens/0", "ASCII text without white space", ""),
    "a token of null": (("[globex-token]", "[null]"), "/organizations/globex/tokens/0", "has to be a text or a mapping, not null", ""),
    "a credential of an unknown kind": (("[globex-token]", "[{api_key: k}]"), "/organizations/globex/tokens/0/api_key", "'api_key' is not known here", "did you mean 'api-key'?"),
    "a credential of two kinds": (("[globex-token]", "[{api-key: k, token: t}]"), "/organizations/globex/tokens/0", "a credential is one thing, not 2", "more than one entry"),
    "a credential of no kind": (("[globex-token]", "[{scopes: [read]}]"), "/organizations/globex/tokens/0", "a credential is one thing, not 0", "a `token`, an `api-key`, or a `username`"),
    "a key with a password": (("[globex-token]", "[{api-key: k, password: p}]"), "/organizations/globex/tokens/0/password", "'api-key' has no password", "goes with a `username`"),
    "a key with a space": (("[globex-token]", "[{api-key: a b}]"), "/organizations/globex/tokens/0/api-key", "a key is ASCII text without white space", ""),
    "a user name with a colon": (("[globex-token]", "[{username: 'a:b', password: c}]"), "/organizations/globex/tokens/0", "no name has a colon", ""),
    "a user and a token that are the same": (("[globex-token]", "[{username: acme-token}]"), "/organizations/globex/tokens/0", "this token stands twice", "one organization"),
    "a password that is a number": (("[globex-token]", "[{username: a, password: 7}]"), "/organizations/globex/tokens/0/password", "has to be a text, not 7", "put it in quotes"),
    "one scope": (("[globex-token]", "[{token: t, scopes: read}]"), "/organizations/globex/tokens/0/scopes", "has to be a list, not 'read'", ""),
    "an unknown resource": (("      Guest:", "      Gest:"), "/organizations/acme/resources/Gest", "'Gest' is not a resource", "did you mean 'Guest'?"),
    "a mapping of records": ((f"      Guest:\n{GUEST}\n        - {{id: g2, email: b@b, age: 7}}", "      Guest: {g1: {}}"), "/organizations/acme/resources/Guest", "has to be a list", ""),
    "a shared guest": (("  Town:", "  Guest: []\n  Town:"), "/shared/Guest", "Guest has an owner", "put it under an organization"),
    "a town of an organization": (("      Visit:", "      Town: []\n      Visit:"), "/organizations/acme/resources/Town", "Town has no owner", "put it under `shared`"),
    "a record that is a text": ((GUEST, "        - g1"), FIRST, "a record is a mapping, not 'g1'", ""),
    "an unknown field": ((GUEST, GUEST.replace("}", ", ag: 7}")), f"{FIRST}/ag", "Guest has no field 'ag'", "did you mean 'age'?"),
    "a wrong value": ((GUEST, GUEST.replace("a@b", "7")), f"{FIRST}/email", 'not of type "string"', ""),
    "a value too large": (("stars: 5", "stars: 6"), "/organizations/acme/resources/Visit/1/stars", "5", ""),
    "a missing field": ((GUEST, GUEST.replace("email: a@b, ", "")), FIRST, "'email' is missing", ""),
    "a missing id": ((GUEST, GUEST.replace("id: g1, ", "")), FIRST, "'id' is missing", ""),
    "a list as id": ((GUEST, GUEST.replace("g1", "[]")), f"{FIRST}/id", 'not of type "string"', ""),
    "an id twice": ((GUEST, GUEST.replace("g1", "g2")), "/organizations/acme/resources/Guest/1/id", "the id 'g2' stands twice", ""),
    "a key twice": ((GUEST, GUEST.replace("a@b", "b@b")), "/organizations/acme/resources/Guest/1/email", "the key 'b@b' stands twice", ""),
    "a reference to nobody": ((VISIT, VISIT.replace("g1", "g3")), "/organizations/acme/resources/Visit/0/guest", "'g3' is not the id of a Guest here", "it may be one of: g1, g2"),
    "a reference of another type": ((VISIT, VISIT.replace("town: 1", "town: [1]")), "/organizations/acme/resources/Visit/0/town", "[1] is not the id of a Town", ""),
    "a reference left out": ((VISIT, VISIT.replace("guest: g1, ", "")), "/organizations/acme/resources/Visit/0", "'guest' is missing", ""),
    "a null that may not be": ((VISIT, VISIT.replace("guest: g1", "guest: null")), "/organizations/acme/resources/Visit/0/guest", "null is not the id of a Guest", ""),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "pointer", "message", "hint"), FLAWS.values(), ids=FLAWS)
def test_fixtures_that_do_not_fit_the_contract_are_refused(read, edit, pointer, message, hint):
    with pytest.raises(FlawedInput) as raised:
        read(edited(FIXTURES, edit))

    told = [(flaw.line, flaw.pointer, flaw.message, flaw.hint) for flaw in raised.value.flaws]
    assert any(at > 0 and where == pointer and message in text and hint in right for at, where, text, right in told), told


@pytest.mark.parametrize("text", ["", "[]", "organizations: []", "organizations: {}", "organizations: {a: 1}", "x"])
def test_fixtures_of_another_shape_are_refused(read, text):
    with pytest.raises(FlawedInput):
        read(text)


def test_a_record_of_another_organization_is_not_there(read):
    visit = "    tokens: [globex-token]\n    resources: {Visit: [{id: v3, guest: g1, town: 1}]}"

    with pytest.raises(FlawedInput, match="'g1' is not the id of a Guest here\n  there is no Guest here"):
        read(edited(FIXTURES, ("    tokens: [globex-token]", visit)))
