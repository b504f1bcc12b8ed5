"""An endpoint of the control API, and a call of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from starlette.responses import JSONResponse, Response

from mock_server.contract.files.source import Json, Source
from mock_server.contract.messages.codecs import write_json
from mock_server.server.control.bodies import Body, Query, Unreadable, read_model, schema_of
from mock_server.server.mock import Mock

B = TypeVar("B", bound=Body)


class Served(Protocol):
    """What the control API controls."""

    mock: Mock
    shutdown: Callable[[], None] | None


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the control API, read and checked as far as its endpoint tells. `url` is where the mock is reached."""

    served: Served
    url: str
    path: Mapping[str, str]
    query: Any
    body: Source | None

    @property
    def mock(self) -> Mock:
        """The mock that is served now."""
        return self.served.mock

    @property
    def source(self) -> Source:
        """The body, which is there."""
        if self.body is None:
            raise Unreadable(400, "A body is needed.")
        return self.body

    def read(self, model: type[B]) -> B:
        """Return the body read as `model`; raise `FlawedInput` with every flaw."""
        return read_model(model, self.source)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path under `/__admin`. `schema` returns what a body has to be; None: no body is taken."""

    id: str
    method: str
    path: str
    summary: str
    handle: Callable[[Call], Response]
    status: int = 200
    answer: Json = None
    query: type[Query] = Query
    schema: Callable[[Mock], Json] | None = None
    needs_body: bool = True
    takes_yaml: bool = False
    may_lack: str = ""
    """What a 404 means, where there may be one."""

    media_type: str = "application/json"
    refusals: Mapping[int, str] = field(default_factory=dict)


class JsonAnswer(JSONResponse):
    """JSON, with whole numbers of any size."""

    def render(self, content: Any) -> bytes:
        """Return the JSON text."""
        return write_json(content)


def nothing() -> Response:
    """Return an answer without a body."""
    return Response(status_code=204)


def schema_from(model: type[Body]) -> Callable[[Mock], Json]:
    """Return what tells the schema of a body that is read as `model`."""
    return lambda _: schema_of(model)
