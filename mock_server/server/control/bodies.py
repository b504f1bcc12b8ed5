"""What may be sent to the control API: query parameters and bodies, checked before anything is changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema

from mock_server.contract.behaviours.declarations import shapes
from mock_server.contract.files.flaws import Flaws, did_you_mean, piece
from mock_server.contract.files.source import Json, Source, pointer_to
from mock_server.contract.messages.codecs import read_json
from mock_server.engine.values import ABSENT
from mock_server.server.clock import nanoseconds, since_1970
from mock_server.server.differences import Wanted
from mock_server.server.journal import Filter

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
TYPES = {
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "list_type": "a list",
    "string_type": "a text",
    "bool_type": "true or false",
}
NAME = "the body"
"""What flaws call the file that a body is not."""

B = TypeVar("B", bound="Body")

Part = Literal["fixtures", "state", "requests", "faults", "stubs", "assumptions", "clock"]


LARGEST_LOCATED = 1024 * 1024
"""Bytes of a JSON body of which flaws are told with their lines: finding these takes forty times the memory, and long."""


class Unreadable(Exception):  # noqa: N818 (it is named for what was sent)
    """Raised for a request that is not what the control API takes, with the status that tells so."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def read_time(text: object) -> datetime:
    """Return the time that a text tells as RFC 3339 writes it; raise `ValueError` for any other."""
    if not isinstance(text, str) or not RFC_3339.fullmatch(text):
        raise ValueError("has to be a time such as 2026-01-15T09:30:00Z")
    return datetime.fromisoformat(text.upper())


def read_clock_time(text: object) -> datetime:
    """Return a time that a clock can be set to; raise `ValueError` for any other."""
    moment = read_time(text)
    nanoseconds(moment)
    return moment


def whole(value: object) -> object:
    """Return 503 for 503.0: JSON Schema takes them for the same."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


DATE_TIME = WithJsonSchema({"type": "string", "format": "date-time"})
Moment = Annotated[datetime, BeforeValidator(read_time), DATE_TIME]
Time = Annotated[datetime, BeforeValidator(read_clock_time), DATE_TIME]
Count = Annotated[int, Field(ge=0, le=10**15)]


class Query(BaseModel):
    """Query parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FilterQuery(Query):
    """Which entries of the journal are wanted."""

    operation: str | None = None
    organization: str | None = None
    status: Annotated[str, Field(pattern=r"^([1-5][0-9][0-9]|[1-5]XX)$")] | None = None
    method: str | None = None
    path: str | None = None
    fault: str | None = None
    since: Moment | None = None
    until: Moment | None = None
    after: Count | None = None
    before: Count | None = None

    def filter(self) -> Filter:
        """Return the filter that is asked for."""
        given: dict[str, Any] = {name: getattr(self, name) for name in FilterQuery.model_fields}
        for name in ("since", "until"):
            given[name] = None if given[name] is None else since_1970(given[name])
        return Filter(**given)


class ListQuery(FilterQuery):
    """The same, and how many of the latest."""

    limit: Annotated[int, Field(ge=1, le=100_000)] = 1000


class OperationsQuery(Query):
    """On whose behalf the examples are; of any organization where it is left out."""

    organization: str | None = None


