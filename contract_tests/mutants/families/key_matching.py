"""Keys that are matched carelessly: too much is found by a key, or too little."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias
from urllib.parse import unquote

from contract_tests.mutants.facts import KeyLookup, settled, spread, written_properties
from contract_tests.mutants.families.alterations import found, hidden, known_ids, only_for
from contract_tests.mutants.families.names import FIND_OR_CREATE
from contract_tests.mutants.hooks import Mutant, MutantContext, MutantExecution, PerformHook, Proceed
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract, Resource
from mock_server.contract.problems import Refused
from mock_server.engine.engine import Performed
from mock_server.engine.store import Record
from mock_server.engine.values import folded
from mock_server.engine.verbs import Update

REMEMBERED = 3

Alike: TypeAlias = Callable[[Json, Json], bool]
"""Whether a stored key value is taken for the one that is asked for, though it is another one."""

Hides: TypeAlias = Callable[[MutantContext, MutantExecution, Record, KeyLookup], bool]
"""Whether a record is overlooked, though its key is asked for."""


def _texts(alike: Callable[[str, str], bool]) -> Alike:
    return lambda stored, asked: isinstance(stored, str) and isinstance(asked, str) and alike(stored, asked)


def _same(change: Callable[[str], str]) -> Alike:
    return _texts(lambda stored, asked: change(stored) == change(asked))


def _numbers(alike: Callable[[int, int], bool]) -> Alike:
    return lambda stored, asked: isinstance(stored, int) and isinstance(asked, int) and alike(stored, asked)


def _without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _like(pattern: str, text: str) -> bool:
    """Say whether `text` is LIKE `pattern`, as SQL has it."""
    return re.fullmatch(re.escape(pattern).replace("%", ".*").replace("_", "."), text, re.DOTALL) is not None


def _untagged(text: str) -> str:
    return re.sub(r"\+[^@]*(?=@)", "", text)


def _undotted(text: str) -> str:
    local, at_sign, domain = text.rpartition("@")
    return local.replace(".", "") + at_sign + domain


WIDE_TEXTS: tuple[tuple[str, str, Alike], ...] = (
    ("accents", "accents do not count", _same(_without_accents)),
    ("compatible", "characters that look the same are the same", _same(lambda text: unicodedata.normalize("NFKC", text))),
    ("composed", "composed and decomposed characters are the same", _same(lambda text: unicodedata.normalize("NFC", text))),
    ("prefix", "the first 64 characters are enough", _same(lambda text: text[:64])),
    ("prefix-24", "the first 24 characters are enough", _same(lambda text: text[:24])),
    ("part-of-stored", "a part of a stored key is enough", _texts(lambda stored, asked: asked in stored)),
    ("stored-is-part", "a stored key is found in a longer one", _texts(lambda stored, asked: stored in asked)),
    ("wildcards", "_ and % are wildcards", _texts(lambda stored, asked: _like(asked, stored))),
    ("pattern", "a dot stands for any character", _texts(lambda stored, asked: _dotted(asked, stored))),
    ("inner-spaces", "white space within does not count", _same(lambda text: re.sub(r"(?<=\S)\s+(?=\S)", "", text))),
    ("invisible", "characters without width do not count", _same(lambda text: re.sub("[\u200b-\u200d\u2060\ufeff]", "", text))),
    ("punctuation", "hyphens, underscores and apostrophes do not count", _same(lambda text: re.sub("[-_']", "", text))),
    ("zeros", "leading zeros of numbers do not count", _same(lambda text: re.sub(r"(?<!\d)0+(?=\d)", "", text))),
    ("percent", "percent-encoded characters are what they stand for", _same(unquote)),
    ("entities", "HTML entities are what they stand for", _same(html.unescape)),
    ("plus-as-space", "a plus sign is a space", _same(lambda text: text.replace("+", " "))),
)


WIDE_EMAILS: tuple[tuple[str, str, Alike], ...] = (
    ("tags", "what stands behind a plus sign does not count", _same(_untagged)),
    ("dots", "dots before the @ do not count", _same(_undotted)),
    ("domain", "the domain is enough", _same(lambda text: text.rpartition("@")[2])),
    ("local-part", "what stands before the @ is enough", _same(lambda text: text.rpartition("@")[0])),
    ("subdomains", "subdomains do not count", _same(lambda text: re.sub(r"@.*?([^.@]+\.[^.@]+)$", r"@\1", text))),
    ("top-level", "the last part of the domain does not count", _same(lambda text: text.rpartition(".")[0])),
    ("trailing-dot", "a dot at the end does not count", _same(lambda text: text.rstrip("."))),
)


WIDE_NUMBERS: tuple[tuple[str, str, Alike], ...] = (
    ("sign", "the sign of a number does not count", _numbers(lambda stored, asked: abs(stored) == abs(asked))),
    ("remainder", "only the last three digits count", _numbers(lambda stored, asked: stored % 1000 == asked % 1000)),
    ("digits", "a number is found by its first digits", _numbers(lambda stored, asked: str(stored).startswith(str(asked)))),
    ("neighbour", "a number one above is found as well", _numbers(lambda stored, asked: stored == asked + 1)),
    ("32-bit", "numbers are cut to 32 bits", _numbers(lambda stored, asked: stored % 2**32 == asked % 2**32)),
    ("float", "numbers are compared as doubles", _numbers(lambda stored, asked: float(stored) == float(asked))),
)


def _dotted(pattern: str, text: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\.", "."), text) is not None


def found_too_often(contract: Contract, resource: Resource, found_by: list[KeyLookup]) -> Iterator[Mutant]:
    """Yield the mutants that find a record by a key that is another one."""
    for field in resource.key:
        types = resource.fields[field].schema.types
        kinds = WIDE_TEXTS if "string" in types else WIDE_NUMBERS if "number" in types else ()
        if "mail" in field.lower():
            kinds += WIDE_EMAILS
        if "string" in types:
            kinds += tuple(_stricter(contract, resource))
        for (name, about, alike), lookup in spread(kinds, found_by):
            told = f"{lookup.operation.id} finds a {resource.name} by a {field} that is another one: {about}."
            hook = _finding(lookup, {field: alike})
            yield Mutant(f"{FIND_OR_CREATE}.wide-{name}.{lookup.operation.id}.{field}", FIND_OR_CREATE, told, perform=hook)
        if len(resource.key) > 1:
            lookup = found_by[0]
            told = f"{lookup.operation.id} finds a {resource.name} whatever the {field} is."
            hook = _finding(lookup, {field: lambda stored, asked: True})
            yield Mutant(f"{FIND_OR_CREATE}.wide-any.{lookup.operation.id}.{field}", FIND_OR_CREATE, told, perform=hook)
    anything: dict[str, Alike] = dict.fromkeys(resource.key, lambda stored, asked: True)
    for (name, newest), lookup in spread((("first", False), ("latest", True)), found_by):
        told = f"{lookup.operation.id} never makes a {resource.name} but takes the {name} one there is."
        hook = _finding(lookup, anything, newest=newest)
        yield Mutant(f"{FIND_OR_CREATE}.never-makes-{name}.{lookup.operation.id}", FIND_OR_CREATE, told, perform=hook)
    for lookup in found_by:
        told = f"{lookup.operation.id} refuses a key that is not known yet."
        yield Mutant(f"{FIND_OR_CREATE}.never-makes.{lookup.operation.id}", FIND_OR_CREATE, told, perform=_never_made(lookup))
        if any(
            taken.is_key and taken.resource == resource and isinstance(taken.step, Update)
            for taken in written_properties(contract)
        ):
            told = f"{lookup.operation.id} finds the {resource.name} that had the key before, not the one that has it now."
            yield Mutant(
                f"{FIND_OR_CREATE}.former-holder.{lookup.operation.id}", FIND_OR_CREATE, told, perform=_former_holder(lookup)
            )
            told = f"{lookup.operation.id} finds the {resource.name} that it has found by the key before, whoever has it now."
            yield Mutant(
                f"{FIND_OR_CREATE}.remembered-holder.{lookup.operation.id}",
                FIND_OR_CREATE,
                told,
                perform=_remembered_holder(lookup),
            )


def _never_made(lookup: KeyLookup) -> PerformHook:
    """Return a hook that refuses keys which are not known."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        asked = lookup.asked(execution.body)
        if asked and not known_ids(context, execution, lookup.resource, asked):
            raise Refused("not-found", f"There is no such {lookup.resource.name}.")
        return proceed(execution)

    return only_for(lookup.operation, hook)


