"""An outcome as JUnit XML, as GitLab, Jenkins and GitHub's actions read it.

Each promise is a testcase named after it, in the class of its operation, so that a CI system recognizes it in the next run: it
passed if it was kept, failed with the findings that break it, and was skipped, with the reason, if it was not tested. A finding
that breaks no promise of the table is a failed testcase named after its cause. Each assumption is a testcase too: passed if
settled, otherwise skipped with the reason. Without a table of promises, an operation that responded and has no finding has
passed. A run without a verdict is a testcase with an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from contract_tests.reports.details import details
from contract_tests.reports.promise_rows import WHOLE_API, breaking, reason, tested, unlisted
from contract_tests.reports.wording import address, answered, chosen, counted, verdict, visible
from contract_tests.reports.writing import write_whole
from contract_tests.runner.outcome import Finding, Outcome, PromiseResult, Settlement

NAME = "contract-tests"


def write(outcome: Outcome, path: Path) -> None:
    """Write the outcome as JUnit XML."""
    suites = Element("testsuites", name=NAME)
    suite = SubElement(suites, "testsuite", name=NAME, timestamp=visible(outcome.started), time=f"{outcome.seconds:.3f}")
    _properties(suite, outcome)
    if outcome.verdict == "unjudged":
        error = SubElement(_case(suite, "run", "verdict"), "error", message=verdict(outcome), type="unjudged")
        error.text = "\n".join([verdict(outcome), *(visible(limit) for limit in outcome.limits)])
    for promise in outcome.promises:
        _promise(suite, promise, outcome)
    for finding in unlisted(outcome):
        _failed(_case(suite, finding.part, finding.cause), [finding], outcome)
    if not outcome.promises:
        _operations(suite, outcome)
    for settlement in outcome.settlements:
        _assumption(suite, settlement)
    for element in (suites, suite):
        for name, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            element.set(name, str(sum(1 for _ in suite.iter(tag))))
    ElementTree.indent(suites)
    write_whole(path, '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n")


def _properties(suite: Element, outcome: Outcome) -> None:
    properties = SubElement(suite, "properties")
    told = {
        "verdict": verdict(outcome),
        "target": outcome.target,
        "document": outcome.document,
        "title": outcome.title,
        "budget": outcome.budget,
        "random seed": str(outcome.random_seed),
        "requests": str(outcome.requests),
        "tag": outcome.tag,
    }
    for name, value in told.items():
        SubElement(properties, "property", name=name, value=visible(value))


def _case(suite: Element, classname: str, name: str) -> Element:
    return SubElement(suite, "testcase", classname=classname, name=visible(name), time="0")


def _promise(suite: Element, promise: PromiseResult, outcome: Outcome) -> None:
    case = _case(suite, visible(promise.operation or WHOLE_API), promise.promise)
    if promise.result == "not tested":
        SubElement(case, "skipped", message=f"Not tested: {visible(reason(promise))}.")
    elif promise.result == "kept":
        SubElement(case, "system-out").text = f"Kept in {tested(promise)}."
    elif numbers := breaking(promise, outcome.findings):
        _failed(case, [outcome.findings[number - 1] for number in numbers], outcome)
    else:
        SubElement(case, "failure", message="Broken.", type="documented")


def _failed(case: Element, findings: Sequence[Finding], outcome: Outcome) -> None:
    """Say why a testcase failed in one element: of several, CI systems show the first only."""
    first, more = findings[0], len(findings) - 1
    message = visible(first.title) + (f" (and {counted(more, 'more finding')})" if more else "")
    failure = SubElement(case, "failure", message=message, type=first.source)
    failure.text = "\n\n".join(details(finding, outcome) for finding in findings)


def _operations(suite: Element, outcome: Outcome) -> None:
    blamed = {finding.steps[-1].call.operation for finding in outcome.findings if finding.steps}
    for operation, answers in outcome.by_operation.items():
        if operation not in blamed and any(answers.values()) and outcome.verdict != "unjudged":
            _case(suite, "operations", operation)


def _assumption(suite: Element, settlement: Settlement) -> None:
    case = _case(suite, "assumptions", settlement.assumption)
    said = f"{settlement.state}: {chosen(settlement)} (in use: {visible(settlement.in_use)})"
    if settlement.state != "settled":
        SubElement(case, "skipped", message=f"{said}. {visible(settlement.why)}".rstrip(". ") + ".")
    elif settlement.evidence:
        call, reply = settlement.evidence.call, settlement.evidence.reply
        SubElement(case, "system-out").text = f"{said}\n{address(call)} received {answered(reply)}"
    else:
        SubElement(case, "system-out").text = said
