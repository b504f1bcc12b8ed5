"""A complete outcome as JSON.

The file is one object. A later version may add members; if one changes or is removed, `format` is incremented.

    format         1
    verdict        "conforms", "broken" or "unjudged"
    reason         why there is no verdict, or ""
    target, document, title, started, seconds, random_seed, budget, tag, requests
                   as on the console; `tag` is part of every key value that the run created
    findings       list, documented ones first: cause (the same between runs), title, part, clause (a pointer into the
                   document), source ("documented" or "assumed"), detail, promised, look_at, also_seen_in (list of titles),
                   traits and way (by which findings of one cause are known), times, out_of, differences (list of {place,
                   expected, received}), steps (list of steps), curl (a script for bash), breaks (list of {operation,
                   promise}: the promises that it breaks)
    promises       list, the table of promises: operation (as in "POST /v2/contacts"; "" for the whole API), promise, tested
                   (how many responses were held to it), result ("kept", "broken" or "not tested"), why (it was not tested)
    settlements    list: assumption, state ("settled", "open", "unreachable", "inconsistent"), choices, in_use, differs,
                   why, evidence (a step or null)
    differences    list of sentences: what is allowed, but different from the mock
    limits         list of sentences: what was not tested, and why
    by_operation   {operation: {status: number of responses}}; status "0" means no response
    created        {resource: [id]}: everything that the run created
    stopped        why the run ended before everything was tested, or ""
    interrupted_by the number of the signal that ended the run early, or 0
    ledger_is_whole
                   whether all of that is in the ledger, if one was asked for

A step is {note, call: {method, path, query, headers, body, operation, organization}, reply: {status, headers, body, sent_at,
received_at, trouble}}. Headers are a list of [name, value]. A body is null when empty, {"text": …} when it is UTF-8, and
{"base64": …} otherwise. Times are seconds since 1970. Tokens are masked as $TOKEN and $OTHER_TOKEN.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from contract_tests.reports.curl import finding_script
from contract_tests.reports.writing import write_whole
from contract_tests.runner.outcome import Finding, Outcome, PromiseResult, Settlement
from contract_tests.transport.wire import Interaction

FORMAT = 1


def write(outcome: Outcome, path: Path) -> None:
    """Write the outcome as JSON."""
    write_whole(path, json.dumps(data(outcome), indent=2, allow_nan=False) + "\n")


def data(outcome: Outcome) -> dict[str, Any]:
    """Return the outcome as JSON values."""
    return {
        "format": FORMAT,
        "verdict": outcome.verdict,
        "reason": outcome.reason,
        "target": outcome.target,
        "document": outcome.document,
        "title": outcome.title,
        "started": outcome.started,
        "seconds": outcome.seconds,
        "random_seed": outcome.random_seed,
        "budget": outcome.budget,
        "tag": outcome.tag,
        "requests": outcome.requests,
        "findings": [_finding(finding, outcome) for finding in outcome.findings],
        "promises": [_promise(promise) for promise in outcome.promises],
        "settlements": [_settlement(settlement) for settlement in outcome.settlements],
        "differences": list(outcome.differences),
        "limits": list(outcome.limits),
        "by_operation": {
            operation: {str(status): number for status, number in sorted(answers.items())}
            for operation, answers in outcome.by_operation.items()
        },
        "created": {resource: list(ids) for resource, ids in outcome.created.items()},
        "stopped": outcome.stopped,
        "interrupted_by": outcome.interrupted_by,
        "ledger_is_whole": outcome.ledger_is_whole,
    }


def _finding(finding: Finding, outcome: Outcome) -> dict[str, Any]:
    return {
        "cause": finding.cause,
        "title": finding.title,
        "part": finding.part,
        "clause": finding.clause,
        "source": finding.source,
        "detail": finding.detail,
        "promised": finding.promised,
        "look_at": finding.look_at,
        "also_seen_in": list(finding.also_seen_in),
        "traits": list(finding.traits),
        "way": finding.way,
        "times": finding.times,
        "out_of": finding.out_of,
        "differences": [{"place": it.place, "expected": it.expected, "received": it.received} for it in finding.differences],
        "steps": [_step(step) for step in finding.steps],
        "curl": finding_script(finding, outcome),
        "breaks": [{"operation": operation, "promise": promise} for operation, promise in finding.breaks],
    }


def _promise(promise: PromiseResult) -> dict[str, Any]:
    return {
        "operation": promise.operation,
        "promise": promise.promise,
        "tested": promise.tested,
        "result": promise.result,
        "why": promise.why,
    }


def _settlement(settlement: Settlement) -> dict[str, Any]:
    return {
        "assumption": settlement.assumption,
        "state": settlement.state,
        "choices": list(settlement.choices),
        "in_use": settlement.in_use,
        "differs": settlement.differs,
        "why": settlement.why,
        "evidence": _step(settlement.evidence) if settlement.evidence else None,
    }


def _step(step: Interaction) -> dict[str, Any]:
    call, reply = step.call, step.reply
    return {
        "note": step.note,
        "call": {
            "method": call.method,
            "path": call.path,
            "query": call.query,
            "headers": [list(header) for header in call.headers],
            "body": _body(call.body),
            "operation": call.operation,
            "organization": call.organization,
        },
        "reply": {
            "status": reply.status,
            "headers": [list(header) for header in reply.headers],
            "body": _body(reply.body),
            "sent_at": reply.sent_at,
            "received_at": reply.received_at,
            "trouble": reply.trouble,
        },
    }


def _body(body: bytes) -> dict[str, str] | None:
    if not body:
        return None
    try:
        return {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode("ascii")}
