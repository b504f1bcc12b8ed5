"""The parts of a mock as the control API shows them: plain JSON, without what is secret."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import parse_qsl

from mock_server.contract.access.redaction import Redactor
from mock_server.contract.access.security import Security
from mock_server.contract.files.source import Json
from mock_server.contract.messages.codecs import JSON, is_json
from mock_server.contract.model import Operation
from mock_server.engine.credentials import UNLIMITED, written
from mock_server.engine.generating import EPOCH
from mock_server.engine.values import ABSENT, Absent
from mock_server.exchange.messages import Request
from mock_server.server.clock import Clock
from mock_server.server.events import Event
from mock_server.server.faults import Faults, shown
from mock_server.server.journal import Entry
from mock_server.server.mock import Mock
from mock_server.server.webhooks import Delivery
from mock_server.server.welcome import curl_line, example_of, working_request

NOTHING_SECRET = Redactor(())


class ComparedEntry:
    """An entry as `differences` compares it."""

    def __init__(self, entry: Entry, redactor: Redactor) -> None:
        self.method, self.path, self.operation, self.organization = (
            entry.method,
            entry.path,
            entry.operation,
            entry.organization,
        )
        self.status = entry.status
        self.query: Mapping[str, str] = dict(parse_qsl(redactor.query(entry.query), keep_blank_values=True))
        self.headers: Mapping[str, str] = redactor.headers(entry.headers)
        self.json: Json = redactor.body(_value(entry.request, entry.answer.operation))


def health(mock: Mock) -> Json:
    """Return that the mock answers, and which API it mocks."""
    return {"status": "ok", "title": mock.contract.title, "version": mock.contract.version}


def exchange(entry: Entry, redactor: Redactor) -> Json:
    """Return an entry of the journal."""
    answer = entry.answer
    answered: dict[str, Json] = {"size": entry.sizes[1]}
    if answer.body is not ABSENT:
        is_text = isinstance(answer.body, str) and not is_json(answer.media_type)
        answered["text" if is_text else "json"] = redactor.text(answer.body) if is_text else redactor.body(answer.body)
    return {
        "number": entry.number,
        "time": _time(entry.time),
        "method": entry.method,
        "path": entry.path,
        "query": redactor.query(entry.query),
        "headers": redactor.headers(entry.headers),
        "body": body_of(entry.request, entry.sizes[0], redactor),
        "operation": entry.operation,
        "organization": entry.organization,
        "status": entry.status or None,
        "answer": {"headers": redactor.headers(dict(answer.headers)), "body": answered},
        "rested_on": dict(entry.rested_on),
        "problem": answer.problem,
        "detail": answer.detail,
        "violations": [violation._asdict() for violation in entry.violations],
        "changes": [
            change._replace(before=redactor.body(change.before), after=redactor.body(change.after))._asdict()
            for change in entry.changes
        ],
        "fault": entry.fault,
        "stub": entry.stub,
    }


def body_of(request: Request, size: int, redactor: Redactor = NOTHING_SECRET) -> dict[str, Json]:
    """Return a body as JSON, or as the text that was sent where it is none; only its size where there is nothing or it was not
    kept."""
    if not request.body:
        return {"size": size}
    try:
        if is_json(request.header(b"content-type") or JSON):
            return {"size": size, "json": redactor.body(request.value())}
    except ValueError:
        pass  # it is shown as it came
    return {"size": size, "text": redactor.text(request.body.decode("utf-8", "replace"))}


def _value(request: Request, operation: Operation | None) -> Json | Absent:
    try:
        return request.value(operation) if request.body else ABSENT
    except ValueError:
        return ABSENT


def delivery(sent: Delivery) -> Json:
    """Return a message that was sent, without what it was signed with."""
    message = sent.message
    return {
        "id": sent.id,
        "number": sent.number,
        "time": _time(sent.time),
        "event": message.event,
        "method": message.method,
        "url": message.url,
        "organization": message.organization,
        "signed": message.secret is not None,
        "headers": dict(sent.headers),
        "body": {"size": sent.size, **({"json": message.body} if sent.content else {})},
        "state": sent.state,
        "problem": sent.problem,
        "attempts": [
            {
                "time": _time(attempt.time),
                "status": attempt.status,
                "problem": attempt.problem,
                "milliseconds": round(attempt.seconds * 1000, 1),
            }
            for attempt in sent.attempts
        ],
    }


def faults(planned: Faults) -> Json:
    """Return what is planned to go wrong."""
    return {"faults": [shown(one) for one in planned.list()]}


def assumptions(mock: Mock) -> Json:
    """Return each assumption: the choice in force and its source, what else could be chosen, and why it is open."""
    return {
        "assumptions": {
            name: {
                "choice": mock.profile[name].choice,
                "source": mock.profile[name].source,
                "date": mock.profile[name].date,
                "evidence": mock.profile[name].evidence,
                "default": assumption.default,
                "choices": dict(assumption.choices),
                "why": assumption.why,
            }
            for name, assumption in mock.contract.assumptions.items()
        }
    }


def clock(shown_clock: Clock) -> Json:
    """Return what time it is for the mock, and whether it passes."""
    return {"time": f"{shown_clock.now().replace(tzinfo=None).isoformat(timespec='microseconds')}Z", "runs": shown_clock.runs}


def fixtures(mock: Mock) -> Json:
    """Return the organizations with the credentials that stand for them, as fixtures write them."""
    organizations: dict[str, list[Json]] = {name: [] for name in mock.fixtures.organizations}
    for credential, owner in mock.fixtures.tokens.items():
        organizations[owner].append(written(credential, mock.fixtures.limits.get(credential, UNLIMITED)))
    return {"organizations": {name: {"tokens": tokens} for name, tokens in organizations.items()}}


def resources(mock: Mock) -> Json:
    """Return what the API keeps, with the fields of its records in the order of the document."""
    return {
        "resources": {
            resource.name: {
                "owned": resource.owned,
                "id": resource.id,
                "key": list(resource.key),
                "fields": [
                    {
                        "name": field.name,
                        "refers_to": field.refers_to,
                        "nullable": field.nullable,
                        "server_made": field.name in resource.server_made,
                    }
                    for field in resource.fields.values()
                ],
            }
            for resource in mock.contract.resources.values()
        }
    }


def operations(mock: Mock, url: str, organization: str | None) -> Json:
    """Return each operation with a request that works now, where one is found; it is tried on a copy of the state."""
    listed = []
    for operation in mock.contract.operations:
        request, refusal = working_request(mock, operation, organization)
        listed.append(
            {
                "id": operation.id,
                "method": operation.method,
                "path": operation.path,
                "summary": operation.summary,
                "secured": operation.secured,
                "credentials": _credentials(operation.security),
                "parameters": [
                    {
                        "name": parameter.name,
                        "in": parameter.location,
                        "required": parameter.required,
                        "sent": parameter.style.write(example_of(parameter)),
                    }
                    for parameter in operation.parameters
                ],
                "statuses": list(operation.responses),
                "examples": sorted(
                    {name for response in operation.responses.values() for media in response.content for name in media.examples}
                ),
                "example": _example(request, url) if request else None,
                "refusal": refusal,
            }
        )
    return {"operations": listed}


def event(told: Event, redactor: Redactor) -> Json:
    """Return what an event tells."""
    return exchange(told.data, redactor) if isinstance(told.data, Entry) else dict(told.data)


def _credentials(security: Security) -> Json:
    """Return where the credentials of a request go; `scheme` is the name of the scheme of HTTP before one."""
    listed = []
    for use in security.alternatives[0] if security.is_required else ():
        scheme, carried = use.scheme, use.scheme.carried("x")
        for location, pairs in (("header", carried.headers), ("query", carried.query), ("cookie", carried.cookies)):
            for name, value in pairs:
                word = scheme.word if value.startswith(f"{scheme.word} ") else None
                listed.append({"in": location, "name": name, "scheme": word, "kind": scheme.kind})
    return listed


def _example(request: Request, url: str) -> Json:
    return {
        "path": request.path,
        "query": request.query,
        "headers": {name.decode(): value.decode() for name, value in request.headers.items()},
        "body": body_of(request, len(request.body or b"")),
        "curl": curl_line(request, url),
    }


def _time(nanoseconds: int) -> str:
    at = EPOCH + timedelta(microseconds=nanoseconds // 1000)
    return f"{at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
