"""Templates: requests written down before the run, with names in place of what only the run can know.

A scenario is a list of requests. Each time it is played, its key values carry a fresh tag, so that it starts from nothing on
any deployment, may be played again to make sure, and may be shortened request by request.
"""

from __future__ import annotations

import json
import re
import uuid
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from contract_tests.transport.tenants import Tenant
from contract_tests.transport.wire import WireRequest, WireResponse
from mock_server.contract.access.security import Carried, SecurityScheme
from mock_server.contract.files.source import Json, pointer_tokens
from mock_server.contract.messages.codecs import JSON, codec_of, is_json
from mock_server.contract.messages.model import RequestBody
from mock_server.contract.messages.percent import encoded
from mock_server.contract.messages.request_writing import joined, written_parameters
from mock_server.contract.model import Operation

TAG = "{tag}"
DIGITS = "{digits}"
LONG_ID = 12
"""How many characters an id has to have for those near it to be nobody's."""

SHORTEST_CUT = 4
"""How many characters a text has to have for its end to be nobody's beginning."""

COUNTED_ID = re.compile(r"(.*[^0-9A-Za-z])?\d+", re.DOTALL)
"""An id that is a number, perhaps behind a prefix, as in `urn:contact:609`: those near it are of others' records."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """A text with the tag of the scenario in place of `{tag}`, and with nothing but its digits in place of `{digits}`."""

    text: str


@dataclass(frozen=True, slots=True)
class AtInbox:
    """An address of this run's own, to which a target may send: one for each name and each playing."""

    name: str


@dataclass(frozen=True, slots=True)
class TaggedBlank:
    """A text of nothing but spaces and tabs that no other scenario has: the tag, written in them."""


@dataclass(frozen=True, slots=True)
class TaggedNumber:
    """A whole number that no other scenario has: `number` of this one's, between `least` and `most`."""

    number: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class TaggedUuid:
    """A UUID that no other scenario has: that of `name` in this one."""

    name: str | int


IdVariant: TypeAlias = Literal["", "upper", "prefix", "longer", "spaced", "other", "as text", "lettered", "tail"]


@dataclass(frozen=True, slots=True)
class FromResponse:
    """What stands at a JSON Pointer of the answer to an earlier request; `change` turns it into something near it.

    The id of a record of another resource is `other`: it stays as it is, unless it is so short that it may be an id here too.
    """

    label: int
    pointer: str
    change: IdVariant = ""


@dataclass(frozen=True, slots=True)
class FromHeader:
    """What a header of the answer to an earlier request has, within other text where that is given: `before{}after`."""

    label: int
    name: str
    around: str = "{}"


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A credential that an earlier answer handed out, shown in the way of a scheme."""

    scheme: SecurityScheme
    value: Template


Template: TypeAlias = Any
"""A JSON value in which `Tagged`, `TaggedBlank`, `TaggedNumber`, `TaggedUuid` and `FromResponse` may stand."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A body that is sent as it is."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Mangled:
    """A body whose JSON text is spoilt by `mangle` before it is sent."""

    body: Template
    mangle: Callable[[str], bytes]


class Omitted:
    """Stands for a body, or for a header, that is not sent."""


OMITTED = Omitted()


@dataclass(frozen=True, slots=True)
class PlannedRequest:
    """One request of a scenario. `label` names it; `tenant` is the number of the organization that sends it.

    `carried` may replace what its operation asks for.
    `may_refuse` says why a deployment may refuse this valid request after all. `unjudged` requests may be answered either way,
    as long as nothing breaks; nothing that follows may rest on them. The key of a `shared` request may be known already, as it
    cannot carry a tag; an answer that nothing explains then means nothing. A `pause`, in seconds, goes before the request, so
    that a time of making or changing tells it from the one before.
    """

    label: int
    operation: Operation
    note: str
    tenant: int = 0
    path: Mapping[str, Template] = field(default_factory=dict)
    query: Mapping[str, Template] = field(default_factory=dict)
    headers: Mapping[str, Template] = field(default_factory=dict)
    cookies: Mapping[str, Template] = field(default_factory=dict)
    body: Template = OMITTED
    carried: Carried | HandedOut | None = None
    media_type: str | Omitted = JSON
    method: str = ""
    raw_path: str = ""
    may_refuse: str = ""
    unjudged: bool = False
    shared: bool = False
    pause: float = 0.0