def _former_holder(lookup: KeyLookup) -> PerformHook:
    """Return a hook that finds whoever had a key before, though it is another record's now."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        asked, resource, owner = lookup.asked(execution.body), lookup.resource, execution.owner(lookup.resource)
        if asked and isinstance(execution.body, dict) and (ids := known_ids(context, execution, resource, asked)):
            key = context.layout[resource.name][resource.key]
            for former in execution.store.remembered(key, owner, tuple(asked[field] for field in resource.key)):
                record = execution.store.get(resource.name, owner, former.id)
                if record is not None and former.id not in ids:
                    body = {**execution.body, **{lookup.tokens[field]: record[field] for field in asked}}
                    return proceed(execution.but(body=body))
        return proceed(execution)

    return only_for(lookup.operation, hook)


def _remembered_holder(lookup: KeyLookup) -> PerformHook:
    """Return a hook that remembers who was found by a key, and does not notice that the key becomes another record's."""

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        asked, resource, owner = lookup.asked(execution.body), lookup.resource, execution.owner(lookup.resource)
        if not asked or not isinstance(execution.body, dict):
            return proceed(execution)
        record = found(context, execution, lookup)
        if record is None:
            return proceed(execution)
        remembered = context.memory.setdefault(f"found {owner} {sorted(asked.items())}", record[resource.id])
        other = execution.store.get(resource.name, owner, remembered) if remembered != record[resource.id] else None
        if other is None or any(other.get(field) is None for field in asked):
            return proceed(execution)
        return proceed(execution.but(body={**execution.body, **{lookup.tokens[field]: other[field] for field in asked}}))

    return only_for(lookup.operation, hook)


