"""Scenarios of what has to be refused, and has to leave everything as it was; derived from a contract."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from contract_tests.scenarios.builder import ScenarioBuilder, makers_of
from contract_tests.scenarios.calibration import Calibration
from contract_tests.scenarios.credentials import NOTHING, wrong_credentials
from contract_tests.scenarios.signatures import Signature, Slot
from contract_tests.scenarios.templates import (
    OMITTED,
    TAG,
    FromResponse,
    IdVariant,
    Mangled,
    Raw,
    Tagged,
    TaggedNumber,
    Template,
    Unresolved,
    changed,
)
from contract_tests.transport.tenants import Tenant
from mock_server.contract.model import Contract
from mock_server.contract.source import Json

BODIES_IN_ONE = 12
NEAR_IDS: tuple[IdVariant, ...] = ("prefix", "longer", "upper", "spaced")
OTHER_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OTHER_MEDIA_TYPES = (
    "text/plain",
    "application/xml",
    "application/x-www-form-urlencoded",
    "text/html",
    "application/octet-stream",
)


class NegativeCases:
    """Writes the scenarios. Each looks afterwards whether anything was stored."""

    def __init__(
        self,
        contract: Contract,
        signatures: Sequence[Signature],
        tenants: Sequence[Tenant],
        *,
        expired_token: str,
        other_methods: bool,
    ) -> None:
        self.contract = contract
        self.signatures = signatures
        self.tenants = tenants
        self.expired_token = expired_token
        self.other_methods = other_methods
        self.calibration = Calibration(contract, signatures, tenants)

    def writers(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes each scenario."""
        for signature in self.signatures:
            yield partial(self.tokens, signature)
            if signature.operation.body is not None:
                yield partial(self.unreadable, signature)
                yield partial(self.media_types, signature)
                for start in range(0, len(list(invalid_bodies(signature, {}))), BODIES_IN_ONE):
                    yield partial(self.invalid, signature, start)
            yield partial(self.strange_ids, signature)
            yield partial(self.same_request_elsewhere, signature)
            if signature.deletes:
                yield partial(self.removed_elsewhere, signature)
            if self.other_methods:
                yield partial(self.methods, signature)

    def builder(self, title: str) -> ScenarioBuilder:
        """Return a builder of an empty scenario."""
        return ScenarioBuilder(self.signatures, self.tenants, title, "refusals")

    def tokens(self, signature: Signature) -> ScenarioBuilder:
        """Every way of not having a token."""
        builder = self.builder(f"{signature.operation}: tokens")
        if not signature.operation.secured:
            return builder
        token = self.tenants[0].token
        self.calibration.prepare(builder, signature)
        scheme = signature.operation.security.schemes[0]
        for note, carried in wrong_credentials(scheme, token, self.expired_token).items():
            builder.call(signature, note, variant=3, fill="full", carried=carried)
        if self.other_methods:  # elsewhere a token in the address would end up in logs
            query = dict.fromkeys(("access_token", "token", "api_key"), token)
            builder.call(signature, "the token in the query", variant=3, fill="full", carried=NOTHING, query=query)
            headers = {"X-API-Key": token, "X-Auth-Token": token, "Cookie": f"token={token}; access_token={token}"}
            builder.call(signature, "the token in other headers", variant=3, fill="full", carried=NOTHING, headers=headers)
        self.calibration.check(builder, signature)
        return builder

    def unreadable(self, signature: Signature) -> ScenarioBuilder:
        """Every sort of body that is not JSON, each around a valid request."""
        builder = self.builder(f"{signature.operation}: bodies that are not JSON")
        self.calibration.prepare(builder, signature)
        body = self._body(builder, signature)
        if not isinstance(body, dict) or not body:
            return builder
        for note, mangle in UNREADABLE.items():
            builder.call(signature, note, body=Mangled(body, mangle))
        builder.call(signature, "no body", body=Raw(b""))
        self.calibration.check(builder, signature)
        odd = {name: Tagged(f"odd.{value.text}") if isinstance(value, Tagged) else value for name, value in body.items()}
        for note, mangle in READ_EITHER_WAY.items():
            builder.call(signature, note, body=Mangled(odd, mangle), unjudged=True)
        return builder

    def media_types(self, signature: Signature) -> ScenarioBuilder:
        """Bodies of other media types, and the right one in other ways of writing."""
        builder = self.builder(f"{signature.operation}: media types")
        self.calibration.prepare(builder, signature)
        for media_type in OTHER_MEDIA_TYPES:
            builder.call(signature, f"JSON called {media_type}", variant=3, fill="full", media_type=media_type)
        self.calibration.check(builder, signature)
        for media_type in ("application/json; charset=utf-8", "Application/JSON", 'application/json;charset="UTF-8"'):
            builder.call(signature, f"JSON called {media_type}", variant=1, fill="full", media_type=media_type)
        builder.call(signature, "JSON called nothing", key=5, media_type=OMITTED, unjudged=True)
        return builder

    def invalid(self, signature: Signature, start: int) -> ScenarioBuilder:
        """Some bodies that the schema may refuse; the engine knows which ones it does."""
        builder = self.builder("")
        self.calibration.prepare(builder, signature)
        chunk = list(invalid_bodies(signature, self._body(builder, signature)))[start : start + BODIES_IN_ONE]
        builder.title = f"{signature.operation}: invalid bodies, from {chunk[0][0]} on" if chunk else ""
        for number, (note, body) in enumerate(chunk):
            # What may be accepted under some choice gets a key of its own, so that it does not stand in the others' way.
            nothing_known = isinstance(body, dict) and body and not {slot.name for slot in signature.of("body")} & body.keys()
            may_refuse = "bodies of nothing but unknown properties" if nothing_known else ""
            builder.call(signature, note, body=_with_key(body, signature, 20 + number), may_refuse=may_refuse)
        self.calibration.check(builder, signature)
        if signature in self.calibration.keyed and any(slot.location == "body" for slot in signature.keys):
            for number in range(len(chunk)):
                builder.call(signature, "a valid request with the key of a refused one", key=20 + number)
        return builder

    def strange_ids(self, signature: Signature) -> ScenarioBuilder:
        """Ids that nothing has, some of them near to real ones."""
        builder = self.builder(f"{signature.operation}: ids that nothing has")
        slots = [slot for slot in signature.of("path") if slot.role == "id" and slot.resource is not None]
        if not slots:
            return builder
        self.calibration.prepare(builder, signature)
        for slot in slots:
            real = builder.provide(signature, slot, 0)
            for note, value in self._strange(signature, slot, real):
                # A server may decode a path before it looks for the operation.
                may_refuse = "ids with a slash" if "slash" in note else ""
                more: dict[str, Any] = {"path": {slot.name: value}, "may_refuse": may_refuse}
                builder.call(signature, f"{note} for {slot.name}", variant=3, fill="full", **more)
        self.calibration.check(builder, signature)
        return builder

    def _strange(self, signature: Signature, slot: Slot, real: Template) -> Iterator[tuple[str, Template]]:
        if slot.resource is None:
            return
        yield "a word", "unknown"
        if not slot.is_text:
            if isinstance(real, FromResponse):
                yield "a number with letters behind it", FromResponse(real.label, real.pointer, "lettered")
            return
        yield "an id that was made up", Tagged(f"{slot.resource.id_prefix}{TAG}x")
        yield "a null that was written out", "null"
        yield "undefined", "undefined"
        yield "a slash within it", Tagged(f"a/{TAG}")
        yield "a quote", Tagged(f"{TAG}' OR '1'='1")
        yield "a wildcard", "%"
        yield "a star", "*"
        yield "letters beyond ASCII", Tagged(f"é{TAG}")
        yield "a very long one", Tagged(f"{TAG}{'9' * 300}")
        if isinstance(real, FromResponse):
            for change in NEAR_IDS:
                yield f"a real one, {change}", FromResponse(real.label, real.pointer, change)
            for resource, pointer in self._others(slot):
                yield f"the id of a {resource}", FromResponse(real.label, pointer, "other")
        elif isinstance(real, str):
            for change in NEAR_IDS:
                for near in _near_id(real, change):
                    yield f"a known one, {change}", near

    def same_request_elsewhere(self, signature: Signature) -> ScenarioBuilder:
        """The very same request from another organization, which knows none of its ids."""
        builder = self.builder(f"{signature.operation}: the same request from elsewhere")
        if len(self.tenants) < 2 or not signature.operation.secured or signature.deletes:
            return builder
        self.calibration.prepare(builder, signature)
        builder.call(signature, "from the first organization", fill="full", variant=2)
        last = builder.requests[-1]
        for number in (1, 2):
            note = "the same request from another organization" if number == 1 else "and once more"
            builder.requests.append(replace(last, label=last.label + number, note=note, tenant=1))
        builder.call(signature, "again from the first organization", variant=3)
        return builder

    def removed_elsewhere(self, signature: Signature) -> ScenarioBuilder:
        """No organization removes what belongs to another one."""
        builder = self.builder(f"{signature.operation}: another organization's")
        if len(self.tenants) < 2:
            return builder
        for maker in makers_of(self.signatures, signature.deletes)[:1]:
            made = builder.call(maker, "a record of the other organization", tenant=1, fill="full", variant=1)
            builder.provided(signature.deletes, 0, 1, builder.id_of(maker, made, signature.deletes))
            builder.call(signature, "remove the other organization's")
            self.calibration.read_back(builder, signature, tenant=1)
        return builder

    def methods(self, signature: Signature) -> ScenarioBuilder:
        """Methods that the path does not have."""
        builder = self.builder(f"{signature.operation}: other methods")
        path = signature.operation.path
        documented = {operation.method for operation in self.contract.operations if operation.path == path}
        self.calibration.prepare(builder, signature)
        for method in OTHER_METHODS:
            if method not in documented:
                builder.call(signature, f"{method}, which is not documented", variant=3, method=method, unjudged=True)
        return builder

    def _body(self, builder: ScenarioBuilder, signature: Signature) -> Template:
        """Return a valid body; what it refers to is made before."""
        builder.call(signature, "", variant=3, fill="full")
        return builder.requests.pop().body

    def _others(self, slot: Slot) -> Iterator[tuple[str, str]]:
        """Yield the pointers of the ids of other resources in the answers that make what `slot` refers to."""
        name = slot.resource.name if slot.resource else ""
        for maker in makers_of(self.signatures, name)[:1]:
            for resource, pointer in maker.gives.items():
                if resource != name:
                    yield resource, f"{pointer}/{self.contract.resources[resource].id}"