Part: TypeAlias = Literal["lockstep", "refusals", "shape", "races", "reliability"]
"""The part of a run that a scenario, and what it finds, is of."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Requests that belong together. `part` is the part of the run that they are of."""

    title: str
    requests: tuple[PlannedRequest, ...]
    part: Part = "lockstep"

    def without(self, labels: frozenset[int]) -> Scenario:
        """Return the scenario without some of its requests."""
        return replace(self, requests=tuple(planned for planned in self.requests if planned.label not in labels))


class Unresolved(Exception):  # noqa: N818 (the request is left out; nothing is wrong)
    """Raised where a request needs what an earlier answer did not have."""


@dataclass(slots=True)
class Play:
    """One playing of a scenario: its tag, its number, and the answers so far by label."""

    tag: str
    number: int
    tenants: Sequence[Tenant]
    bodies: dict[int, Json] = field(default_factory=dict)
    replies: dict[int, WireResponse] = field(default_factory=dict)
    shown: dict[int, set[str]] = field(default_factory=dict)
    """By tenant, the texts of this playing that answers showed it."""
    written: dict[tuple[str, Json], tuple[str, Operation, bool]] = field(default_factory=dict)
    """By resource and id, the field of the id, the operation that wrote the record last, and whether it removed it."""

    inbox: str = ""
    """Where a target can send messages to; an empty text where it can reach nothing of ours."""

    adrift: bool = False
    """Whether an answer came that nothing explains and that is nobody's fault: what is stored now is not known."""

    receives: bool = False
    """Whether a target was told to send messages."""

    def call(self, planned: PlannedRequest) -> WireRequest:
        """Return the request that a request is; raise `Unresolved` when an answer that it rests on is not there."""
        tenant = self.tenants[planned.tenant] if planned.tenant < len(self.tenants) else None
        token = tenant.token if tenant else ""
        carried = planned.operation.security.carried(token) if planned.carried is None else planned.carried
        if isinstance(carried, HandedOut):
            carried = carried.scheme.carried(str(self.resolve(carried.value)))
        given = {"path": planned.path, "query": planned.query, "header": planned.headers, "cookie": planned.cookies}
        templates = {(where, name): template for where, named in given.items() for name, template in named.items()}
        values = {place: self.resolve(template) for place, template in templates.items() if place not in carried.places}
        written = written_parameters(planned.operation, values)
        query = "&".join(f"{encoded(name)}={encoded(text)}" for name, text in carried.query)
        cookies = joined("; ", *(f"{name}={text}" for name, text in carried.cookies), written.cookies)
        headers = [*carried.headers, *written.headers, *([("Cookie", cookies)] if cookies else [])]
        content = b""
        if isinstance(planned.body, Raw):
            content = planned.body.content.replace(TAG.encode(), self.tag.encode())
        elif isinstance(planned.body, Mangled):
            content = planned.body.mangle(json.dumps(self.resolve(planned.body.body), ensure_ascii=False))
        elif not isinstance(planned.body, Omitted):
            content = self._written(planned.operation.body, self.resolve(planned.body))
        if isinstance(planned.media_type, str) and not isinstance(planned.body, Omitted):
            headers.append(("Content-Type", planned.media_type))
        return WireRequest(
            method=planned.method or planned.operation.method,
            path=planned.raw_path or written.path,
            query=joined("&", written.query, query),
            headers=tuple(headers),
            body=content,
            operation=planned.operation.id,
            organization=tenant.name if tenant else None,
        )

    def _written(self, body: RequestBody | None, value: Json) -> bytes:
        """Return a value as the body that an operation takes; as JSON, where it takes none that is written in another way."""
        media = body.media if body else None
        if media is not None and not is_json(media.type):
            return codec_of(media.type).write(value, media)
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")

    def resolve(self, template: Template) -> Json:
        """Return a template with everything filled in."""
        if isinstance(template, Tagged):
            digits = "".join(character for character in self.tag if character.isdecimal())
            return template.text.replace(TAG, self.tag).replace(DIGITS, digits)
        if isinstance(template, AtInbox):
            if not self.inbox:
                raise Unresolved(template.name)
            self.receives = True
            return f"{self.inbox}/{self.tag}/{template.name}"
        if isinstance(template, TaggedBlank):
            return "".join(f"{byte:08b}" for byte in self.tag.encode()).replace("0", " ").replace("1", "\t")
        if isinstance(template, TaggedUuid):
            return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self.tag} {template.name}"))
        if isinstance(template, TaggedNumber):
            run = zlib.crc32(self.tag.partition("x")[0].encode())  # what an earlier run made is still there
            span = template.most - template.least + 1
            return template.least + (run + self.number * 101 + template.number) % span
        if isinstance(template, FromHeader):
            reply = self.replies.get(template.label)
            if reply is None or not reply.header(template.name):
                raise Unresolved(template.name)
            return template.around.replace("{}", reply.header(template.name))
        if isinstance(template, FromResponse):
            return changed(self._found(template), template.change)
        if isinstance(template, Mapping):
            return {name: self.resolve(member) for name, member in template.items()}
        if isinstance(template, (list, tuple)):
            return [self.resolve(element) for element in template]
        return template

    def note_reply(self, planned: PlannedRequest, reply: WireResponse, body: Json | None) -> None:
        """Keep what a request was answered."""
        self.replies[planned.label] = reply
        if reply.is_success:
            self.bodies[planned.label] = body
            self.shown.setdefault(planned.tenant, set()).update(text for text in _texts(body) if self.tag in text)

    def of_others(self, planned: PlannedRequest, call: WireRequest, reply: WireResponse) -> str:
        """Return a text in a reply that only another organization was shown, and that the call did not send itself."""
        sent = f"{call.path}?{call.query}".encode() + call.body
        own = self.shown.get(planned.tenant, set())
        for tenant, texts in self.shown.items():
            if tenant != planned.tenant:
                for text in texts - own:
                    if text.encode() in reply.body and text.encode() not in sent and text in _without(own, text, reply):
                        return text
        return ""

    def _found(self, found: FromResponse) -> Json:
        value = self.bodies.get(found.label)
        for token in pointer_tokens(found.pointer):
            if isinstance(value, list) and token.isdecimal() and int(token) < len(value):
                value = value[int(token)]
            elif isinstance(value, dict) and token in value:
                value = value[token]
            else:
                raise Unresolved(found.pointer)
        if value is None or isinstance(value, (dict, list)):
            raise Unresolved(found.pointer)
        return int(value) if isinstance(value, float) and value.is_integer() else value