class Body(BaseModel):
    """A body: a mapping with known keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Reset(Body):
    """What is to be as it was at the start; everything, unless it is said."""

    parts: list[Part] = Field(
        default=["fixtures", "state", "requests", "faults", "stubs", "assumptions", "clock"], min_length=1
    )


class ClockSetting(Body):
    """The time to show, and whether it passes; what is left out stays."""

    time: Time | None = None
    runs: bool | None = None


class Advance(Body):
    """How many seconds later it shall be."""

    seconds: float = Field(ge=-1e12, le=1e12, allow_inf_nan=False)


class MatchedRequest(Body):
    """Which requests are meant; what is left out is left open.

    `containing` has members that the body has among others.
    """

    method: str | None = None
    path: str | None = None
    operation: str | None = None
    organization: str | None = None
    query: dict[str, str] | None = None
    headers: dict[str, str] | None = None
    json_: Any = Field(default=ABSENT, alias="json", json_schema_extra={"default": None})
    containing: Any = Field(default=ABSENT, json_schema_extra={"default": None})

    def wanted(self) -> Wanted:
        """Return what is wanted."""
        names = ("method", "path", "operation", "organization", "status", "query", "headers")
        given = {name: value for name in names if (value := getattr(self, name, None)) is not None}
        return Wanted(**given, json=self.json_, containing=self.containing)


class WantedRequest(MatchedRequest):
    """What a test expects of a request, and how it was answered."""

    status: Annotated[int, Field(ge=100, le=599), BeforeValidator(whole)] | None = None


def read_model(model: type[B], source: Source) -> B:
    """Return a body read as `model`; raise `FlawedInput` with every flaw."""
    flaws = Flaws()
    try:
        return model.model_validate(source.value)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            flaws.add(source, pointer_to(*(token for token in detail["loc"] if token != "[key]")), *_told(model, detail))
        flaws.raise_if_any()
        raise


def _told(model: type[BaseModel], detail: Mapping[str, Any]) -> tuple[str, str]:
    """Tell what pydantic found as the rest of the mock tells it: the message, and what would be right."""
    last, given, kind = detail["loc"][-1] if detail["loc"] else "", piece(detail["input"]), detail["type"]
    if kind == "extra_forbidden":
        known = (info.alias or name for name, info in model.model_fields.items())
        return f"{piece(last)} is not known here", did_you_mean(str(last), known)
    if kind == "missing":
        return f"{piece(last)} is missing", ""
    if kind in TYPES:
        hint = "put it in quotes" if kind == "string_type" and isinstance(detail["input"], (bool, int, float)) else ""
        return f"has to be {TYPES[kind]}, not {given}", hint
    if kind == "too_short":
        return f"needs at least {detail['ctx']['min_length']}, not {given}", ""
    if kind == "literal_error":
        return f"{given} is not known here", f"it may be one of: {detail['ctx']['expected']}"
    return f"{detail['msg'][0].lower()}{detail['msg'][1:]}, not {given}", ""


def read_query(model: type[Query], pairs: list[tuple[str, str]]) -> Any:
    """Return query parameters read as `model`; raise `Unreadable` for unknown, repeated and wrong ones."""
    given: dict[str, str] = {}
    for name, value in pairs:
        if name in given:
            raise Unreadable(422, f"query: {name!r:.40} stands twice.")
        given[name] = value
    for name in given.keys() - model.model_fields.keys():
        hint = did_you_mean(name, model.model_fields) if model.model_fields else "none is taken here"
        raise Unreadable(422, f"query: {name!r:.40} is not known here; {hint}.")
    try:
        return model.model_validate(given)
    except ValidationError as error:
        told = "; ".join(f"{detail['loc'][0]}: {detail['msg']}" for detail in error.errors(include_url=False))
        raise Unreadable(422, f"query: {told}.") from None


def read_body(content: bytes, media_type: str, *, takes_yaml: bool) -> Source:
    """Return a body as a source; raise `Unreadable` where it is not JSON (or YAML)."""
    essence = media_type.partition(";")[0].strip().lower()
    if essence != "application/json" and not (
        takes_yaml and essence in ("application/yaml", "application/x-yaml", "text/yaml")
    ):
        known = "application/json or application/yaml" if takes_yaml else "application/json"
        raise Unreadable(415, f"Send the header Content-Type: {known}.")
    if essence == "application/json":
        try:
            read_json(content)
        except ValueError as error:
            raise Unreadable(400, f"The body is not JSON: {error}.") from None
    try:
        return Source(Path(NAME), content.decode("utf-8"), is_located=len(content) <= LARGEST_LOCATED)
    except UnicodeDecodeError:
        raise Unreadable(400, "The body is not UTF-8.") from None


def schema_of(model: type[BaseModel]) -> Mapping[str, Json]:
    """Return the JSON Schema of a model, its parts written out in place."""
    schema = model.model_json_schema(by_alias=True)
    return _inlined(schema, schema.pop("$defs", {}))  # type: ignore[no-any-return]


def declaration_schema(kind: str) -> Mapping[str, Json]:
    """Return the JSON Schema of a kind of declaration, its parts written out in place."""
    return _inlined(shapes()[kind], shapes())  # type: ignore[no-any-return]


def _inlined(value: Json, parts: Mapping[str, Json]) -> Json:
    if isinstance(value, list):
        return [_inlined(element, parts) for element in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return _inlined(parts[value["$ref"].rpartition("/")[2]], parts)
    return {
        name: _inlined(member, parts) for name, member in value.items() if not (name == "title" and isinstance(member, str))
    }
