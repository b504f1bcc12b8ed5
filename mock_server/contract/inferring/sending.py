"""Proposals of messages: which operation sends what a document announces as a callback or a webhook, and to whom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mock_server.contract.documents.document import Node
from mock_server.contract.files.source import Json
from mock_server.contract.inferring.known import KnownWords
from mock_server.contract.inferring.resources import Described
from mock_server.contract.inferring.survey import RecordKind, Role
from mock_server.contract.inferring.words import ENDS, plain, singular
from mock_server.contract.model import Contract

HAPPENED: Mapping[str, tuple[str, ...]] = {
    "create": ("created", "made", "new", "added", "opened"),
    "update": ("updated", "changed", "modified"),
    "replace": ("updated", "changed", "modified", "replaced"),
    "delete": ("deleted", "removed"),
}
ADDRESSES = ("url", "callbackurl", "webhookurl", "targeturl", "endpoint", "target", "callback")
SUBSCRIBERS = ("hook", "subscription", "subscriber")
EVENTS = ("event", "events", "eventtype", "eventtypes", "topic", "topics")


class Sending:
    """What each operation sends, as far as the names of messages tell."""

    def __init__(self, contract: Contract, described: Mapping[str, Described], known: KnownWords) -> None:
        self.messages = list(self._messages(contract, described)) if known.step("send", "to") else []

    def steps(self, role: Role) -> list[dict[str, Json]]:
        """Return the steps by which an operation sends its messages."""
        return [step for event, step in self.messages if _happens(event, role)]

    def _messages(self, contract: Contract, described: Mapping[str, Described]) -> Iterator[tuple[str, dict[str, Json]]]:
        kinds = [one.kind for one in described.values()]
        for kind in kinds:
            for role in kind.having("create"):
                node = contract.document.root.get("paths", role.operation.path, role.operation.method.lower(), "callbacks")
                for event, callback in node.items() if node else ():
                    if _address_in(callback, kind):
                        yield event, {"send": event, "to": kind.name, **_where(event, kind)}
        subscriber = next((kind for kind in kinds if any(word in plain(kind.name) for word in SUBSCRIBERS)), None)
        webhooks = contract.document.root.get("webhooks")
        for event, _ in webhooks.items() if webhooks and subscriber else ():
            names = {plain(name): name for name in subscriber.schema.properties} if subscriber else {}
            address = next((names[word] for word in ADDRESSES if word in names), None)
            if subscriber and address:
                step = {"send": event, "to": subscriber.name, **_where(event, subscriber), "url": f"$this.{address}"}
                yield event, step


def _address_in(callback: Node, kind: RecordKind) -> bool:
    """Say whether a callback goes to an address that the body of its request gives and a record keeps."""
    expressions = list(callback.resolved().value) if isinstance(callback.resolved().value, dict) else []
    found = [re.fullmatch(r"\{\$request\.body#/([\w-]+)\}", expression) for expression in expressions]
    return len(found) == 1 and found[0] is not None and found[0][1] in kind.schema.properties


def _where(event: str, kind: RecordKind) -> dict[str, Json]:
    for name, schema in kind.schema.properties.items():
        if plain(name) in EVENTS and "string" in schema.types and (schema.values is None or event in schema.values):
            return {"where": {name: event}}
        if plain(name) in EVENTS and schema.items is not None and "string" in schema.items.types:
            return {"where": {name: {"contains": event}}}
    return {}


def _happens(event: str, role: Role) -> bool:
    """Say whether a message tells, by its name, what an operation does with its kind of record."""
    name, kind = plain(event), singular(role.kind)
    if not name.startswith(kind):
        return False
    rest = name.removeprefix(kind)
    if role.verb == "act":
        word = plain(role.shape.word)
        return rest in ENDS.get(word, ())
    return rest in HAPPENED.get(role.verb, ())