def _stricter(contract: Contract, resource: Resource) -> Iterator[tuple[str, str, Alike]]:
    """Yield the common ways to match too much that some documents allow, where this one does not."""
    if settled(contract, resource.key_case) == "exact":  # how far ignoring case goes is nobody's business
        yield "sharp-s", "ß is ss", _same(lambda text: text.replace("ß", "ss"))
        yield "capitals", "it is found in capitals too", _texts(lambda stored, asked: asked in (stored, stored.upper()))
    if set(resource.key_case.possible()) == {"exact"}:
        yield "case", "case does not count", _same(str.lower)
    if set(resource.key_space.possible()) == {"exact"}:
        yield "space", "surrounding white space does not count", _same(str.strip)


def _finding(lookup: KeyLookup, alike: Mapping[str, Alike], *, newest: bool = False) -> PerformHook:
    """Return a hook that asks for the key of a record that is alike where no record has the very key."""

    def is_alike(record: Record, asked: Mapping[str, Json]) -> bool:
        return all(
            alike[field](record[field], value) if field in alike else folded(record[field]) == folded(value)
            for field, value in asked.items()
        )

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        asked, resource = lookup.asked(execution.body), lookup.resource
        if asked and isinstance(execution.body, dict) and not known_ids(context, execution, resource, asked):
            records = list(execution.store.scan(resource.name, execution.owner(resource)))
            complete = [record for record in records if None not in [record[field] for field in resource.key]]
            near = [record for record in complete if is_alike(record, asked)]
            if near:
                record = near[-1 if newest else 0]
                execution = execution.but(body={**execution.body, **{lookup.tokens[field]: record[field] for field in asked}})
        return proceed(execution)

    return only_for(lookup.operation, hook)


def found_too_seldom(found_by: list[KeyLookup]) -> Iterator[Mutant]:
    """Yield the mutants that do not find a record by its key."""
    for (name, about, hides), lookup in spread(NARROW, found_by):
        about = f"{lookup.operation.id} does not find a known {lookup.resource.name}: {about}."
        yield Mutant(
            f"{FIND_OR_CREATE}.narrow-{name}.{lookup.operation.id}", FIND_OR_CREATE, about, perform=_overlooking(lookup, hides)
        )
    if len(found_by) > 1:
        for lookup in found_by:
            about = f"{lookup.operation.id} does not find a {lookup.resource.name} that another operation made."
            hook = _only_its_own(lookup)
            yield Mutant(f"{FIND_OR_CREATE}.narrow-own.{lookup.operation.id}", FIND_OR_CREATE, about, perform=hook)
    for lookup in found_by:
        if any(parameter.location == "path" for parameter in lookup.operation.parameters):
            about = f"{lookup.operation.id} finds a {lookup.resource.name} only where it was made with the same path."
            hook = _only_its_own(lookup, same_path=True)
            yield Mutant(f"{FIND_OR_CREATE}.narrow-path.{lookup.operation.id}", FIND_OR_CREATE, about, perform=hook)


