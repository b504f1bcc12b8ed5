"""Scenarios of what has to be refused, and has to leave everything as it was; derived from a contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from contract_tests.scenarios.builder import ScenarioBuilder
from contract_tests.scenarios.credentials import NOTHING, is_judged, wrong_credentials
from contract_tests.scenarios.invalid_bodies import READ_EITHER_WAY, UNREADABLE, invalid_bodies, refused_body
from contract_tests.scenarios.signatures import Signature, Slot
from contract_tests.scenarios.subject import Subject
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
    media_type_of,
)
from mock_server.contract.files.source import Json
from mock_server.contract.messages.codecs import is_json

BODIES_IN_ONE = 16
NEAR_IDS: tuple[IdVariant, ...] = ("prefix", "longer", "upper", "spaced", "encoded")
OTHER_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
OTHER_MEDIA_TYPES = (
    "text/plain",
    "application/xml",
    "application/x-www-form-urlencoded",
    "text/html",
    "application/octet-stream",
)


class NegativeCases:
    """Writes the scenarios. Each looks afterwards whether anything was stored."""

    def __init__(self, subject: Subject, *, expired_token: str, other_methods: bool, spread: bool = False) -> None:
        self.subject = subject
        self.expired_token = expired_token
        self.other_methods = other_methods
        self.spread = spread

    def writers(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes each scenario."""
        paths: set[str] = set()
        for signature in self.subject.signatures:
            if signature.operation.behaviour:  # the others are called with ids that are there
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
            if self.other_methods and signature.operation.path not in paths:
                yield partial(self.methods, signature)
            paths.add(signature.operation.path)

    def builder(self, title: str) -> ScenarioBuilder:
        """Return a builder of an empty scenario."""
        return ScenarioBuilder(self.subject, title, "refusals")

    def tokens(self, signature: Signature) -> ScenarioBuilder:
        """Every way of not having a token."""
        builder = self.builder(f"{signature.operation}: tokens")
        security = signature.operation.security
        if not is_judged(security):
            return builder
        token = self.subject.tenants[0].token
        builder.prepare(signature)
        for note, carried in wrong_credentials(security, token, self.expired_token).items():
            builder.call(signature, note, variant=3, fill="full", carried=carried)
        self._tells_nothing(builder, signature)
        if self.other_methods:  # elsewhere a token in the address would end up in logs
            right = {name for scheme in security.schemes for name in (*scheme.secret_parameters, *scheme.secret_headers)}
            query = {name: token for name in ("access_token", "token", "api_key") if name not in right}
            builder.call(signature, "the token in the query", variant=3, fill="full", carried=NOTHING, query=query)
            headers = {"X-API-Key": token, "X-Auth-Token": token, "Cookie": f"token={token}; access_token={token}"}
            headers = {name: text for name, text in headers.items() if name.lower() not in right}
            builder.call(signature, "the token in other headers", variant=3, fill="full", carried=NOTHING, headers=headers)
        builder.check(signature)
        return builder

    def _tells_nothing(self, builder: ScenarioBuilder, signature: Signature) -> None:
        """Whoever has no token is not told what else is wrong: neither with the body, nor whether there is such an id."""
        plain = next(one.label for one in builder.requests if one.carried == NOTHING)
        more: dict[str, Any] = {"variant": 3, "fill": "full", "carried": NOTHING, "like": plain}
        if signature.operation.body is not None:
            valid = self._body(builder, signature)
            if (body := refused_body(signature, valid)) is not None:
                builder.call(signature, "without a token, and with an invalid body", body=body, **more)
            if not self.spread and isinstance(valid, dict) and valid:  # a parser may well come before who asks is looked at
                more["like"] = 0
                cut, refusable = Mangled(valid, UNREADABLE["cut off"]), "bodies that are not JSON, whoever sends them"
                builder.call(
                    signature, "without a token, and with a body that is cut off", body=cut, may_refuse=refusable, **more
                )
                more["like"] = plain
        for slot in [slot for slot in signature.of("path") if slot.role == "id" and slot.resource is not None][-1:]:
            for other in _of_the_same_form(builder.provide(signature, slot, 0)):
                builder.call(signature, f"without a token, and with an unknown {slot.name}", path={slot.name: other}, **more)

    def unreadable(self, signature: Signature) -> ScenarioBuilder:
        """Every sort of body that is not JSON, each around a valid request."""
        builder = self.builder(f"{signature.operation}: bodies that are not JSON")
        builder.prepare(signature)
        body = self._body(builder, signature)
        if not isinstance(body, dict) or not body:
            return builder
        for note, mangle in UNREADABLE.items():
            builder.call(signature, note, body=Mangled(body, mangle))
        builder.call(signature, "no body", body=Raw(b""))
        builder.check(signature)
        odd = {name: Tagged(f"odd.{value.text}") if isinstance(value, Tagged) else value for name, value in body.items()}
        for note, mangle in READ_EITHER_WAY.items():
            builder.call(signature, note, body=Mangled(odd, mangle), unjudged=True)
        return builder

    def media_types(self, signature: Signature) -> ScenarioBuilder:
        """Bodies of other media types, and the right one in other ways of writing."""
        builder = self.builder(f"{signature.operation}: media types")
        builder.prepare(signature)
        for media_type in OTHER_MEDIA_TYPES:
            builder.call(signature, f"JSON called {media_type}", variant=3, fill="full", media_type=media_type)
        builder.check(signature)
        if not is_json(media_type_of(signature.operation)):
            return builder
        for media_type in ("application/json; charset=utf-8", "Application/JSON", 'application/json;charset="UTF-8"'):
            builder.call(signature, f"JSON called {media_type}", variant=1, fill="full", media_type=media_type)
        builder.call(signature, "JSON called nothing", key=5, media_type=OMITTED, unjudged=True)
        return builder

    def invalid(self, signature: Signature, start: int) -> ScenarioBuilder:
        """Some bodies that the schema may refuse; the engine knows which ones it does."""
        builder = self.builder("")
        builder.prepare(signature)
        chunk = list(invalid_bodies(signature, self._body(builder, signature)))[start : start + BODIES_IN_ONE]
        builder.title = f"{signature.operation}: invalid bodies, from {chunk[0][0]} on" if chunk else ""
        for note, body in chunk:
            nothing_known = isinstance(body, dict) and body and not {slot.name for slot in signature.of("body")} & body.keys()
            may_refuse = "bodies of nothing but unknown properties" if nothing_known else ""
            builder.call(signature, note, body=_with_key(body, signature, 20), may_refuse=may_refuse)
        builder.check(signature)
        if signature in self.subject.keyed and any(slot.location == "body" for slot in signature.keys):
            builder.call(signature, "a valid request with the key of the refused ones", key=20)
        return builder

    def strange_ids(self, signature: Signature) -> ScenarioBuilder:
        """Ids that nothing has, some of them near to real ones."""
        builder = self.builder(f"{signature.operation}: ids of no record")
        slots = [slot for slot in signature.of("path") if slot.role == "id" and slot.resource is not None]
        if not slots:
            return builder
        builder.prepare(signature)
        for slot in slots:
            real = builder.provide(signature, slot, 0)
            for note, value in self._strange(signature, slot, real):
                # A server may decode a path before it looks for the operation.
                may_refuse = "ids with a slash" if "slash" in note else ""
                more: dict[str, Any] = {"path": {slot.name: value}, "may_refuse": may_refuse}
                builder.call(signature, f"{note} for {slot.name}", variant=3, fill="full", **more)
        builder.check(signature)
        return builder

    def _strange(self, signature: Signature, slot: Slot, real: Template) -> Iterator[tuple[str, Template]]:
        if slot.resource is None:
            return
        yield "a word", "unknown"
        if not slot.is_text:
            if isinstance(real, FromResponse):
                yield "a number with letters behind it", FromResponse(real.label, real.pointer, "lettered")
                yield "a number below zero", FromResponse(real.label, real.pointer, "negative")
                yield "a number that is encoded twice", FromResponse(real.label, real.pointer, "encoded")
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
        builder = self.builder(f"{signature.operation}: the same request from another organization")
        if len(self.subject.tenants) < 2 or not signature.operation.secured or signature.deletes:
            return builder
        builder.prepare(signature)
        builder.call(signature, "a request of the first organization", fill="full", variant=2)
        last = builder.requests[-1]
        for number in (1, 2):
            note = "the same request from another organization" if number == 1 else "the same request again"
            builder.requests.append(replace(last, label=last.label + number, note=note, tenant=1))
        builder.call(signature, "the same request of the first organization again", variant=3)
        return builder

    def removed_elsewhere(self, signature: Signature) -> ScenarioBuilder:
        """No organization removes what belongs to another one."""
        builder = self.builder(f"{signature.operation}: records of another organization")
        if len(self.subject.tenants) < 2:
            return builder
        for maker in self.subject.makers_of(signature.deletes)[:1]:
            made = builder.call(maker, "create a record in the other organization", tenant=1, fill="full", variant=1)
            builder.refer_to(signature.deletes, maker, made)
            builder.call(signature, "remove the record of the other organization")
            builder.read_back(signature, tenant=1)
        return builder

    def methods(self, signature: Signature) -> ScenarioBuilder:
        """Methods that the path does not have."""
        builder = self.builder(f"{signature.operation}: other methods")
        path = signature.operation.path
        documented = {operation.method for operation in self.subject.contract.operations if operation.path == path}
        builder.prepare(signature)
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
        for maker in self.subject.makers_of(name)[:1]:
            for resource, pointer in maker.gives.items():
                if resource != name:
                    yield resource, f"{pointer}/{self.subject.contract.resources[resource].id}"


def _of_the_same_form(id: Template) -> Iterator[Template]:
    """Yield an id that looks like a real one and is most likely nobody's."""
    if isinstance(id, FromResponse):
        yield replace(id, change="turned")
    elif isinstance(id, (str, int)):
        yield changed(id, "turned")


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
