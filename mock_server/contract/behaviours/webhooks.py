"""Reading what an API sends of itself: callbacks and webhooks of a document, and how they are signed and sent again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mock_server.contract.behaviours.declarations import declared
from mock_server.contract.behaviours.durations import FORM, parse_duration
from mock_server.contract.documents.document import Document, Node
from mock_server.contract.documents.vocabulary import METHODS
from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.schemas.schema import Schema

DELIVERY = "x-webhook-delivery"
STANDARD = "standard-webhooks"
ALGORITHMS = ("hmac-sha256", "hmac-sha1", "hmac-sha512")

IN_OLDER_DOCUMENTS = "x-webhooks"
"""Where documents of OpenAPI 3.0 tell their webhooks, which `webhooks` is for since 3.1."""


@dataclass(frozen=True, slots=True)
class SignatureForm:
    """How messages are signed: in a header, by an algorithm, in a format with {hex}, {base64} or {timestamp}, over a text."""

    header: str
    algorithm: str
    format: str
    signed: str

    @property
    def is_standard(self) -> bool:
        """Whether it is that of Standard Webhooks, with headers of its own for id and time."""
        return self.format == STANDARD


@dataclass(frozen=True, slots=True)
class DeliveryRules:
    """How messages are sent: signed or not, and after how many seconds again where nobody took them."""

    signature: SignatureForm | None = None
    retries: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Announced:
    """A message that a document tells of. `url` is the expression of a callback, empty for a webhook; `pointer` is the
    operation that declares a callback."""

    name: str
    method: str
    url: str
    pointer: str
    schema: Schema | None

    def is_of(self, step: Node) -> bool:
        """Say whether the operation of a step declares it itself."""
        return bool(self.pointer) and step.pointer.startswith(self.pointer + "/")


def read_delivery(document: Document) -> DeliveryRules:
    """Return how a document has its messages sent; flaws are noted in it."""
    node = document.root.extension(DELIVERY)
    declaration = declared("webhook-delivery", node) if node else None
    if node is None or declaration is None:
        return DeliveryRules()
    retries = []
    for place in node["retries"].elements() if "retries" in node.value else ():
        try:
            retries.append(parse_duration(place.value))
        except ValueError:
            place.flaw(f"{piece(place.value)} is not a span of time", FORM)
    signature = _signature(node["signature"]) if "signature" in node.value else None
    if ("secret" in node.value) != ("signature" in node.value):
        lacking = "signature" if "secret" in node.value else "secret"
        node.flaw(f"{piece(lacking)} is missing: a message is signed by a secret, in a form", "give both, or none")
    return DeliveryRules(signature, tuple(retries))


def announced(document: Document) -> Mapping[str, tuple[Announced, ...]]:
    """Return the callbacks and webhooks of a document by name; operations may have callbacks of one name each."""
    found: dict[str, list[Announced]] = {}
    for section in ("webhooks", IN_OLDER_DOCUMENTS):
        webhooks = document.root.get(section)
        for name, entry in webhooks.items() if webhooks and isinstance(webhooks.value, dict) else ():
            found.setdefault(name, []).extend(_messages(name, entry.resolved(), "", ""))
    paths = document.root.get("paths")
    for _, entry in paths.items() if paths else ():
        item = entry.resolved()
        for method in METHODS if isinstance(item.value, dict) else ():
            callbacks = item.get(method, "callbacks")
            for name, callback in callbacks.items() if callbacks else ():
                whole = callback.resolved()
                for url, target in whole.items() if isinstance(whole.value, dict) else ():
                    if not url.startswith("x-"):
                        found.setdefault(name, []).extend(_messages(name, target.resolved(), url, item[method].pointer))
    return {name: tuple(several) for name, several in found.items()}


def announced_as(name: str, step: Node) -> Announced | None:
    """Return the message of a name that a step sends, that of its own operation before others; None, with a flaw, for none."""
    known = announced(step.document)
    if name not in known:
        step.flaw(f"no callback and no webhook is named {piece(name)}", did_you_mean(name, known), "send")
        return None
    return next((one for one in known[name] if one.is_of(step)), known[name][0])


def secret_of(step: Node) -> Node | None:
    """Return what the document of a step says that messages are signed with."""
    return step.document.root.get(DELIVERY, "secret")


def _messages(name: str, item: Node, url: str, pointer: str) -> list[Announced]:
    methods = [method for method in METHODS if isinstance(item.value, dict) and isinstance(item.value.get(method), dict)]
    return [Announced(name, method.upper(), url, pointer, _schema_of(item[method])) for method in methods[:1]]


def _schema_of(operation: Node) -> Schema | None:
    body = operation.get("requestBody")
    whole = body.resolved() if body else None
    schema = whole.get("content", "application/json", "schema") if whole else None
    return Schema(schema) if schema else None


def _signature(node: Node) -> SignatureForm | None:
    if node.value == STANDARD:
        return SignatureForm("webhook-signature", ALGORITHMS[0], STANDARD, "{id}.{timestamp}.{body}")
    if isinstance(node.value, str):
        hint = f"{STANDARD}, or {{header: X-SignatureForm, format: 'sha256={{hex}}'}}"
        node.flaw(f"{piece(node.value)} is not a form of signatures", hint)
        return None
    declaration = declared("webhook-signature", node)
    if declaration is None:
        return None
    if not any(part in declaration["format"] for part in ("{hex}", "{base64}")):
        node.flaw("the signature would not be in it", "write {hex} or {base64} where it goes", "format")
    if "{body}" not in declaration["signed"]:
        node.flaw("the body would not be signed", "write {body} where it goes, as in {timestamp}.{body}", "signed")
    return SignatureForm(declaration["header"], declaration["algorithm"], declaration["format"], declaration["signed"])