def _inner(valid: str) -> str:
    return valid[1:-1]


def _text_last(valid: str) -> str:
    """Return an object whose last member is a text, if it has one."""
    members = json.loads(valid)
    texts = [name for name, value in members.items() if isinstance(value, str)]
    last = {texts[-1]: members.pop(texts[-1])} if texts else {}
    return json.dumps({**members, **last}, ensure_ascii=False)


def _first_name(valid: str) -> str:
    name: str = next(iter(json.loads(valid)))
    return name


UNREADABLE: Mapping[str, Callable[[str], bytes]] = {
    "cut off": lambda valid: valid[:-1].encode(),
    "cut off at the end of a text": lambda valid: _text_last(valid)[:-2].encode(),
    "cut off within a text": lambda valid: _text_last(valid)[:-3].encode(),
    "a trailing comma": lambda valid: f"{{{_inner(valid)},}}".encode(),
    "single quotes": lambda valid: valid.replace('"', "'").encode(),
    "a comment": lambda valid: f"/* who */ {valid}".encode(),
    "a comment within": lambda valid: f"{{ // who\n{_inner(valid)}}}".encode(),
    "a comment at its end": lambda valid: f"{valid} // who".encode(),
    "names without quotes": lambda valid: valid.replace(f'"{_first_name(valid)}"', _first_name(valid), 1).encode(),
    "two values": lambda valid: (valid + valid).encode(),
    "something behind it": lambda valid: f"{valid} x".encode(),
    "no value at all": lambda valid: b" ",
    "plain text": lambda valid: b"hello",
    "a text that holds it": lambda valid: json.dumps(valid).encode(),
    "a form": lambda valid: "&".join(f"{name}={value}" for name, value in json.loads(valid).items()).encode(),
    "a number that is none": lambda valid: f'{{{_inner(valid)}, "x_more": 01}}'.encode(),
    "a text with a line break": lambda valid: f'{{{_inner(valid)}, "x_more": "a\nb"}}'.encode(),
    "bytes that are not UTF-8": lambda valid: f"{{{_inner(valid)}".encode() + b', "x_more": "\xff\xfe"}',
    "Latin-1": lambda valid: f"{{{_inner(valid)}".encode() + b', "x_more": "caf\xe9"}',
}
"""Ways of spoiling a JSON object."""

