"""For each operation a `curl` line that really works: every one is tried on a copy of the state before it is shown."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Iterator
from urllib.parse import quote

import orjson

from mock_server.contract.expressions import FromParameter
from mock_server.contract.model import Delete, Find, Operation, Parameter, Update
from mock_server.contract.samples import sample
from mock_server.contract.source import Json
from mock_server.engine.choices import Choices
from mock_server.engine.making import Making
from mock_server.engine.store import Store
from mock_server.exchange.messages import Request
from mock_server.server.mock import Mock

MOST_TRIES = 200
"""How many combinations of path values are tried for an operation."""


def curl_lines(mock: Mock, url: str) -> Iterator[tuple[Operation, str]]:
    """Yield each operation with a command that is answered with success, or with the reason why none was found."""
    for operation in mock.contract.operations:
        request = _working_request(mock, operation)
        yield operation, _curl(request, url) if request else "# the fixtures hold nothing that this operation would succeed on"


def _working_request(mock: Mock, operation: Operation) -> Request | None:
    choices = {name: entry.choice for name, entry in mock.profile.items()}
    for request in itertools.islice(_candidates(mock, operation), MOST_TRIES):
        answer = mock.exchange.answer(request, mock.store.copy(), Choices(choices), Making(clock=mock.making.clock))
        if 200 <= answer.status < 300:
            return request
    return None


def _candidates(mock: Mock, operation: Operation) -> Iterator[Request]:
    """Yield requests with values that the fixtures hold, for each organization and each example of a body."""
    for organization in mock.fixtures.organizations:
        token = mock.fixtures.token_of(organization)
        path_parameters = [parameter for parameter in operation.parameters if parameter.location == "path"]
        candidates = [_values(mock.store, operation, parameter, organization) for parameter in path_parameters]
        query = "&".join(
            f"{quote(parameter.name)}={quote(_text(sample(parameter.check.schema)), safe='')}"
            for parameter in operation.parameters
            if parameter.location == "query" and parameter.required
        )
        headers = {b"authorization": f"Bearer {token}".encode()} if operation.secured else {}
        for parameter in operation.parameters:
            if parameter.location == "header" and parameter.required:
                headers[parameter.name.encode()] = _text(sample(parameter.check.schema)).encode()
        for values in itertools.product(*candidates):
            path = operation.path
            for parameter, value in zip(path_parameters, values, strict=True):
                path = path.replace(f"{{{parameter.name}}}", quote(_text(value), safe=""))
            for media_type, body in _bodies(operation):
                more = {b"content-type": media_type.encode()} if media_type else {}
                yield Request(operation.method, path, query, {**headers, **more}, body)


def _values(store: Store, operation: Operation, parameter: Parameter, organization: str) -> list[Json]:
    """Return values for a path parameter: those of the records that the behaviour looks up by it, else a sample."""
    values: dict[Json, None] = {}
    for step in operation.behaviour.steps if operation.behaviour else ():
        if isinstance(step, (Find, Update, Delete)):
            for field, value in step.where.items():
                if FromParameter("path", parameter.name) in value.possible():
                    owner = organization if step.resource.owned else None
                    found = (record.get(field) for record in store.all(step.resource.name, owner))
                    values.update(dict.fromkeys(value for value in found if isinstance(value, (str, int))))
    return list(values) or [sample(parameter.check.schema)]


def _bodies(operation: Operation) -> Iterator[tuple[str, bytes]]:
    if operation.body is None:
        yield "", b""
        return
    for media in operation.body.content.values():
        examples = list(media.examples.values()) or ([sample(media.schema)] if media.schema else [{}])
        for example in examples:
            yield media.type, orjson.dumps(example)


def _curl(request: Request, url: str) -> str:
    parts = ["curl"]
    if request.method != "GET":
        parts += ["-X", request.method]
    parts.append(shlex.quote(url + request.path + (f"?{request.query}" if request.query else "")))
    for name, value in request.headers.items():
        parts += ["-H", shlex.quote(f"{name.decode().title()}: {value.decode()}")]
    if request.body:
        parts += ["-d", shlex.quote(request.body.decode())]
    return " ".join(parts)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
