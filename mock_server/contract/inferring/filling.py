"""What a new record gets from a request, and what stands in for required fields that no request gives."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mock_server.contract.behaviours.time_forms import FAR
from mock_server.contract.files.source import Json, pointer_to
from mock_server.contract.inferring.proposal import Unclear
from mock_server.contract.inferring.shapes import names_of, only_value
from mock_server.contract.inferring.words import BEGINNINGS, STATES, kebab, plain, singular
from mock_server.contract.messages.model import RequestBody
from mock_server.contract.sampling.least import sample
from mock_server.contract.schemas.schema import Schema

BODY = "$request.body"
LONGEST_VALUE = 80
"""How long a value that is made up may be, written as JSON; a longer one would say more than the document does."""

MOST_MADE_UP = 8
MOST_STATES = 6


@dataclass(frozen=True, slots=True)
class Taken:
    """What of a body goes into the fields of a record: by `origin` those of one name, and the others one by one."""

    origin: str | None
    fields: frozenset[str]
    renamed: Mapping[str, str]
    always: frozenset[str]
    """The fields that every request gives."""

    @property
    def given(self) -> frozenset[str]:
        """Every field that a request may give."""
        return self.fields | self.renamed.keys()


def taken_from(body: RequestBody | None, thing: Schema, component: str, server_made: Iterable[str]) -> Taken:
    """Return what a body gives to the fields of a thing."""
    schema = body.schema if body else None
    nothing = Taken(None, frozenset(), {}, frozenset())
    if schema is None or body is None or "object" not in schema.types:
        return nothing
    pointer, is_required = "", body.required
    inner = [name for name, part in schema.properties.items() if "object" in part.types and part.properties]
    if len(schema.properties) == 1 and inner and plain(inner[0]) in ("data", singular(component), plain(component)):
        pointer, is_required = pointer_to(inner[0]), is_required and inner[0] in schema.required_in("request")
        schema = schema.properties[inner[0]]
    made = set(server_made)
    fields = {name: part for name, part in thing.properties.items() if name not in made}
    shared = {name for name, part in schema.properties.items() if name in fields and not part.read_only}
    known, renamed = names_of(thing), {}
    for name, part in schema.properties.items():
        field = known.get(plain(name))
        if field in fields and field not in shared and part.types & fields[field].types:
            renamed[field] = f"{BODY}#{pointer}{pointer_to(name)}"
    required = schema.required_in("request") if is_required else frozenset[str]()
    always = {name for name in shared if name in required and not schema.properties[name].nullable}
    always |= {known[plain(name)] for name in required if known.get(plain(name)) in renamed}
    origin = f"{BODY}#{pointer}" if pointer else BODY
    return Taken(origin if shared else None, frozenset(shared), renamed, frozenset(always))


class Filling:
    """Makes up what a new record needs and no request gives. `assumptions` are the points that this leaves open."""

    def __init__(self, thing: Schema, component: str) -> None:
        self.thing = thing
        self.component = component
        self.assumptions: dict[str, Json] = {}
        self.made_up: list[str] = []

    def complete(self, values: dict[str, Json], taken: Taken, server_made: Iterable[str]) -> dict[str, Json]:
        """Return `values` with one for each field that a record has to have; raise `Unclear` where that would be a guess."""
        lacking = self.thing.required - taken.always - values.keys() - set(server_made)
        for name in sorted(lacking, key=list(self.thing.properties).index) if lacking <= self.thing.properties.keys() else ():
            schema = self.thing.properties[name]
            if schema.nullable or schema.has_default:
                if name in taken.renamed:
                    values[name] = taken.renamed[name]
                continue
            value = self._made(name, schema, always=name not in taken.given)
            if name in taken.given:
                source = taken.renamed.get(name, f"{taken.origin}{'' if '#' in str(taken.origin) else '#'}{pointer_to(name)}")
                value = {"$first": [source, value]}
            values[name] = value
            self.made_up.append(name)
        if len(self.made_up) > MOST_MADE_UP:
            raise Unclear(f"no request gives {', '.join(self.made_up[:4])} and {len(self.made_up) - 4} more of its fields")
        for name, source in taken.renamed.items():
            values.setdefault(name, source)
        return values

    def _made(self, name: str, schema: Schema, *, always: bool) -> Json:
        """Return a value or an expression for a field, which stands there `always`, or where a request gives none."""
        value = only_value(schema)
        if value is not None:
            return value
        kinds, word = schema.types - {"null"}, plain(name)
        if schema.values:
            return self._first_of(name, [value for value in schema.values if value is not None], always=always)
        if "date-time" in schema.formats or "date" in schema.formats:
            return "$now"
        if "uuid" in schema.formats:
            return "$uuid"
        if kinds == {"boolean"}:
            return any(word.endswith(end) for end in ("active", "enabled", "visible", "open", "valid"))
        if kinds == {"array"} and not self.thing.properties[name].rules & {"minItems", "contains"}:
            return []
        value = schema.examples[0] if schema.examples else sample(schema)
        if kinds == {"number"} and word in ("created", "updated", "createdat", "updatedat", "timestamp", "modified"):
            return {"$now": "milliseconds" if isinstance(value, int) and value > FAR else "seconds"}
        if isinstance(value, str) and value.startswith("$"):
            value = "$" + value
        if len(json.dumps(value)) > LONGEST_VALUE:
            raise Unclear(f"no request gives {name}, which every {self.component} has")
        return value

    def _first_of(self, name: str, values: list[Json], *, always: bool) -> Json:
        """Return the value that something new most likely has of several; for a state, an assumption."""
        known = {plain(str(value)): value for value in values}
        first = next((known[word] for word in BEGINNINGS if word in known), values[0])
        texts = all(isinstance(value, str) for value in values)
        if not always or plain(name) not in STATES or not texts or not 1 < len(values) <= MOST_STATES:
            return first
        assumption = kebab("new", self.component, name)
        self.assumptions[assumption] = {
            "choices": {value: f"It is {value}." for value in values},
            "default": first,
            "why": f"No request gives the {name} of a new {self.component}, and the document names no default.",
        }
        return {"assumption": assumption}