READ_EITHER_WAY: Mapping[str, Callable[[str], bytes]] = {
    "a name that stands twice": lambda valid: f"{{{_inner(valid)}, {_inner(valid)}}}".encode(),
    "half of a surrogate pair": lambda valid: f'{{{_inner(valid)}, "x_more": "\\ud800"}}'.encode(),
    "not a number": lambda valid: f'{{{_inner(valid)}, "x_more": NaN}}'.encode(),
    "UTF-16": lambda valid: valid.encode("utf-16"),
    "a byte order mark": lambda valid: b"\xef\xbb\xbf" + valid.encode(),
    "a number beyond all bounds": lambda valid: f'{{{_inner(valid)}, "x_more": 1e999}}'.encode(),
}
"""What some readers of JSON take and others do not."""


def invalid_bodies(signature: Signature, valid: Template) -> Iterator[tuple[str, Template]]:
    """Yield bodies that some keyword of the schema may refuse, around a valid one."""
    valid = valid if isinstance(valid, dict) else {}
    yield "null for a body", Raw(b"null")
    whole: list[tuple[str, Json]] = [("a list", []), ("a text", "text"), ("a number", 1), ("true", True)]
    yield from ((f"{note} for a body", value) for note, value in whole)
    yield "a list around the body", [valid]
    yield "an empty object", {}
    for wrapper in ("data", "body", "attributes"):
        yield f"the body within {wrapper}", {wrapper: valid}
    for slot in signature.of("body"):
        if slot.required:
            yield f"without {slot.name}", {name: value for name, value in valid.items() if name != slot.name}
            for other in other_names(slot.name):
                yield f"{slot.name} as {other}", {other if name == slot.name else name: v for name, v in valid.items()}
        for note, value in wrong_values(slot, valid.get(slot.name)):
            if slot.role == "free" or not isinstance(value, (int, float)) or not slot.accepts(value):  # it may be somebody's
                yield f"{note} for {slot.name}", {**valid, slot.name: value}


