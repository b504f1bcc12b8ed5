"""Proposals of `x-behaviour`: the steps of an operation on records of a kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mock_server.contract.files.source import Json
from mock_server.contract.inferring.answering import enveloped, page_values, parts_of, tells_next
from mock_server.contract.inferring.filling import Filling, Taken
from mock_server.contract.inferring.known import KnownWords
from mock_server.contract.inferring.listing import Listing
from mock_server.contract.inferring.paths import Within, family_of
from mock_server.contract.inferring.proposal import Unclear
from mock_server.contract.inferring.resources import Described
from mock_server.contract.inferring.sending import Sending
from mock_server.contract.inferring.shapes import component_of, holds_id, is_thing, names_of, schema_of, success
from mock_server.contract.inferring.survey import RecordKind, Role, Survey, field_of
from mock_server.contract.inferring.words import ENDS, PAGE_COUNTS, PAGE_HEADERS, STATES, TOTALS, kebab, plain, singular
from mock_server.contract.messages.model import Parameter
from mock_server.contract.model import Contract
from mock_server.contract.schemas.schema import Schema

RESERVED = frozenset({"request", "generated", "this", "now", "uuid", "item", "caller", "refusal"})

DEFAULT_ORDER = "default-order"


@dataclass
class Proposed:
    """The steps of an operation, why they are what they are, and what else has to be declared for them."""

    steps: list[dict[str, Json]] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    assumptions: dict[str, Json] = field(default_factory=dict)
    view: str = ""
    """A component that shows a record in another way."""


@dataclass
class _Beneath:
    """What the path before a collection comes to: steps that find what it leads through, and fields that hold its ids."""

    steps: list[dict[str, Json]]
    links: dict[str, Json]
    unlinked: list[str]


class Behaving:
    """Proposes steps for the roles of a survey."""

    def __init__(self, contract: Contract, survey: Survey, described: Mapping[str, Described], known: KnownWords) -> None:
        self.survey = survey
        self.sending = Sending(contract, described, known)
        self.described = described
        self.known = known

    def behaviour(self, role: Role) -> Proposed:
        """Return the steps for a role; raise `Unclear` where they would be a guess."""
        described, proposed = self.described[role.kind], Proposed()
        beneath = self._beneath(role, described.kind)
        proposed.steps += beneath.steps
        step = getattr(self, f"_{role.verb}")(role, described, beneath, proposed)
        if described.declaration.get("etag") and self.known.step(next(iter(step)), "if-match"):
            asked = next((one for one in role.operation.parameters if one.name.lower() == "if-match"), None)
            if asked is not None or "412" in role.operation.responses:
                needed = "428" in role.operation.responses or (asked is not None and asked.required)
                step["if-match"] = "required" if needed else "optional"
        proposed.steps.append(step)
        answer = self._answer(role, described, step, proposed)
        headers = self._headers(role, described.kind, step)
        if headers:
            name = step.setdefault("as", _name(role, described.kind))
            has_body = bool(success(role.operation, str(role.status)).content)  # type: ignore[union-attr]  # it has a status
            answer = {**(answer or {"answer": f"${name}" if has_body else None}), "headers": headers}
        sent = self.sending.steps(role)
        proposed.steps += sent
        proposed.why += [f"{one['send']} sounds like what it does" for one in sent]
        if answer is not None:
            proposed.steps.append(answer)
        return proposed

    def _headers(self, role: Role, kind: RecordKind, step: Mapping[str, Json]) -> dict[str, Json]:
        """Return the documented headers of an answer that say where a record is, or how many there are."""
        response = success(role.operation, str(role.status))
        found: dict[str, Json] = {}
        for header in response.headers if response else ():
            word = plain(header.name)
            if role.verb == "create" and word == "location" and (place := self._place(role, kind)):
                found[header.name] = place
            elif role.verb == "list" and self.known.step("list", "sort") and (fact := _counted(word)):
                found[header.name] = f"$page.{fact}"
            elif role.verb == "list" and self.known.step("list", "sort") and word == "link":
                found[header.name] = "$page.link"
            elif role.verb == "list" and "page" in step and (told := PAGE_HEADERS.get(word.removeprefix("x"))):
                found[header.name] = f"$page.{told}"
        return found

    def _place(self, role: Role, kind: RecordKind) -> str | None:
        """Return the path of a new record, with the values of the record in it."""
        known = {within.parameter for within in role.shape.within}
        for other in kind.having("find", "update", "delete"):
            field = kind.by_parameter(other.shape)
            if field and {within.parameter for within in other.shape.within} <= known:
                path = other.operation.path.replace(f"{{{other.shape.parameter}}}", f"{{${_name(role, kind)}.{field}}}")
                for parameter in known:
                    path = path.replace(f"{{{parameter}}}", f"{{$request.path.{parameter}}}")
                return path
        return None

    # What stands before the last word of the path.

    def _above(self, role: Role, within: Within, owner: RecordKind) -> dict[str, Json]:
        """Return the fields of what a part of the path leads through that hold ids of the parts before it."""
        found: dict[str, Json] = {}
        for before in role.shape.within[: role.shape.within.index(within)]:
            link = self._link(owner, before, self._owner(before), _parameter(role, before.parameter))
            if link is not None:
                found[link] = f"$request.path.{before.parameter}"
        return found

    def _beneath(self, role: Role, kind: RecordKind) -> _Beneath:
        shape = role.shape
        found = _Beneath([], {}, [])
        for within in shape.within[:-1] if role.verb == "act" else shape.within:
            owner = self._owner(within)
            link = self._link(kind, within, owner, _parameter(role, within.parameter))
            value = f"$request.path.{within.parameter}"
            if owner is not None:
                where = field_of(owner.schema, within.parameter, singular(within.word), owner.name, owner.id)
                parameter = _parameter(role, within.parameter)
                if where is None or not _fits(parameter, owner.schema.properties[where]):
                    raise Unclear(f"{{{within.parameter}}} is not clearly a field of {owner.name}")
                # By another field than its id, it may be told apart only beneath others.
                links = self._above(role, within, owner) if where != owner.id else {}
                found.steps.append({"find": owner.name, "where": {where: value, **links}})
            if link is not None:
                found.links[link] = value
            else:
                found.unlinked.append(within.parameter)
                if owner is None:
                    raise Unclear(f"no field of {kind.name} holds {{{within.parameter}}} of the path")
        return found

    def _owner(self, within: Within) -> RecordKind | None:
        name = self.survey.owners.get(family_of(within.base))
        return self.survey.kinds.get(name) if name and name in self.described else None

    def _link(self, kind: RecordKind, within: Within, owner: RecordKind | None, parameter: Parameter | None) -> str | None:
        """Return the field of a kind that holds the id of what its path leads through."""
        stems = [singular(within.word), *([singular(owner.name), plain(owner.name)] if owner else [])]
        wanted = [plain(within.parameter)] if plain(within.parameter) not in ("id", plain(kind.id)) else []
        wanted += [stem + end for stem in stems if stem for end in ("id", "uuid", "sid", "key", "")]
        parts = kind.schema.properties
        fields = {
            word: name
            for word, name in names_of(kind.schema).items()
            if holds_id(parts[name]) or ("string" in parts[name].types and parts[name].variants)
        }
        found = [fields[word] for word in wanted if word in fields and fields[word] != kind.id]
        return next((name for name in found if _fits(parameter, kind.schema.properties[name])), None)

    # The steps, by what the operation does.

    def _create(self, role: Role, described: Described, beneath: _Beneath, proposed: Proposed) -> dict[str, Json]:
        kind, taken = described.kind, described.taken(role)
        if not taken.given and role.operation.body is not None and role.body is not None and role.body.properties:
            raise Unclear(f"its body gives nothing that a {kind.name} has")
        self._refuse_whole(kind, taken)
        filling = Filling(kind.schema, kind.name)
        links = dict(beneath.links)
        values = filling.complete(links, taken, described.server_made | described.slugs)
        proposed.assumptions |= filling.assumptions
        made_up = [name for name in filling.made_up if name not in taken.given]
        if made_up:
            proposed.why.append(f"no request gives {', '.join(made_up)}")
        step: dict[str, Json] = {"create": kind.name}
        if taken.origin:
            step["from"] = taken.origin
        if values:
            step["set"] = values
        if described.when_taken is not None:
            step["when-key-taken"] = described.when_taken
        return step

    def _refuse_whole(self, kind: RecordKind, taken: Taken) -> None:
        """Raise `Unclear` where a body gives a whole record of another kind: whether that is made with it is not clear."""
        for name in sorted(taken.given):
            other = component_of(kind.schema.properties[name])
            if other in self.described:
                raise Unclear(f"{name} of its body is a {other} of its own")

    def _find(self, role: Role, described: Described, beneath: _Beneath, proposed: Proposed) -> dict[str, Json]:
        return {"find": described.kind.name, "where": self._where(role, described, beneath)}

    def _delete(self, role: Role, described: Described, beneath: _Beneath, proposed: Proposed) -> dict[str, Json]:
        kind = described.kind
        step: dict[str, Json] = {"delete": kind.name, "where": self._where(role, described, beneath)}
        referring = [other for other in self.described.values() if other.kind is not kind and self._refers(other, kind)]
        if referring:
            names = " or ".join(sorted(other.kind.name for other in referring))
            name = kebab("delete", kind.name, "referred-to")
            documents = "409" in role.operation.responses
            step["when-referred"] = {"assumption": name}
            proposed.assumptions[name] = {
                "choices": {"conflict": "It is refused with 409.", "cascade": f"Each such {names} is deleted with it."},
                "default": "conflict" if documents else "cascade",
                "why": f"{role.label} {'documents a' if documents else 'documents no'} 409; "
                f"what becomes of a {kind.name} that a {names} refers to is not said.",
            }
        return step

    def _refers(self, other: Described, kind: RecordKind) -> bool:
        by_field = other.declaration.get("references", {}).values()
        names = {one["to"] if isinstance(one, dict) else one for one in by_field}
        return kind.name in names or any(
            kind.name in (part.component, *(one.component for one in part.variants))
            for part in other.kind.schema.properties.values()
            if part.types - {"null"} == {"object"}  # what may be a plain value refers to nothing
        )

    def _update(self, role: Role, described: Described, beneath: _Beneath, proposed: Proposed) -> dict[str, Json]:
        kind, taken = described.kind, described.taken(role)
        if not taken.given:
            raise Unclear(f"its body gives nothing that a {kind.name} has")
        self._refuse_whole(kind, taken)
        step: dict[str, Json] = {"update": kind.name, "where": self._where(role, described, beneath)}
        if taken.origin:
            step["from"] = taken.origin
        if taken.renamed:
            step["set"] = dict(taken.renamed)
        if described.when_taken is not None and described.key in taken.given:
            step["when-key-taken"] = described.when_taken
        return step

    def _replace(self, role: Role, described: Described, beneath: _Beneath, proposed: Proposed) -> dict[str, Json]:
        step, taken = self._update(role, described, beneath, proposed), described.taken(role)
        where = step["where"]
        fields = described.kind.schema.properties
        kept = {*taken.always, *described.server_made, *where}
        lacking = [name for name in described.kind.schema.required - kept if name in fields]
        is_partial = role.body is None or not role.body.required_in("request")
        if (
            is_partial
            or not self.known.step("replace")
            or any(not fields[name].nullable and not fields[name].has_default for name in lacking)
        ):
            return step  # what no request gives would be lost
        step = {"replace": step.pop("update"), **step}
        if "201" in role.operation.responses:
            step["otherwise"] = "create"
        if not self.known.step("replace", "when-key-taken"):
            step.pop("when-key-taken", None)
        return step

    def _act(self, role: Role, described: Described, beneath: _Beneath, proposed: Proposed) -> dict[str, Json]:
        """Return the step that brings a record to the state that the last word of the path names."""
        kind, within = described.kind, role.shape.within[-1]
        word = plain(role.shape.word)
        states = [(name, part) for name, part in kind.schema.properties.items() if plain(name) in STATES and part.values]
        if len(states) != 1 or (role.body is not None and role.body.required):
            raise Unclear(f"it is not clear what it makes of a {kind.name}")
        name, schema = states[0]
        ends = [value for value in schema.values or () if isinstance(value, str) and plain(value) in ENDS[word]]
        if len(ends) != 1:
            raise Unclear(f"it is not clear which {name} a {kind.name} has after it")
        proposed.why.append(f"{role.shape.word} sounds like making it {ends[0]}")
        where = field_of(kind.schema, within.parameter, singular(within.word), kind.name, kind.id)
        if where is None or not _fits(_parameter(role, within.parameter), kind.schema.properties[where]):
            raise Unclear(f"{{{within.parameter}}} is not clearly a field of {kind.name}")
        step: dict[str, Json] = {
            "update": kind.name,
            "where": {where: f"$request.path.{within.parameter}"},
            "set": {name: ends[0]},
        }
        if "409" in role.operation.responses and self.known.step("update", "require"):
            others = [value for value in schema.values or () if value not in (ends[0], None)]
            step["require"] = {name: others[0] if len(others) == 1 else others}
            proposed.why.append("409 most likely means that it is so already")
        return step

    def _list(self, role: Role, described: Described, beneath: _Beneath, proposed: Proposed) -> dict[str, Json]:
        if beneath.unlinked:
            raise Unclear(f"no field of {described.kind.name} holds {{{beneath.unlinked[0]}}} of the path")
        answered = schema_of(success(role.operation, str(role.status)))
        listing = Listing(role.operation, described.kind, self.known, tells_next=tells_next(answered))
        step = listing.step(beneath.links)
        if plain(role.shape.word).startswith("find") and not listing.filters:
            raise Unclear("it is not clear by what it finds")
        created, sort = described.declaration.get("created"), str(step.get("sort", "")).removeprefix("$request.query.")
        is_said = any(one.name == sort and one.has_default for one in role.operation.parameters)
        if created and not is_said and "order" not in step and self.known.step("list", "order"):
            step["order"] = {"assumption": DEFAULT_ORDER, "cases": {"oldest": [], "newest": [f"-{created}"]}}
            proposed.assumptions[DEFAULT_ORDER] = {
                "choices": {"oldest": "The oldest come first.", "newest": "The newest come first."},
                "default": "newest" if "after" in step else "oldest",  # who pages beside a record begins with the newest
                "why": "In which order lists are is not said.",
            }
        if listing.unused:
            proposed.why.append(f"not used: {', '.join(listing.unused)}")
        return step

    def _where(self, role: Role, described: Described, beneath: _Beneath) -> dict[str, Json]:
        kind, parameter = described.kind, role.shape.parameter
        if parameter is None:
            return {kind.id: f"$request.body#/{kind.id}"}
        name = kind.by_parameter(role.shape)
        if name is None or not _fits(_parameter(role, parameter), kind.schema.properties[name]):
            raise Unclear(f"{{{parameter}}} is not of the type of a field of {kind.name}")
        return {name: f"$request.path.{parameter}", **beneath.links}

    # The answer.

    def _answer(self, role: Role, described: Described, step: dict[str, Json], proposed: Proposed) -> dict[str, Json] | None:
        """Return the last step, where the result is not answered as it is."""
        kind, operation = described.kind, role.operation
        response = success(operation, role.status) if role.status else None
        schema = schema_of(response)
        lowest = min(status for status in operation.responses if status.startswith("2") and status.isdecimal())
        if response is None or not response.content or schema is None:
            if role.verb in ("list", "find"):
                raise Unclear("what it answers has no schema")
            return None if lowest == role.status else {"answer": None, "status": int(str(role.status))}
        if not role.shown and not is_thing(schema):
            raise Unclear(f"what it answers is not a {kind.name}")
        name = _name(role, kind)
        template = self._template(role, kind, schema, name, step, proposed)
        status = _status(role, lowest)
        if template == f"${name}" and status is None:
            return None
        step["as"] = name
        return {"answer": template, **({} if status is None else {"status": status})}

    def _template(
        self, role: Role, kind: RecordKind, schema: Schema, name: str, step: dict[str, Json], proposed: Proposed
    ) -> Json:
        shown = role.shown
        if shown is None:
            return parts_of(schema, kind.schema, name)
        inner: Json = f"${name}"
        if shown.component != kind.name:
            if shown.schema.target.required <= kind.schema.properties.keys() and _share_types(shown.schema, kind.schema):
                proposed.view = shown.component
                inner = {"$view": {"as": shown.component, "of": inner}}
            elif shown.several or shown.around:
                raise Unclear(f"it shows a {shown.component}, which is not a {kind.name}")
            else:
                return parts_of(schema, kind.schema, name)
        paging = next((key for key in ("cursor", "page", "offset", "after", "before") if key in step), None)
        has_values = shown.several and self.known.step("list", "sort")
        beside = page_values(name, paging) if has_values else {}
        beside["address"] = re.sub(r"\{([^{}]*)\}", r"{$request.path.\1}", role.operation.path)
        return enveloped(schema, shown, inner, beside)


def _counted(word: str) -> str | None:
    """Return what of a page a header counts, by its name; makers put their own name into it: `X-WP-Total`."""
    for fact, names in (("pages", PAGE_COUNTS), ("total", TOTALS)):
        if word in names or (word.startswith("x") and "limit" not in word and word.endswith(tuple(names))):
            return fact
    return None


def _parameter(role: Role, name: str) -> Parameter | None:
    found = (one for one in role.operation.parameters if one.location == "path" and one.name == name)
    return next(found, None)


def _fits(parameter: Parameter | None, schema: Schema) -> bool:
    return parameter is not None and bool(parameter.check.schema.types & schema.types)


def _share_types(one: Schema, other: Schema) -> bool:
    common = one.properties.keys() & other.properties.keys()
    return bool(common) and all(one.properties[name].types & other.properties[name].types for name in common)


def _name(role: Role, kind: RecordKind) -> str:
    if role.verb == "list":
        return "page"
    name = singular(kind.name.rpartition(".")[2])
    return name if name[:1].isalpha() and name not in RESERVED else "record"


def _status(role: Role, lowest: str) -> Json:
    """Return the status where it is not the lowest that is documented."""
    if role.verb == "replace" and {"200", "201"} <= role.operation.responses.keys():
        return {"made": 201, "found": 200}
    return None if lowest == role.status else int(str(role.status))