def media_type_of(operation: Operation) -> str:
    """Return the `Content-Type` that a body of an operation is sent with; that of JSON where it takes none."""
    media = operation.body.media if operation.body else None
    return codec_of(media.type).sent_as(media.sent_as) if media else JSON


def _without(own: set[str], text: str, reply: WireResponse) -> str:
    """Return a reply without those of an organization's own texts that have another text within: `name-12` has `name-1`."""
    left = reply.body.decode(errors="replace")
    for longer in sorted((one for one in own if text in one), key=len, reverse=True):
        left = left.replace(longer, "")
    return left


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _texts(member)


def changed(value: Json, change: IdVariant) -> Json:
    """Return what is near an id; raise `Unresolved` where that may well be an id too."""
    if not change:
        return value
    text = str(value)
    if change == "tail":
        if len(text) < SHORTEST_CUT:
            raise Unresolved(text)
        return text[1:]
    if change in ("as text", "lettered"):
        return text if change == "as text" else f"{text}abc"
    if change == "upper":
        if re.fullmatch("[0-9a-fA-F-]*", text):
            raise Unresolved(text)  # whether case counts in a number of base 16 is nobody's business
        return text.upper() if text.upper() != text else text.lower()
    if len(text) < LONG_ID or COUNTED_ID.fullmatch(text):
        raise Unresolved(text)  # what is near a short id, or one that counts, may well be another record of somebody
    if change == "prefix":
        return text[:-1] or "0"
    if change == "spaced":
        return f"{text} "
    return text if change == "other" else f"{text}0"
