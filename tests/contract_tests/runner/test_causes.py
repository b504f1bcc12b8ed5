"""What counts as one cause."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from places import PARTNER_API

from contract_tests.oracle.mismatch import STATUS, Mismatch
from contract_tests.runner.causes import one_for_each_cause, traits_of
from contract_tests.runner.failures import Failure
from contract_tests.runner.outcome import Finding
from contract_tests.scenarios.templates import PlannedRequest
from contract_tests.transport.wire import Interaction, WireRequest, WireResponse
from mock_server.engine.loading import load_contract

ADD, CREATE, CHANGE, UPDATE = load_contract(PARTNER_API).operations


def step(method: str = "POST", status: int = 200, organization: str = "acme") -> Interaction:
    return Interaction(WireRequest(method, "/", organization=organization), WireResponse(status))


def failure(*differences: Mismatch, operation: Any = ADD, note: str = "", query: Any = None, **more: Any) -> Failure:
    known: dict[str, Any] = {"kind": "answer", "received_status": 200, **more}
    planned = PlannedRequest(1, operation, note, query=query or {})
    return Failure(planned=planned, differences=differences, **known)


def wrong(*places: str, kind: str = "", **more: Any) -> Failure:
    return failure(*(Mismatch(place, "a", "b", kind) for place in places), **more)


def accepted(why: str, **more: Any) -> Failure:
    refusal = {"expected_problem": "invalid", "expected_success": False, "expected_why": why}
    return wrong(STATUS, **{**refusal, **more})


def are_one(one: Failure, other: Failure, one_steps: Any = (), other_steps: Any = ()) -> bool:
    return bool(set(traits_of(one, one_steps or [step()])) & set(traits_of(other, other_steps or [step()])))


def finding(title: str, *traits: str, steps: int = 1, part: Any = "lockstep", source: Any = "documented") -> Finding:
    return Finding(title, title, part, "api.yaml#/paths", source, "", (), (step(),) * steps, traits=traits)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (wrong("/contact/phone"), wrong("/phone", "/modified_at", operation=UPDATE)),
        (accepted("/email type"), accepted("/email type", operation=CREATE)),
        (accepted("a known token", expected_problem="unauthenticated"), accepted("a known token", operation=UPDATE)),
        (wrong("/items", "/total", kind="order"), wrong("/items", kind="order", query={"state": "open"})),
        (wrong("/total", kind="total of a list"), wrong("header X-Total", kind="total of a list", operation=UPDATE)),
        (wrong("/contact/id", "/contact/phone", kind="another record"), wrong("/contact/id", kind="another record")),
        (wrong("/created_at", kind="", note="x"), wrong("/created_at", operation=CREATE, note="y")),
        (failure(kind="error", note="deep JSON"), failure(kind="error", note="deep JSON", operation=UPDATE)),
    ],
)
def test_what_is_wrong_in_the_same_way_has_one_cause(one, other):
    assert are_one(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (wrong("/phone"), wrong("/name")),
        (accepted("/email type"), accepted("/email maxLength")),
        (accepted("/email type"), wrong("/email")),
        (wrong("/items", kind="extra", query={"state": "open"}), wrong("/items", kind="extra", query={"board": 1})),
        (wrong("/items", kind="extra"), wrong("/items", kind="order")),
        (wrong("/items", kind="order"), wrong("/items", kind="order", operation=UPDATE)),
        (wrong("/contact/id", "/contact/phone", kind="another record"), wrong("/phone")),
        (wrong("/contact/id", kind="another record"), wrong("/contact/id", kind="reused record")),
        (wrong("/phone"), failure(Mismatch("/phone", "a", "b"), kind="shape")),
    ],
)
def test_what_is_wrong_in_another_way_has_another_cause(one, other):
    assert not are_one(one, other)


def test_what_is_removed_and_what_is_of_another_organization_are_told_apart():
    gone, foreign, unknown = accepted("There is no Card with id *"), accepted("There is no Card with id *"), accepted("other")
    after, across = [step("DELETE", 204), step("GET")], [step(), step(organization="globex")]

    assert not are_one(gone, foreign, after, across)
    assert are_one(foreign, accepted("another text", operation=UPDATE), across, across)
    assert not are_one(unknown, foreign)


def test_a_finding_names_those_that_share_one_of_its_traits():
    first, second, third = finding("one", "a"), finding("two", "a", "b", steps=2), finding("three", "b", steps=3)

    told = one_for_each_cause([third, second, first])

    assert [(one.title, one.also_seen_in) for one in told] == [("one", ("two",)), ("three", ())]


def test_what_is_documented_comes_first_then_what_is_wrong_one_by_one_then_the_shortest():
    assumed, race, long, short = (
        finding("assumed", source="assumed"),
        finding("race", part="races"),
        finding("long", steps=2),
        finding("short"),
    )

    assert one_for_each_cause([assumed, race, long, short]) == [short, long, race, assumed]


def test_a_finding_without_traits_stands_alone():
    one = finding("one")

    assert one_for_each_cause([one, replace(one, cause="other")]) == [one, replace(one, cause="other")]
