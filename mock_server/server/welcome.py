"""For each operation a `curl` line that really works: every one is tried on a copy of the state before it is shown."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, quote

from mock_server.contract.behaviours.expressions import FromBody, FromParameter
from mock_server.contract.files.source import Json
from mock_server.contract.messages.codecs import codec_of
from mock_server.contract.messages.codecs.multipart import parts_of
from mock_server.contract.messages.content_types import FORM, MULTIPART, ContentType, content_type
from mock_server.contract.messages.model import Parameter
from mock_server.contract.messages.path_templates import path_template
from mock_server.contract.messages.percent import encoded
from mock_server.contract.messages.request_writing import joined, written_parameters
from mock_server.contract.model import Operation
from mock_server.contract.sampling.least import sample
from mock_server.engine.choices import Choices
from mock_server.engine.generating import Generator
from mock_server.engine.store import Store
from mock_server.exchange.messages import Request
from mock_server.server.mock import Mock

MOST_TRIES = 200
"""How many combinations of path values are tried for an operation."""


def curl_lines(mock: Mock, url: str, operations: Iterable[Operation]) -> Iterator[tuple[Operation, str]]:
    """Yield each of the operations with a command that is answered with success, or with the reason why none was found."""
    for operation in operations:
        request, refusal = working_request(mock, operation)
        yield operation, curl_line(request, url) if request else f"# no working example was found: {refusal}"


def working_request(mock: Mock, operation: Operation, organization: str | None = None) -> tuple[Request | None, str]:
    """Return a request that succeeds, for one organization or for any; None with the first refusal when there is none."""
    organizations = mock.fixtures.organizations if organization is None else [organization]
    refusal = ""
    choices = {name: entry.choice for name, entry in mock.profile.items()}
    for request in itertools.islice(_candidates(mock, operation, organizations), MOST_TRIES):
        answer = mock.exchange.answer(request, mock.store.copy(), Choices(choices), Generator(clock=mock.generator.clock))
        if 200 <= answer.status < 400:
            return request, ""
        refusal = refusal or f"{answer.status} {answer.detail}"
    return None, refusal


def _candidates(mock: Mock, operation: Operation, organizations: Iterable[str]) -> Iterator[Request]:
    """Yield requests with values that the fixtures hold, for each of the organizations and each example of a body."""
    for organization in organizations:
        carried = mock.fixtures.carried(organization, operation.security)
        looked_up = _looked_up(mock.store, operation, organization)
        known = {(parameter.location, parameter.name): parameter for parameter in operation.parameters}
        needed = [place for place, parameter in known.items() if parameter.required and place not in carried.places]
        places = dict.fromkeys([*needed, *(("path", name) for name in path_template(operation.path).names)])
        ways = [looked_up.get(place) or [example_of(known.get(place))] for place in places]
        for values in itertools.product(*ways):
            written = written_parameters(operation, dict(zip(places, values, strict=True)))
            query = joined("&", *(f"{encoded(name)}={encoded(text)}" for name, text in carried.query), written.query)
            cookies = joined("; ", *(f"{name}={text}" for name, text in carried.cookies), written.cookies)
            fields = [*written.headers, *carried.headers, *([("Cookie", cookies)] if cookies else [])]
            headers = {name.lower().encode(): text.encode() for name, text in fields}
            for media_type, body in _bodies(operation, looked_up):
                more = {b"content-type": media_type.encode()} if media_type else {}
                yield Request(operation.method, written.path, query, {**headers, **more}, body)


def example_of(parameter: Parameter | None) -> Json:
    """Return a value for a parameter, an example of it where there is one; a text where nothing is declared."""
    if parameter is None:
        return "text"
    schema = parameter.check.schema
    value = parameter.examples[0] if parameter.examples else sample(schema)
    if value == [] and schema.items:
        return [sample(schema.items)]  # no style can send a list of nothing
    if value == {} and schema.properties:
        return {name: sample(member) for name, member in schema.properties.items()}
    return value


def _looked_up(store: Store, operation: Operation, organization: str) -> dict[tuple[str, str], list[Json]]:
    """Return, for path parameters and members of the body that the behaviour looks records up by, what the records have."""
    found: dict[tuple[str, str], list[Json]] = {}
    for step in operation.steps:
        for field, value in step.found_by.items() if not step.is_list else ():
            records = store.scan(step.resource.name, organization if step.resource.owned else None)
            values = [held for record in records if isinstance(held := record.get(field), (str, int))]
            for expression in value.possible() if values else ():
                if isinstance(expression, FromParameter):
                    found[expression.location, expression.name] = values
                elif isinstance(expression, FromBody) and len(expression.tokens) == 1:
                    found["body", expression.tokens[0]] = values
    return found


def _bodies(operation: Operation, looked_up: dict[tuple[str, str], list[Json]]) -> Iterator[tuple[str, bytes]]:
    """Yield the examples of the body, or a sample of its schema; then those with members that lead to records."""
    if operation.body is None:
        yield "", b""
        return
    members = {name: values for (location, name), values in looked_up.items() if location == "body"}
    best = operation.body.media
    for media in sorted(operation.body.content.values(), key=lambda one: one is not best):
        codec = codec_of(media.type)
        header = codec.sent_as(media.sent_as)
        for example in list(media.examples.values()) or ([sample(media.schema)] if media.schema else [{}]):
            yield header, codec.write(example, media)
            for values in itertools.product(*members.values()) if members and isinstance(example, dict) else ():
                yield header, codec.write({**example, **dict(zip(members, values, strict=True))}, media)


def curl_line(request: Request, url: str) -> str:
    """Return the command that sends a request."""
    parts = ["curl"]
    if request.method != "GET":
        parts += ["-X", request.method]
    parts.append(shlex.quote(url + request.path + (f"?{request.query}" if request.query else "")))
    given = content_type(request.header(b"content-type"))
    for name, value in request.headers.items():
        if name != b"content-type" or given.essence not in (FORM, MULTIPART):  # curl says itself that it sends a form
            parts += ["-H", shlex.quote(f"{name.decode().title()}: {value.decode()}")]
    return " ".join([*parts, *_body_options(request.body or b"", given)])


def _body_options(body: bytes, given: ContentType) -> Iterator[str]:
    """Yield the options that send a body: the fields of a form each on its own, and anything else as it is."""
    if given.essence == FORM:
        for name, value in parse_qsl(body.decode(), keep_blank_values=True):
            yield "--data-urlencode " + shlex.quote(f"{quote(name, safe='[]')}={value}")
    elif given.essence == MULTIPART:
        for part in parts_of(body, given.parameters["boundary"].encode()):
            text = part.content.decode("utf-8", "replace")
            if part.type is None:
                yield "--form-string " + shlex.quote(f"{part.name}={text}")
            else:
                escaped = text.replace("\\", "\\\\").replace('"', '\\"')
                yield "-F " + shlex.quote(f'{part.name}="{escaped}";type={part.type.essence}')
    elif body:
        try:
            text = body.decode()
            yield f"{'--data-raw' if text.startswith('@') else '-d'} {shlex.quote(text)}"
        except UnicodeDecodeError:
            yield "--data-binary $'" + "".join(f"\\x{byte:02x}" for byte in body) + "'"
