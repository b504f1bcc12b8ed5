"""Entity tags: what has changed is read, and what has not is written (RFC 9110 section 13)."""

from __future__ import annotations

import pytest
from workshop import Workshop, workshop_with

from mock_server.contract.files.flaws import FlawedInput
from mock_server.exchange.messages import Answer

CHANGE = "          where: {id: $request.path.order_id}\n          from: $request.body"
LOOK = "        - find: Order\n          where: {id: $request.path.order_id}"


def tag_of(answer: Answer) -> str:
    return dict(answer.headers).get("ETag", "")


def test_a_tag_stays_as_long_as_the_record_does():
    api = Workshop()
    order = api.placed()
    first, second = api.ask("GET", order), api.ask("GET", order)
    changed = api.ask("PATCH", order, {"item": "Bed"})
    back = api.ask("PATCH", order, {"item": "Bed"})

    assert tag_of(first) == tag_of(second) != tag_of(changed) == tag_of(back) == tag_of(api.ask("GET", order))
    assert tag_of(first)[0] == tag_of(first)[-1] == '"'


def test_what_is_made_has_its_tag_at_once_and_what_is_refused_has_none():
    api = Workshop()
    made = api.ask("POST", "/orders", {"item": "Chair"})

    assert tag_of(made) == tag_of(api.ask("GET", f"/orders/{made.body['id']}"))
    assert tag_of(api.ask("GET", "/orders/ord_none")) == ""


@pytest.mark.parametrize(
    ("condition", "status"),
    [("{}", 304), ("W/{}", 304), ('"other" , {}', 304), ("*", 304), ('"other"', 200), ("", 200)],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_the_client_has_already_is_not_sent_again(method, condition, status):
    api = Workshop()
    order = api.placed()
    tag = tag_of(api.ask("GET", order))
    answer = api.ask(method, order, If_None_Match=condition.format(tag))

    assert answer.status == status
    assert tag_of(answer) == tag
    assert (answer.content() == b"") == (status == 304)


@pytest.mark.parametrize(
    ("condition", "status"),
    [("{}", 200), ('"other", {}', 200), ("*", 200), ("W/{}", 412), ('"other"', 412), ("nonsense", 412)],
)
def test_what_somebody_else_has_changed_is_not_overwritten(condition, status):
    api = Workshop()
    order = api.placed()
    seen = api.ask("GET", order)
    answer = api.ask("PATCH", order, {"item": "Bed"}, If_Match=condition.format(tag_of(seen)))

    assert answer.status == status
    assert answer.problem == (None if status == 200 else "precondition-failed")
    assert (api.ask("GET", order).body == seen.body) == (status == 412)


def test_a_tag_of_before_is_refused_and_nothing_is_removed():
    api = Workshop()
    order = api.placed()
    stale = tag_of(api.ask("GET", order))
    api.ask("PATCH", order, {"item": "Bed"})

    assert api.ask("DELETE", order, If_Match=stale).status == 412
    assert api.ask("DELETE", order, If_Match=tag_of(api.ask("GET", order))).status == 204


def test_what_is_not_there_or_not_as_required_is_told_before_the_tag_is_looked_at():
    api = Workshop()

    assert api.ask("DELETE", "/orders/ord_none", If_Match='"1"').status == 404
    assert api.ask("DELETE", api.at("started"), If_Match='"1"').status == 409


@pytest.mark.parametrize("is_required", [False, True])
def test_a_tag_may_be_required(tmp_path, is_required):
    parameter = f"parameters: [{{name: if-match, in: header, required: {str(is_required).lower()}, schema: {{type: string}}}}]"
    edits = (
        (CHANGE, f"          if-match: required\n{CHANGE}"),
        ("operationId: changeOrder", f"operationId: changeOrder\n      {parameter}"),
    )
    api = Workshop(workshop_with(tmp_path, *edits))
    order = api.placed()
    missing = api.ask("PATCH", order, {"item": "Bed"})

    assert (missing.status, missing.problem) == (428, "precondition-required")
    assert api.ask("PATCH", order, {"item": "Bed"}, If_Match=tag_of(api.ask("GET", order))).status == 200
    assert api.ask("DELETE", order).status == 204


def test_a_tag_may_be_ignored_or_looked_at_by_a_step_that_only_finds(tmp_path):
    ignoring = Workshop(workshop_with(tmp_path, (CHANGE, f"          if-match: ignored\n{CHANGE}")))
    finding = Workshop(workshop_with(tmp_path, (LOOK, f"{LOOK}\n          if-match: optional")))

    assert ignoring.ask("PATCH", ignoring.placed(), {"item": "Bed"}, If_Match='"1"').status == 200
    assert finding.ask("GET", finding.placed(), If_Match='"1"').status == 412


def test_a_weak_tag_is_for_reading_alone(tmp_path):
    api = Workshop(workshop_with(tmp_path, ("etag: strong", "etag: weak")))
    order = api.placed()
    tag = tag_of(api.ask("GET", order))

    assert tag.startswith('W/"')
    assert api.ask("GET", order, If_None_Match=tag).status == 304
    assert api.ask("GET", order, If_None_Match=tag.removeprefix("W/")).status == 304
    assert api.ask("PATCH", order, {"item": "Bed"}, If_Match=tag).status == 412
    assert api.ask("PATCH", order, {"item": "Bed"}, If_Match="*").status == 200


def test_the_status_of_a_failed_condition_may_be_declared(tmp_path):
    api = Workshop(workshop_with(tmp_path, ("security:", "x-problems: {precondition-failed: {status: 409}}\nsecurity:")))

    assert api.ask("PATCH", api.placed(), {"item": "Bed"}, If_Match='"1"').status == 409


FLAWS = {
    "no tag": (
        (CHANGE, f"          if-match: required\n{CHANGE}"),
        ("        etag: strong\n", ""),
        "no tag that could match",
        "etag",
    ),
    "a weak tag": (
        (CHANGE, f"          if-match: required\n{CHANGE}"),
        ("strong", "weak"),
        "a weak tag never matches",
        "etag: strong",
    ),
    "unknown sort": (("strong", "strnog"), ("strnog", "strnog"), "'strnog' is not known", "did you mean 'strong'?"),
    "unknown word": (
        (CHANGE, f"          if-match: always\n{CHANGE}"),
        ("strong", "strong"),
        "'always' is not an outcome",
        "optional",
    ),
}


@pytest.mark.parametrize(("one", "other", "message", "hint"), FLAWS.values(), ids=FLAWS.keys())
def test_a_tag_that_has_no_effect_is_a_flaw(tmp_path, one, other, message, hint):
    with pytest.raises(FlawedInput) as raised:
        workshop_with(tmp_path, one, other)

    assert any(message in flaw.message and hint in flaw.hint for flaw in raised.value.flaws), raised.value.flaws