def _key_text(record: Record, lookup: KeyLookup) -> str:
    return "".join(str(record[field]) for field in lookup.resource.key)


def _by_key(hides: Callable[[str], bool]) -> Hides:
    return lambda context, execution, record, lookup: hides(_key_text(record, lookup))


def _forgotten(context: MutantContext, execution: MutantExecution, record: Record, lookup: KeyLookup) -> bool:
    """Hide all but the records that were made last."""
    records = list(execution.store.scan(lookup.resource.name, execution.owner(lookup.resource)))
    return record not in records[-REMEMBERED:]


def _found_before(context: MutantContext, execution: MutantExecution, record: Record, lookup: KeyLookup) -> bool:
    """Hide records that were found once."""
    place = f"found {record[lookup.resource.id]}"
    return context.count(place) > 1


def _changed(context: MutantContext, execution: MutantExecution, record: Record, lookup: KeyLookup) -> bool:
    """Hide records that were changed: since they were made, or where nothing tells, since they were first looked up."""
    resource = lookup.resource
    if resource.modified is not None:
        return record[resource.modified] not in (None, record.get(resource.created or ""))
    first = context.memory.setdefault(f"first {record[resource.id]}", record)
    return any(record.get(field) != first.get(field) for field in record if field not in resource.server_made)


def _as_last_time(context: MutantContext, execution: MutantExecution, record: Record, lookup: KeyLookup) -> bool:
    """Hide records unless the request says the same of them as the record does."""
    body = execution.body if isinstance(execution.body, dict) else {}
    names = set(record) - set(lookup.resource.key) - lookup.resource.server_made
    return any(name in body and body[name] != record[name] for name in names)


NARROW: tuple[tuple[str, str, Hides], ...] = (
    ("always-makes", "it makes one each time", lambda context, execution, record, lookup: True),
    ("capitals", "keys with capitals are stored otherwise than they are looked up", _by_key(lambda key: key != key.lower())),
    ("long", "keys of more than 64 characters are not found again", _by_key(lambda key: len(key) > 64)),
    ("apostrophe", "keys with an apostrophe are not found again", _by_key(lambda key: "'" in key)),
    ("plus", "keys with a plus sign are not found again", _by_key(lambda key: "+" in key)),
    ("not-ascii", "keys beyond ASCII are not found again", _by_key(lambda key: not key.isascii())),
    ("space", "keys with white space within are not found again", _by_key(lambda key: " " in key.strip())),
    ("forgotten", f"only the last {REMEMBERED} are remembered", _forgotten),
    ("once", "it is found once, and made anew after that", _found_before),
    ("changed", "it is not found any more once it was changed", _changed),
    ("other-fields", "all fields have to agree, not the key alone", _as_last_time),
)


def _overlooking(lookup: KeyLookup, hides: Hides) -> PerformHook:
    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        asked, resource, owner = lookup.asked(execution.body), lookup.resource, execution.owner(lookup.resource)
        ids = known_ids(context, execution, resource, asked) if asked else []
        records = [execution.store.held(resource.name, owner, id) for id in ids]
        overlooked = [record[resource.id] for record in records if hides(context, execution, record, lookup)]
        with hidden(context, resource, overlooked):
            return proceed(execution)

    return only_for(lookup.operation, hook)


def _only_its_own(lookup: KeyLookup, *, same_path: bool = False) -> PerformHook:
    """Return a hook that overlooks records which this operation did not make, or made with another path."""

    def origin(execution: MutantExecution) -> str:
        paths = [value for (location, _), value in execution.parameters.items() if location == "path"]
        return f"{execution.operation.id} {paths if same_path else ''}"

    def hides(context: MutantContext, execution: MutantExecution, record: Record, lookup: KeyLookup) -> bool:
        made_by: str = context.memory.get(f"made {record[lookup.resource.id]}", origin(execution))
        return made_by != origin(execution)

    overlook = _overlooking(lookup, hides)

    def hook(context: MutantContext, execution: MutantExecution, proceed: Proceed) -> Performed:
        performed = overlook(context, execution, proceed)
        for change in performed.changes:
            if change.resource == lookup.resource.name and change.before is None:
                context.memory[f"made {change.id}"] = origin(execution)
        return performed

    return hook
