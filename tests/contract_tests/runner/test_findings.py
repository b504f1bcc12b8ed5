"""What counts as one cause."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contract_tests.oracle.mismatch import Mismatch
from contract_tests.runner.findings import one_for_each_cause
from contract_tests.runner.outcome import Finding
from contract_tests.transport.wire import Interaction, WireRequest, WireResponse


def finding(title, *places, part="lockstep"):
    differences = tuple(Mismatch(place, "a", "b") for place in places)
    return Finding(title, title, part, "api.yaml#/paths", "documented", "Found.", differences, ())


def causes(*findings):
    return [one.cause for one in one_for_each_cause(findings)]


def test_findings_with_wrong_values_of_the_same_fields_are_told_as_one_that_names_the_others():
    (told,) = one_for_each_cause([finding("create", "/contact/phone"), finding("update", "/phone", "/modified_at")])

    assert told.cause == "create"
    assert told.also_seen_in == ("update",)


def test_all_that_a_finding_stands_for_are_named():
    (told,) = one_for_each_cause([finding(str(number), "/phone") for number in range(9)])

    assert told.also_seen_in == tuple("12345678")


def test_what_is_wrong_simultaneously_too_is_told_once():
    assert causes(finding("one by one", "/id"), finding("race", "/contact/id", part="races")) == ["one by one"]


@pytest.mark.parametrize(
    "other",
    [
        finding("other", "/name"),
        finding("other", "/phone", part="shape"),
        finding("other", "/phone", part="refusals"),
        finding("other", "status"),
        finding("other"),
    ],
)
def test_other_findings_stay(other):
    assert causes(finding("one", "/phone"), other) == ["one", "other"]


def test_documented_findings_come_first_and_then_the_shortest():
    step = Interaction(WireRequest("GET", "/"), WireResponse(200))
    long, short = (replace(finding(name, "status"), steps=(step,) * steps) for name, steps in (("long", 2), ("short", 1)))

    assert causes(replace(short, cause="assumed", source="assumed"), long, short) == ["short", "long", "assumed"]


def test_a_wrong_status_never_stands_for_another_one():
    assert causes(finding("one", "status"), replace(finding("other", "status"), steps=())) == ["one", "other"]
