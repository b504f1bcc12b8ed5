"""By what findings of one cause are known: what is wrong, and under which circumstances.

One mistake in a deployment shows in many responses: of several operations, of several statuses, one by one and simultaneously.
A *trait* is a text that such responses have in common, and that those of another mistake do not have.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from contract_tests.oracle.mismatch import Mismatch
from contract_tests.oracle.plain_values import shown_value
from contract_tests.runner.failures import Failure, generalized
from contract_tests.runner.outcome import Finding
from contract_tests.transport.wire import Interaction

ACROSS, REMOVED = " across organizations", " after a removal"

WRONG_RECORDS = ("another record", "reused record")
"""What is wrong with the id of a record: it is that of another one, or that of an earlier one where it has to be new."""

SEVERAL = 3
"""So many things that one operation gets wrong in the same way are one: it does not do so at all."""

ONE_OPERATION = frozenset({"size", "extra", "order", "gap", "start", "end", "walk", "count"})
"""What is wrong with lists in a way that each operation has of its own."""


def way_of(failure: Failure, steps: Sequence[Interaction]) -> str:
    """Return in which way an operation is wrong, whatever it is wrong about; an empty text where that says nothing."""
    if failure.is_accepted:
        return f"{failure.operation.id} accepts {failure.expected_problem}"
    if failure.kind != "answer" or not all(one.is_value and not one.kind for one in failure.differences):
        return ""
    sent = (step for step in reversed(steps) for one in failure.differences if sends(step, one))
    writer = next((step.call.operation for step in sent), None)
    return f"{writer or failure.operation.id} stores other values"


def sends(step: Interaction, difference: Mismatch) -> bool:
    """Say whether the body of a request has the value that was expected, under the same name."""
    try:
        body = json.loads(step.call.body)
    except ValueError:
        return False
    name = name_in(difference.place)
    return isinstance(body, dict) and name in body and shown_value(body[name]) == difference.expected


def traits_of(failure: Failure, steps: Sequence[Interaction]) -> tuple[str, ...]:
    """Return the traits of a failure that a sequence shows: the last of its steps is the wrong one."""
    return tuple(sorted(set(_traits(failure, circumstance(steps)))))


def circumstance(steps: Sequence[Interaction]) -> str:
    """Return what had to go before the last step for it to be wrong; an empty text where that is nothing special."""
    if not steps:
        return ""
    *before, last = steps
    if {step.call.organization for step in before} - {last.call.organization, None}:
        return ACROSS
    if any(step.call.method == "DELETE" and step.reply.is_success for step in before):
        return REMOVED
    return ""


def _traits(failure: Failure, under: str) -> Iterator[str]:
    operation, note, status = failure.operation.id, failure.planned.note, failure.received_status
    if failure.kind in ("error", "trouble"):
        yield f"{failure.kind} {status} {note}"
        yield f"{failure.kind} {status} {operation}"
    elif failure.is_accepted or failure.is_refused:
        yield f"accepts {failure.expected_why}{under}" if failure.is_accepted else f"refuses {status} {note}{under}"
        if under == ACROSS:
            yield f"{note}{under}"
            if failure.is_refused or failure.expected_problem == "not-found":
                yield f"{operation}{under}"
        elif failure.is_refused:
            yield f"refuses {status} {operation}{under}"
    elif main_differences(failure.differences)[0].kind in WRONG_RECORDS:
        first = main_differences(failure.differences)[0]
        yield f"{first.kind} {name_in(first.place) or first.place}{under}"
    else:
        for difference in main_differences(failure.differences):
            yield _trait_of_difference(failure, difference)


def main_differences(differences: Sequence[Mismatch]) -> Sequence[Mismatch]:
    """Return the differences without those that follow from others: from another record, or from a list that is wrong."""
    others = [one for one in differences if one.kind in WRONG_RECORDS]
    return others or [one for one in differences if one.kind in ONE_OPERATION] or differences


def _trait_of_difference(failure: Failure, difference: Mismatch) -> str:
    operation = failure.operation.id
    if difference.is_status:
        return f"status {failure.received_status} {operation}"
    if failure.kind == "shape":
        return f"shape {name_in(difference.place) or difference.place} {generalized(difference.expected)}"
    if difference.kind in ("extra", "gap", "count"):
        return f"list {operation} {difference.place} {' '.join(sorted(failure.planned.query))}"
    if difference.kind in ONE_OPERATION:
        return f"list {operation} {difference.place} {difference.kind}"
    if difference.kind:
        return difference.kind
    if difference.is_value:
        return f"value {name_in(difference.place) or difference.place}"
    return f"{difference.place} {generalized(difference.expected)}"


def one_for_each_cause(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings without those that most likely have the cause of another one, which names them.

    The shortest sequence stands for all that share one of its traits.
    """
    alike: dict[str, list[Finding]] = defaultdict(list)
    kept: list[Finding] = []
    for finding in ranked(findings):
        shown_by = next((one for one in kept if set(one.traits) & set(finding.traits)), None)
        if shown_by is None:
            kept.append(finding)
        else:
            alike[shown_by.cause].append(finding)
    for finding in _shown_by_others(kept):
        first = next(one for one in kept if one.way == finding.way)
        kept.remove(finding)
        alike[first.cause] += [finding, *alike.pop(finding.cause, [])]
    return [_standing_for(one, alike[one.cause]) for one in kept]


def _standing_for(finding: Finding, others: Sequence[Finding]) -> Finding:
    """Return a finding that names the others, and breaks what they break."""
    breaks = tuple(dict.fromkeys(pair for one in (finding, *others) for pair in one.breaks))
    return replace(finding, breaks=breaks, also_seen_in=tuple(other.title for other in others))


def _shown_by_others(findings: Sequence[Finding]) -> list[Finding]:
    """Return all but the first of the findings that show an operation to be wrong in one way about several things."""
    alike: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.way:
            alike[finding.way].append(finding)
    return [one for ones in alike.values() if _things(ones) >= SEVERAL for one in ones[1:]]


def _things(findings: Sequence[Finding]) -> int:
    """Return about how many things findings are: fields, or else requests."""
    fields = {trait for one in findings for trait in one.traits if trait.startswith("value ")}
    return max(len(fields), len(findings))


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings with what is documented first, then what is wrong one by one, then the shortest to show."""
    return sorted(findings, key=lambda finding: (finding.source != "documented", finding.part == "races", len(finding.steps)))


def name_in(place: str) -> str:
    """Return the name of the property that a JSON Pointer leads to, or in which it ends; an empty text where there is none."""
    named = [token for token in place.split("/") if token and not token.isdecimal()]
    return named[-1] if named else ""
