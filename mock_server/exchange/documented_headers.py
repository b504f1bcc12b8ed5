"""Values for the headers that a document declares for its responses.

An example of the document goes first; a header whose meaning is known by its name is given a value that is true of the answer;
any other one gets a sample of its schema. What would not fit the schema, or cannot stand in a header, is not sent.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from urllib.parse import quote

from mock_server.contract.documents.document import Place
from mock_server.contract.files.source import Json
from mock_server.contract.messages.model import Response
from mock_server.contract.messages.response_headers import ResponseHeader
from mock_server.contract.messages.text_types import text_of
from mock_server.contract.model import Contract
from mock_server.contract.schemas.checks import NoChoice
from mock_server.contract.schemas.schema import Schema
from mock_server.engine.execution import SentRequest
from mock_server.engine.generating import SECOND, Generator
from mock_server.exchange.messages import Answer

if TYPE_CHECKING:
    from mock_server.contract.sampling.maker import Maker

SENDABLE = re.compile(r"[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?")
"""What a header may have as its value (RFC 9110 section 5.5)."""

NEVER = frozenset(
    """
    connection content-encoding content-length date keep-alive proxy-authenticate te trailer transfer-encoding upgrade
    www-authenticate
    """.split()  # noqa: SIM905 (reads better)
)
"""Headers that the server sends itself, or that would say of an answer what is not so."""

TOLD_OF_PERFORMED = frozenset({"content-location", "etag", "location", "total", "total-count"})
"""Headers that tell of what is stored, in the names of `BY_NAME`."""

REDIRECTED_FROM = range(300, 400)


class Told(NamedTuple):
    """What a value of a header may tell of: the answer, what was asked, and the time."""

    answer: Answer
    request: SentRequest | None
    generator: Generator
    make: Callable[[Schema, str], Json]
    """Makes a value of a schema for a name."""

    child: tuple[str, Schema] | None
    """The parameter by which a longer path leads to what the operation makes: its name and its schema."""

    @property
    def is_performed(self) -> bool:
        """Whether the answer tells of what is stored, so that no example of the document can be true of it."""
        operation = self.answer.operation
        return operation is not None and operation.behaviour is not None and self.answer.problem is None

    def leaves_out(self, header: ResponseHeader) -> bool:
        """Say whether the behaviour gives this header of itself, and this time has nothing to give: as on the last page, which
        no other one follows."""
        behaviour = self.answer.operation.behaviour if self.answer.operation and self.is_performed else None
        given = behaviour.answer.headers if behaviour else ()
        return not header.required and header.name.lower() in {name.lower() for name in given}

    @property
    def now(self) -> datetime:
        """The time of the request."""
        return datetime.fromtimestamp(self.generator.clock() // SECOND, UTC)


ByName: TypeAlias = Callable[[Told], "Json | list[Json]"]


class DocumentedHeaders:
    """Makes the documented headers of answers."""

    def __init__(self, contract: Contract) -> None:
        self._schemas = contract.schemas
        self._fixed: dict[ResponseHeader, str | None] = {}
        self._made: dict[tuple[Place, str, int], Json] = {}
        self._children: dict[str, tuple[str, Schema]] = {}
        for operation in contract.operations:
            parent, _, last = operation.path.rpartition("/")
            for parameter in operation.parameters if operation.method == "GET" and last[:1] == "{" else ():
                if parameter.location == "path" and last == f"{{{parameter.name}}}":
                    self._children[parent] = (parameter.name, parameter.check.schema)

    def add(self, answer: Answer, response: Response, request: SentRequest | None, generator: Generator) -> list[str]:
        """Add the headers that are documented for an answer and that it lacks; return the names of those that are required and
        of which no valid value can be made."""
        there = {name.lower() for name, _ in answer.headers}
        child = self._children.get(answer.operation.path.rstrip("/")) if answer.operation else None
        told, missing = Told(answer, request, generator, partial(self._make, generator.seed), child), []
        for header in response.headers:
            if header.name.lower() in NEVER or header.name.lower() in there:
                continue
            if told.leaves_out(header):
                continue
            text = self._text(header, told)
            if text is not None:
                answer.headers.append((header.name, text))
            elif header.required:
                missing.append(header.name)
        return missing

    def _text(self, header: ResponseHeader, told: Told) -> str | None:
        if told.is_performed and _known_name(header) in TOLD_OF_PERFORMED:
            text = self._first_valid(header, _by_name(header, told))
            if text is not None:
                return text
        if header not in self._fixed:
            self._fixed[header] = self._first_valid(header, _documented(header))
        return self._fixed[header] or self._first_valid(header, _made(header, told))

    def _make(self, seed: int, schema: Schema, name: str) -> Json:
        """Return a value of a schema, the same whenever it is asked for; None where none can be made."""
        place = (schema.place, name, seed)
        if place not in self._made:
            from mock_server.contract.sampling.about import About  # a mock whose operations all have behaviours needs none
            from mock_server.contract.sampling.maker import CannotMakeError

            try:
                self._made[place] = self._maker.make(schema, About(seed=seed), name)
            except CannotMakeError:
                self._made[place] = None
        return self._made[place]

    @cached_property
    def _maker(self) -> Maker:
        from mock_server.contract.sampling.maker import Maker

        return Maker(self._schemas)

    def _first_valid(self, header: ResponseHeader, values: Iterator[Json]) -> str | None:
        """Return the first of some values that fits and can be sent, as it is sent; None where there is none."""
        for value in values:
            for read in _readings(header.schema, value):
                text = _written(header, read)
                if text is not None and SENDABLE.fullmatch(text) and self._fits(header.schema, read):
                    return text
        return None

    def _fits(self, schema: Schema | None, value: Json) -> bool:
        return schema is None or not self._schemas.check(schema, "response").violations(value, NoChoice())


def _documented(header: ResponseHeader) -> Iterator[Json]:
    """Yield the values that the document has for a header."""
    yield from header.examples
    schema = header.schema
    if schema is not None:
        yield from schema.examples
        yield from [schema.default] if schema.has_default else []
        yield from schema.values or ()


def _made(header: ResponseHeader, told: Told) -> Iterator[Json]:
    """Yield values for a header of which the document has none, the best one first."""
    yield from _by_name(header, told)
    yield told.make(header.schema, header.name) if header.schema is not None else "text"


def _by_name(header: ResponseHeader, told: Told) -> Iterator[Json]:
    """Yield what a header with a known name tells of an answer."""
    by_name = BY_NAME.get(_known_name(header))
    if by_name is not None:
        made = by_name(told)
        yield from made if isinstance(made, list) else [made]


def _known_name(header: ResponseHeader) -> str:
    """Return the name of a header as `BY_NAME` has it."""
    return header.name.lower().removeprefix("x-").replace("rate-limit", "ratelimit")


def _readings(schema: Schema | None, value: Json) -> Iterator[Json]:
    """Yield what a value may stand for: itself or, as documents give examples as they are sent, what its text is read as."""
    yield value
    if schema is None or not isinstance(value, str):
        return
    if "array" in schema.types:
        yield [part.strip() for part in value.split(",")]
    elif "string" not in schema.types:
        with suppress(ValueError):
            yield json.loads(value)


def _written(header: ResponseHeader, value: Json) -> str | None:
    """Return a value in the style `simple`, or as JSON; None for one that has no text."""
    if header.as_json and not isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, dict):
        joined = "=" if header.explode else ","
        return ",".join(f"{name}{joined}{text_of(part)}" for name, part in value.items())
    if isinstance(value, list):
        return ",".join(map(text_of, value))
    return None if value is None else text_of(value)


def _location(told: Told) -> list[Json]:
    """Return the path of what was made, or of where to go on: as a path, and as an URL."""
    request, answer = told.request, told.answer
    own = request.path if request else "/"
    if told.child is not None and answer.operation and answer.operation.method == "POST":
        path = f"{own.rstrip('/')}/{quote(text_of(_id(told, *told.child)), safe='')}"
    else:
        path = own if answer.status not in REDIRECTED_FROM else "/"  # to lead back here would be a loop
    host = request.headers.get(b"host", b"localhost").decode("latin-1") if request else "localhost"
    return [path, f"http://{host}{path}"]


def _id(told: Told, name: str, schema: Schema) -> Json:
    """Return the id of what an answer shows, called as the parameter of its path is or `id`; else one that its path takes."""
    body = told.answer.body
    if isinstance(body, dict):
        ids = (body[member] for member in (name, "id") if isinstance(body.get(member), str | int))
        if (id := next(ids, None)) is not None:
            return id
    return told.make(schema, name)


def _etag(told: Told) -> list[Json]:
    """Return an entity tag: the same as long as the body is."""
    tag = f'"{zlib.crc32(repr(told.answer.body).encode()):08x}"'
    return [tag, f"W/{tag}"]


def _http_date(told: Told) -> Json:
    return format_datetime(told.now, usegmt=True)


def _total(told: Told) -> Json:
    """Return how many there are: as many as are shown."""
    return len(told.answer.body) if isinstance(told.answer.body, list) else 1


BY_NAME: Mapping[str, ByName] = {
    # the name of a header, in lower case and without `X-`: the value it is given, or several of which one may fit
    "cache-control": lambda told: "no-store",
    "content-disposition": lambda told: "attachment",
    "content-language": lambda told: "en",
    "content-location": _location,
    "etag": _etag,
    "expires": _http_date,
    "last-modified": _http_date,
    "link": lambda told: f'<{told.request.path if told.request else "/"}>; rel="self"',
    "location": _location,
    "page": lambda told: 1,
    "ratelimit-limit": lambda told: 100,
    "ratelimit-remaining": lambda told: 99,
    "ratelimit-reset": lambda told: 60,
    "retry-after": lambda told: [1, "1"],
    "set-cookie": lambda told: "session=5f0c6a522b624c0d; Path=/; HttpOnly",
    "total": _total,
    "total-count": _total,
    "total-pages": lambda told: 1,
    "vary": lambda told: "Accept",
}
