"""Entity tags, and requests that depend on them (RFC 9110 sections 8.8.3 and 13)."""

from __future__ import annotations

import re

from mock_server.contract.behaviours.entity_tags import SAFE, tagged_resource
from mock_server.contract.behaviours.guards import Requirement
from mock_server.contract.files.source import Json
from mock_server.contract.model import Behaviour, Operation, Resource
from mock_server.contract.problems import Refused
from mock_server.engine.answers import Tell, compile_view
from mock_server.engine.execution import Execution
from mock_server.engine.scope import Perform, Scope
from mock_server.engine.store import Record
from mock_server.engine.values import ABSENT, Absent

TAG = re.compile(r'(W/)?"([^"]*)"')
NOT_MODIFIED = 304
ETAG = "ETag"


def tagged(operation: Operation, behaviour: Behaviour, answer: Tell) -> Tell:
    """Return a function that tells what `answer` does with the entity tag of the record that it shows, where it has one.

    A request for what it has already (`If-None-Match`) is answered 304.
    """
    resource = tagged_resource(behaviour)
    if resource is None:
        return answer
    weak, conditional = "W/" * (resource.etag == "weak"), operation.method in SAFE

    def answer_tagged(execution: Execution) -> tuple[int, Json | Absent]:
        status, body = answer(execution)
        if type(body) is not dict:
            return status, body
        tag = execution.generator.tag(resource, body)
        execution.headers = [*(execution.headers or ()), (ETAG, f'{weak}"{tag}"')]
        if conditional and matches(sent(execution, b"if-none-match"), tag, weakly=True):
            return NOT_MODIFIED, ABSENT
        return status, body

    return answer_tagged


def matched(find: Perform, resource: Resource, guard: Requirement, scope: Scope) -> Perform:
    """Return a function that finds what `find` does and raises `Refused` where the request expects it to be otherwise."""
    if_match, show, strong = guard.if_match, compile_view(resource, scope), resource.etag == "strong"

    def find_matched(execution: Execution) -> Record | None:
        record: Record | None = find(execution)
        wanted = if_match.settle(execution.choices)
        condition = "" if wanted == "ignored" else sent(execution, b"if-match")
        if not condition:
            if record is not None and wanted == "required":
                detail = f"This changes a {resource.name}: say which one you have seen, as in If-Match: its ETag."
                raise Refused("precondition-required", detail)
            return record
        if record is None:
            raise Refused("precondition-failed", f"There is no {resource.name} that If-Match could name.")
        tag = execution.generator.tag(resource, show(execution, record))
        if condition.strip() != "*" and not (strong and matches(condition, tag, weakly=False)):
            raise Refused("precondition-failed", f"This {resource.name} is not the one that If-Match names any more.")
        return record

    return find_matched


def sent(execution: Execution, header: bytes) -> str:
    """Return the value of a header of the request; an empty text where there is none."""
    request = execution.request
    return "" if request is None else request.headers.get(header, b"").decode("latin-1")


def matches(condition: str, tag: str, *, weakly: bool) -> bool:
    """Say whether one of the tags of a condition is this one; weak ones count only where tags are compared `weakly`."""
    if condition.strip() == "*":
        return True
    return any(opaque == tag and (weakly or not weak) for weak, opaque in TAG.findall(condition))
