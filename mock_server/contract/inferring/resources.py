"""Proposals of `x-resource`: owner, id, key, times and references of a kind of records."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from mock_server.contract.behaviours.ids import id_length
from mock_server.contract.behaviours.time_forms import FAR
from mock_server.contract.documents.document import Node
from mock_server.contract.files.source import Json
from mock_server.contract.inferring.filling import Taken, taken_from
from mock_server.contract.inferring.known import KnownWords
from mock_server.contract.inferring.proposal import Unclear
from mock_server.contract.inferring.shapes import holds_id, names_of
from mock_server.contract.inferring.survey import RecordKind, Role
from mock_server.contract.inferring.words import CREATED, MODIFIED, NAMES, UNIQUE, kebab, named, plain, singular
from mock_server.contract.model import Contract
from mock_server.contract.schemas.checks import NoChoice
from mock_server.contract.schemas.schema import Schema

NUMBERS = frozenset({"unix-time", "timestamp", "int64"})
"""The formats of numbers that may be times."""

_PREFIX = re.compile(r"([A-Za-z]{1,8}_)\w{4,}")
_REFERENCE = re.compile(r"(.+?)_?(?:[iI][dD]|[uU]uid|UUID|[sS]id)s?")
_BEGINNING = re.compile(r"\^?([A-Za-z]{1,8}_?)\[")
_TAKEN = re.compile(r"exist|taken|duplicate|already|unique|conflict|in use", re.IGNORECASE)


@dataclass
class Described:
    """A kind as it is proposed to be declared, with what follows from that for its operations."""

    kind: RecordKind
    declaration: dict[str, Json] = field(default_factory=dict)
    why: list[str] = field(default_factory=list)
    assumptions: dict[str, Json] = field(default_factory=dict)
    server_made: frozenset[str] = frozenset()
    slugs: frozenset[str] = frozenset()
    """The fields that are made of others where no request gives them."""

    when_taken: Json = None
    """What is decided where a key is taken; None where the kind has no key that is guessed."""

    key: str | None = None

    def taken(self, role: Role) -> Taken:
        """Return what the body of an operation gives to a record."""
        return taken_from(role.operation.body, self.kind.schema, self.kind.name, self.server_made)


class Describing:
    """Describes the kinds of a contract."""

    def __init__(self, contract: Contract, kinds: Iterable[RecordKind], known: KnownWords) -> None:
        self.contract = contract
        self.kinds = list(kinds)
        self.known = known

    def describe(self, kind: RecordKind) -> Described:
        """Return how a kind is declared; raise `Unclear` where its ids are none that could be made."""
        described = Described(kind)
        if kind.is_declared:
            resource = self.contract.resources[kind.name]
            described.server_made = resource.server_made
            return described
        if all(role.operation.secured for role in kind.roles):
            described.declaration["owner"] = "organization"
            described.why.append("its callers show credentials")
        self._id(described)
        self._times(described)
        made = {kind.id} if described.declaration.get("ids") != "client" else set()
        times = (described.declaration.get(key) for key in ("created", "modified"))
        described.server_made = frozenset({*made, *(name for name in times if name)})
        self._key(described)
        self._slugs(described)
        self._references(described)
        self._counts(described)
        self._etag(described)
        order = ("owner", "id", "id-prefix", "ids", "key")
        declared = described.declaration
        described.declaration = {key: declared[key] for key in (*order, *declared) if key in declared}
        return described

    def _id(self, described: Described) -> None:
        kind, declared = described.kind, described.declaration
        schema = kind.schema.properties[kind.id]
        if kind.id != "id":
            declared["id"] = kind.id
        for role in kind.having("create"):
            names = role.body.required_in("request") if role.body else frozenset()
            if plain(kind.id) in map(plain, names) and not schema.read_only:
                if not self.known.resource("ids"):
                    raise Unclear(f"the id of a {kind.name} is chosen by the request")
                declared["ids"] = "client"
                described.why.append(f"{kind.id} is chosen by the request")
                return
        if "number" in schema.types or "uuid" in schema.formats:
            return
        examples = [one for one in schema.examples if isinstance(one, str)]
        found = next(filter(None, map(_PREFIX.fullmatch, examples)), None)
        found = found or next(filter(None, map(_BEGINNING.match, schema.patterns)), None)
        for prefix in dict.fromkeys([found[1] if found else "", ""]):
            if self._fits(schema, prefix + "01ab45cd" * 40, id_length(schema, prefix) + len(prefix)):
                if prefix:
                    declared["id-prefix"] = prefix
                    described.why.append(f"{kind.id} begins with {prefix}")
                return
        raise Unclear(f"ids such as a {kind.name} has cannot be made up: {kind.id} has to be of another form")

    def _fits(self, schema: Schema, text: str, length: int) -> bool:
        return not self.contract.schemas.check(schema).violations(text[:length], NoChoice())

    def _times(self, described: Described) -> None:
        kind, declared = described.kind, described.declaration
        fields = [name for name, part in kind.schema.properties.items() if self._holds_time(part)]
        given = {name for role in kind.having("create") if role.body for name in role.body.properties}
        fields = [name for name in fields if name not in given or kind.schema.properties[name].read_only]
        created, modified = named(fields, CREATED), named(fields, MODIFIED)
        numbers = [one for name in (created, modified) if name for one in kind.schema.properties[name].examples]
        if any(isinstance(one, (int, float)) and one > FAR for one in numbers):
            declared["times"] = "milliseconds"
        if created:
            declared["created"] = created
        if modified:
            declared["modified"] = modified
            if not kind.schema.properties[modified].nullable:
                declared["modified-when-new"] = "created"
                return
            name = kebab(modified, "when-new")
            declared["modified-when-new"] = {"assumption": name}
            described.assumptions[name] = {
                "choices": {"none": "It is null.", "created": "It is the time at which the record was made."},
                "default": "none",
                "why": f"{modified} may be null; whether it is for a new record is not said.",
            }

    def _holds_time(self, schema: Schema) -> bool:
        is_text = "string" in schema.types and schema.formats <= {"date-time"} and not schema.patterns
        is_number = schema.types - {"null"} == {"number"} and schema.formats <= NUMBERS
        return (is_text or is_number) and not schema.values

    def _key(self, described: Described) -> None:
        """Take the field that a documented 409 is about for a key."""
        kind = described.kind
        for role in kind.having("create"):
            if "409" not in role.operation.responses:
                continue
            text = self._told(role, "409")
            taken = described.taken(role)
            able = [name for name in taken.given if kind.schema.properties[name].types - {"null"} <= {"string", "number"}]
            words = re.sub("[^a-z0-9 ]", "", text.lower()).split()
            field = next((name for name in able if {plain(name), singular(name)} & set(words) and plain(name) in UNIQUE), None)
            if field is None and (not text or _TAKEN.search(text)):
                field = named(able, UNIQUE)
            if field is None:
                continue
            name = kebab(kind.name, field, "taken")
            described.key, described.when_taken = field, {"assumption": name}
            described.declaration["key"] = [field]
            told = f"409 ({text})" if text else "409"
            described.why.append(f"{told} most likely means that another one has its {field}")
            described.assumptions[name] = {
                "choices": {"conflict": "It is refused with 409.", "allow": f"Another {kind.name} gets it."},
                "default": "conflict",
                "why": f"{role.label} documents {told}; that it is about {field} is a guess.",
            }
            return
        self._key_of_path(described)

    def _key_of_path(self, described: Described) -> None:
        """Take a field that members are found by, and that is not their id, for a key."""
        kind = described.kind
        fields = {name for role in kind.roles if role.shape.parameter and (name := kind.by_parameter(role.shape)) != kind.id}
        given = {name for role in kind.having("create") for name in described.taken(role).given}
        for found in sorted(filter(None, fields & given)):
            name = kebab(kind.name, found, "taken")
            described.key, described.when_taken = found, {"assumption": name}
            described.declaration["key"] = [found]
            described.why.append(f"its paths find it by {found}")
            described.assumptions[name] = {
                "choices": {"allow": f"Another {kind.name} gets it.", "conflict": "It is refused with 409."},
                "default": "allow",
                "why": f"A {kind.name} is found by {found}; what becomes of a second one with the same is not said.",
            }
            return

    def _slugs(self, described: Described) -> None:
        """Take a field called `slug` for one that is made of what the record is called, where requests need not give it."""
        kind, creating = described.kind, described.kind.having("create")
        properties = {name: part for name, part in kind.schema.properties.items() if "string" in part.types}
        slug, source = named(properties, ("slug",)), named(properties, NAMES)
        always = any(slug in described.taken(role).always for role in creating)
        if not self.known.resource("slugs") or not slug or not source or not creating or always or slug == kind.id:
            return
        if self._fits(properties[slug], "a-slug-2", len("a-slug-2")):
            described.declaration["slugs"] = {slug: source}
            described.slugs = frozenset({slug})
            described.why.append(f"{slug} is made of its {source} where no request gives it")

    def _counts(self, described: Described) -> None:
        """Take `task_count` for the number of tasks that hold the record's id."""
        kind, computed = described.kind, dict[str, Json]()
        for name, schema in kind.schema.properties.items():
            word = plain(name).removesuffix("count").removesuffix("s")
            other = self._kind_called(word) if plain(name).endswith("count") and "number" in schema.types else None
            holds = names_of(other.schema) if other and other is not kind else {}
            field = next((holds[one] for one in (singular(kind.name) + "id", singular(kind.name)) if one in holds), None)
            if other is None or field is None or not _share(other.schema.properties[field], kind.schema.properties[kind.id]):
                continue
            computed[name] = {"$count": {"of": other.name, "where": {field: f"$this.{kind.id}"}}}
            described.why.append(f"{name} sounds like the number of its {other.name}s")
        if computed:
            described.declaration["computed"] = computed
            described.server_made |= computed.keys()

    def _etag(self, described: Described) -> None:
        """Take a documented `ETag` for one of the record."""
        responses = [
            one for role in described.kind.having("find", "update", "replace") for one in role.operation.responses.values()
        ]
        if self.known.resource("etag") and any(header.name.lower() == "etag" for one in responses for header in one.headers):
            described.declaration["etag"] = "strong"
            described.why.append("answers document an ETag")

    def _told(self, role: Role, status: str) -> str:
        node: Node | None = self.contract.document.root
        node = node.get("paths", role.operation.path, role.operation.method.lower(), "responses", status) if node else None
        text = node.resolved().value.get("description") if node and isinstance(node.resolved().value, dict) else ""
        return " ".join(str(text or "").split())[:60]

    def _references(self, described: Described) -> None:
        """Take fields that are named as the ids of another kind for references to it."""
        if not self.known.resource("references"):
            return
        kind, found = described.kind, dict[str, Json]()
        for name, schema in kind.schema.properties.items():
            match = _REFERENCE.fullmatch(name)
            other = self._kind_called(match[1]) if match else None
            held = schema.items if schema.items is not None else schema
            if other is None or name in (kind.id, described.key) or not _share(held, other.schema.properties[other.id]):
                continue
            given = [role for role in kind.having("create", "update", "replace") if name in described.taken(role).given]
            found[name] = {"to": other.name, "when-unknown": self._unknown(described, other, given)} if given else other.name
        if found:
            described.declaration["references"] = found
            described.why.append(f"named as ids of others: {', '.join(found)}")

    def _unknown(self, described: Described, other: RecordKind, given: list[Role]) -> Json:
        """Return what is decided where a body gives the id of nothing: an assumption, for nothing tells it."""
        name = kebab("unknown", other.name)
        documents = any("404" in role.operation.responses for role in given if role.verb == "create")
        described.assumptions[name] = {
            "choices": {
                "accept": "It is stored as it is.",
                "not-found": "The request is refused with 404.",
                "invalid": "The request is refused as invalid.",
            },
            "default": "not-found" if documents else "accept",
            "why": f"A body may give the id of a {other.name} that there is not; what follows is not said.",
        }
        return {"assumption": name}

    def _kind_called(self, word: str) -> RecordKind | None:
        return next((kind for kind in self.kinds if singular(kind.name) == singular(word)), None)


def _share(one: Schema, other: Schema) -> bool:
    return holds_id(one) and bool(one.types & other.types - {"null"})