def other_names(name: str) -> list[str]:
    """Return ways of writing the name of a property that are not its name."""
    first, *more = name.split("_")
    names = [f"{name}x", name.upper(), name.capitalize(), f" {name}"]
    if more:
        capital = [word.capitalize() for word in more]
        names += ["".join([first, *capital]), "-".join([first, *more]), "".join([first.capitalize(), *capital]), more[-1]]
    return [other for other in dict.fromkeys(names) if other != name]


def wrong_values(slot: Slot, valid: Template) -> Iterator[tuple[str, Template]]:
    """Yield values that a property may not have, most of them; `valid` is one that it may have."""
    yield from (("a number", 7), ("a fraction", 1.5), ("true", True), ("a list", ["x"]), ("an object", {"x": 1}))
    yield from (("zero", 0), ("false", False), ("an empty list", []), ("an empty object", {}))
    if "null" not in slot.types:
        yield "null", None
    if "string" not in slot.types:
        yield from (("a text", "text"), ("a number in a text", "7"))
        if isinstance(valid, FromResponse):
            yield "the right number in a text", FromResponse(valid.label, valid.pointer, "as text")
    for choice in slot.choices[:1]:
        if isinstance(choice, str):
            yield from (
                ("upper case", choice.upper()),
                ("a capital letter", choice.capitalize()),
                ("space around it", f" {choice} "),
                ("a part of it", choice[:-1]),
                ("something behind it", f"{choice}s"),
                ("an unknown one", "not_one_of_them"),
                ("an empty text", ""),
                ("spaces for underscores", choice.replace("_", " ") if "_" in choice else f"{choice} {choice}"),
                ("a list of it", [choice]),
            )
    if slot.is_text and slot.required and slot.role == "key":
        yield "an empty text", ""
    schema = slot.schema
    if schema.max_length is not None:
        yield "one character too many", "x" * (schema.max_length + 1)
    if schema.min_length > 1:
        yield "one character too few", "x" * (schema.min_length - 1)
    if schema.minimum is not None:
        yield "a number too small", schema.minimum - 1
    if schema.maximum is not None:
        yield "a number too large", schema.maximum + 1
    if schema.items is not None:
        yield from (("a list of objects", [{}]), ("a list of numbers", [1]), ("a list with null", [None]))
    if schema.patterns or schema.formats:
        yield "a text of another form", "~ no ~"


def _near_id(id: str, change: IdVariant) -> Iterator[Json]:
    """Yield what is near a known id, unless it may well be an id too."""
    try:
        yield changed(id, change)
    except Unresolved:
        return


def _with_key(body: Template, signature: Signature, key: int) -> Template:
    """Return a body with another key, where it has one that is valid."""
    if not isinstance(body, dict):
        return body
    replaced = dict(body)
    for slot in signature.keys:
        if isinstance(body.get(slot.name), (Tagged, TaggedNumber)):
            replaced[slot.name] = slot.key(key)
    return replaced
