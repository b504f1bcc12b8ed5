"""Find-or-create: keys that match too much or too little, and what becomes of the record that is found."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias
from urllib.parse import unquote

from contract_tests.mutants.facts import Lookup, Taken, lookups, place_of, settled, spread, takings
from contract_tests.mutants.families.alterations import at, copied, found, hidden, known_ids, only_for, sent, under
from contract_tests.mutants.hooks import Mutant, MutantContext, PerformHook, PerformInput
from mock_server.contract.model import Contract, Create, Find, FindOrCreate, Operation, Resource, Update
from mock_server.contract.problems import Refused
from mock_server.contract.source import Json
from mock_server.engine.engine import Performed
from mock_server.engine.store import Record
from mock_server.engine.values import folded

FAMILY = "find-or-create"
REMEMBERED = 3

Alike: TypeAlias = Callable[[Json, Json], bool]
"""Whether a stored key value is taken for the one that is asked for, though it is another one."""

Hides: TypeAlias = Callable[[MutantContext, PerformInput, Record, Lookup], bool]
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


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family."""
    for resource in contract.resources.values():
        found_by = [lookup for lookup in lookups(contract) if lookup.resource.name == resource.name]
        if found_by:
            yield from _wide(contract, resource, found_by)
            yield from _narrow(found_by)
            yield from _fates(contract, resource, found_by)
    yield from _undecided(contract)


# Too much


def _wide(contract: Contract, resource: Resource, found_by: list[Lookup]) -> Iterator[Mutant]:
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
            yield Mutant(f"{FAMILY}.wide-{name}.{lookup.operation.id}.{field}", FAMILY, told, perform=hook)
        if len(resource.key) > 1:
            lookup = found_by[0]
            told = f"{lookup.operation.id} finds a {resource.name} whatever the {field} is."
            hook = _finding(lookup, {field: lambda stored, asked: True})
            yield Mutant(f"{FAMILY}.wide-any.{lookup.operation.id}.{field}", FAMILY, told, perform=hook)
    anything: dict[str, Alike] = dict.fromkeys(resource.key, lambda stored, asked: True)
    for (name, newest), lookup in spread((("first", False), ("latest", True)), found_by):
        told = f"{lookup.operation.id} never makes a {resource.name} but takes the {name} one there is."
        hook = _finding(lookup, anything, newest=newest)
        yield Mutant(f"{FAMILY}.never-makes-{name}.{lookup.operation.id}", FAMILY, told, perform=hook)
    for lookup in found_by:
        told = f"{lookup.operation.id} refuses a key that is not known yet."
        yield Mutant(f"{FAMILY}.never-makes.{lookup.operation.id}", FAMILY, told, perform=_never_made(lookup))
        if any(taken.is_key and taken.resource == resource and isinstance(taken.step, Update) for taken in takings(contract)):
            told = f"{lookup.operation.id} finds the {resource.name} that had the key before, not the one that has it now."
            yield Mutant(f"{FAMILY}.former-holder.{lookup.operation.id}", FAMILY, told, perform=_former_holder(lookup))
            told = f"{lookup.operation.id} finds the {resource.name} that it has found by the key before, whoever has it now."
            yield Mutant(f"{FAMILY}.remembered-holder.{lookup.operation.id}", FAMILY, told, perform=_remembered_holder(lookup))


def _never_made(lookup: Lookup) -> PerformHook:
    """Return a hook that refuses keys which are not known."""

    def hook(context: MutantContext, execution: PerformInput, proceed: Callable[[PerformInput], Performed]) -> Performed:
        asked = lookup.asked(execution.body)
        if asked and not known_ids(context, execution, lookup.resource, asked):
            raise Refused("not-found", f"There is no such {lookup.resource.name}.")
        return proceed(execution)

    return only_for(lookup.operation, hook)


def _former_holder(lookup: Lookup) -> PerformHook:
    """Return a hook that finds whoever had a key before, though it is another record's now."""

    def hook(context: MutantContext, execution: PerformInput, proceed: Callable[[PerformInput], Performed]) -> Performed:
        asked, resource, owner = lookup.asked(execution.body), lookup.resource, execution.owner(lookup.resource)
        if asked and isinstance(execution.body, dict) and (ids := known_ids(context, execution, resource, asked)):
            key = context.layout[resource.name][resource.key]
            for former in execution.store.remembered(key, owner, tuple(asked[field] for field in resource.key)):
                record = execution.store.get(resource.name, owner, former.id)
                if record is not None and former.id not in ids:
                    body = {**execution.body, **{lookup.tokens[field]: record[field] for field in asked}}
                    return proceed(replace(execution, body=body))
        return proceed(execution)

    return only_for(lookup.operation, hook)


def _remembered_holder(lookup: Lookup) -> PerformHook:
    """Return a hook that remembers who was found by a key, and does not notice that the key becomes another record's."""

    def hook(context: MutantContext, execution: PerformInput, proceed: Callable[[PerformInput], Performed]) -> Performed:
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
        return proceed(replace(execution, body={**execution.body, **{lookup.tokens[field]: other[field] for field in asked}}))

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


def _finding(lookup: Lookup, alike: Mapping[str, Alike], *, newest: bool = False) -> PerformHook:
    """Return a hook that asks for the key of a record that is alike where no record has the very key."""

    def is_alike(record: Record, asked: Mapping[str, Json]) -> bool:
        return all(
            alike[field](record[field], value) if field in alike else folded(record[field]) == folded(value)
            for field, value in asked.items()
        )

    def hook(context: MutantContext, execution: PerformInput, proceed: Callable[[PerformInput], Performed]) -> Performed:
        asked, resource = lookup.asked(execution.body), lookup.resource
        if asked and isinstance(execution.body, dict) and not known_ids(context, execution, resource, asked):
            records = list(execution.store.scan(resource.name, execution.owner(resource)))
            complete = [record for record in records if None not in [record[field] for field in resource.key]]
            near = [record for record in complete if is_alike(record, asked)]
            if near:
                record = near[-1 if newest else 0]
                execution = replace(
                    execution, body={**execution.body, **{lookup.tokens[field]: record[field] for field in asked}}
                )
        return proceed(execution)

    return only_for(lookup.operation, hook)


# Too little


def _narrow(found_by: list[Lookup]) -> Iterator[Mutant]:
    for (name, about, hides), lookup in spread(NARROW, found_by):
        about = f"{lookup.operation.id} does not find a known {lookup.resource.name}: {about}."
        yield Mutant(f"{FAMILY}.narrow-{name}.{lookup.operation.id}", FAMILY, about, perform=_overlooking(lookup, hides))
    if len(found_by) > 1:
        for lookup in found_by:
            about = f"{lookup.operation.id} does not find a {lookup.resource.name} that another operation made."
            hook = _only_its_own(lookup)
            yield Mutant(f"{FAMILY}.narrow-own.{lookup.operation.id}", FAMILY, about, perform=hook)
    for lookup in found_by:
        if any(parameter.location == "path" for parameter in lookup.operation.parameters):
            about = f"{lookup.operation.id} finds a {lookup.resource.name} only where it was made with the same path."
            hook = _only_its_own(lookup, same_path=True)
            yield Mutant(f"{FAMILY}.narrow-path.{lookup.operation.id}", FAMILY, about, perform=hook)


def _key_text(record: Record, lookup: Lookup) -> str:
    return "".join(str(record[field]) for field in lookup.resource.key)


def _by_key(hides: Callable[[str], bool]) -> Hides:
    return lambda context, execution, record, lookup: hides(_key_text(record, lookup))


def _forgotten(context: MutantContext, execution: PerformInput, record: Record, lookup: Lookup) -> bool:
    """Hide all but the records that were made last."""
    records = list(execution.store.scan(lookup.resource.name, execution.owner(lookup.resource)))
    return record not in records[-REMEMBERED:]


def _found_before(context: MutantContext, execution: PerformInput, record: Record, lookup: Lookup) -> bool:
    """Hide records that were found once."""
    place = f"found {record[lookup.resource.id]}"
    return context.count(place) > 1


def _changed(context: MutantContext, execution: PerformInput, record: Record, lookup: Lookup) -> bool:
    """Hide records that were changed: since they were made, or where nothing tells, since they were first looked up."""
    resource = lookup.resource
    if resource.modified is not None:
        return record[resource.modified] not in (None, record.get(resource.created or ""))
    first = context.memory.setdefault(f"first {record[resource.id]}", record)
    return any(record.get(field) != first.get(field) for field in record if field not in resource.server_made)


def _as_last_time(context: MutantContext, execution: PerformInput, record: Record, lookup: Lookup) -> bool:
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


def _overlooking(lookup: Lookup, hides: Hides) -> PerformHook:
    def hook(context: MutantContext, execution: PerformInput, proceed: Callable[[PerformInput], Performed]) -> Performed:
        asked, resource, owner = lookup.asked(execution.body), lookup.resource, execution.owner(lookup.resource)
        ids = known_ids(context, execution, resource, asked) if asked else []
        records = [execution.store.held(resource.name, owner, id) for id in ids]
        overlooked = [record[resource.id] for record in records if hides(context, execution, record, lookup)]
        with hidden(context, resource, overlooked):
            return proceed(execution)

    return only_for(lookup.operation, hook)


def _only_its_own(lookup: Lookup, *, same_path: bool = False) -> PerformHook:
    """Return a hook that overlooks records which this operation did not make, or made with another path."""

    def origin(execution: PerformInput) -> str:
        paths = [value for (location, _), value in execution.parameters.items() if location == "path"]
        return f"{execution.operation.id} {paths if same_path else ''}"

    def hides(context: MutantContext, execution: PerformInput, record: Record, lookup: Lookup) -> bool:
        made_by: str = context.memory.get(f"made {record[lookup.resource.id]}", origin(execution))
        return made_by != origin(execution)

    overlook = _overlooking(lookup, hides)

    def hook(context: MutantContext, execution: PerformInput, proceed: Callable[[PerformInput], Performed]) -> Performed:
        performed = overlook(context, execution, proceed)
        for change in performed.changes:
            if change.resource == lookup.resource.name and change.before is None:
                context.memory[f"made {change.id}"] = origin(execution)
        return performed

    return hook


# What becomes of a record that is found


def _fates(contract: Contract, resource: Resource, found_by: list[Lookup]) -> Iterator[Mutant]:
    for lookup in found_by:
        outcome = settled(contract, lookup.step.when_found)
        for taken in takings(contract):
            if taken.step is lookup.step and not taken.is_key:
                yield from _other_fate(taken, lookup, outcome)
        yield from _seen(contract, lookup)
    keys = [taken for taken in takings(contract) if taken.is_key and taken.is_text and isinstance(taken.step, FindOrCreate)]
    for taken in keys[:1]:
        about = f"{taken.place}: a key of more than 40 characters is stored cut off."
        hook = sent(taken.operation, taken.token, lambda value: value[:40] if isinstance(value, str) else value)
        yield Mutant(f"{FAMILY}.key-cut.{taken.place}", FAMILY, about, perform=hook)


def _other_fate(taken: Taken, lookup: Lookup, outcome: str) -> Iterator[Mutant]:
    """Yield the mutant that one field of a record that is found fares otherwise than all the others."""
    name, place = taken.field.name, f"{lookup.operation.id}.{taken.token}"
    if outcome in ("keep", "fill"):
        about = f"{lookup.operation.id} overwrites the {name} of a {taken.resource.name} that it finds, and nothing else."
        hook = _before(lookup, lambda body, record: {name: body[taken.token]} if body.get(taken.token) is not None else {})
        yield Mutant(f"{FAMILY}.overwritten.{place}", FAMILY, about, perform=hook)
    elif outcome != "conflict":
        about = f"{lookup.operation.id} keeps the {name} of a {taken.resource.name} that it finds, but no other field."
        yield Mutant(f"{FAMILY}.kept.{place}", FAMILY, about, perform=_without(taken, lookup))
    if taken.field.nullable and outcome not in ("replace", "conflict"):
        about = f"{lookup.operation.id} clears the {name} of a {taken.resource.name} that it finds, when it is not sent."
        hook = _before(lookup, lambda body, record: {} if taken.token in body else {name: None})
        yield Mutant(f"{FAMILY}.cleared.{place}", FAMILY, about, perform=hook)


def _before(lookup: Lookup, changes: Callable[[Mapping[str, Json], Record], Mapping[str, Json]]) -> PerformHook:
    """Return a hook that changes fields of the record that is about to be found."""

    def hook(context: MutantContext, execution: PerformInput, proceed: Callable[[PerformInput], Performed]) -> Performed:
        record, resource = found(context, execution, lookup), lookup.resource
        if record is not None and isinstance(execution.body, dict):
            changed = changes(execution.body, record)
            if changed:
                context.amend(resource, execution.owner(resource), record[resource.id], changed)
        return proceed(execution)

    return only_for(lookup.operation, hook)


def _without(taken: Taken, lookup: Lookup) -> PerformHook:
    def hook(context: MutantContext, execution: PerformInput, proceed: Callable[[PerformInput], Performed]) -> Performed:
        if isinstance(execution.body, dict) and found(context, execution, lookup) is not None:
            execution = replace(execution, body={name: value for name, value in execution.body.items() if name != taken.token})
        return proceed(execution)

    return only_for(lookup.operation, hook)


def _seen(contract: Contract, lookup: Lookup) -> Iterator[Mutant]:
    """Yield what is wrong with the record that an answer shows."""
    operation, resource = lookup.operation, lookup.resource
    place = place_of(contract, operation, resource)
    if resource.created is not None:
        created = resource.created
        about = f"{operation.id} renews {created} of a {resource.name} that it finds."
        hook = _renewing(lookup, created)
        yield Mutant(f"{FAMILY}.created-renewed.{operation.id}", FAMILY, about, perform=hook)
    if place is None:
        return
    about = f"{operation.id} shows a {resource.name} as it was when it was first shown, not as it is."
    yield Mutant(f"{FAMILY}.stale.{operation.id}", FAMILY, about, perform=_stale(lookup, place))
    if settled(contract, lookup.step.when_found) in ("keep", "fill"):
        about = f"{operation.id} shows what was sent in place of what is stored of a {resource.name}."
        yield Mutant(f"{FAMILY}.echo.{operation.id}", FAMILY, about, perform=_echo(contract, lookup, place))
    about = f"{operation.id} shows a new id of a {resource.name} each time that it finds it."
    yield Mutant(f"{FAMILY}.id-renewed.{operation.id}", FAMILY, about, perform=_new_id(lookup, place))


def _renewing(lookup: Lookup, created: str) -> PerformHook:
    def hook(context: MutantContext, execution: PerformInput, proceed: Callable[[PerformInput], Performed]) -> Performed:
        record, resource = found(context, execution, lookup), lookup.resource
        if record is not None:
            context.amend(resource, execution.owner(resource), record[resource.id], {created: execution.generator.now()})
        return proceed(execution)

    return only_for(lookup.operation, hook)


def _stale(lookup: Lookup, place: str) -> PerformHook:
    def change(context: MutantContext, execution: PerformInput, shown: Record, was_known: bool) -> Record:
        first: Record = context.memory.setdefault(f"shown {shown[lookup.resource.id]}", dict(shown))
        return first

    return _showing(lookup, place, change)


def _echo(contract: Contract, lookup: Lookup, place: str) -> PerformHook:
    written = {taken.token: taken.field.name for taken in takings(contract) if taken.step is lookup.step and not taken.is_key}

    def change(context: MutantContext, execution: PerformInput, shown: Record, was_known: bool) -> Record:
        body = execution.body if isinstance(execution.body, dict) else {}
        echoed = {field: body[token] for token, field in written.items() if body.get(token) is not None}
        return {**shown, **echoed} if was_known else shown

    return _showing(lookup, place, change)


def _new_id(lookup: Lookup, place: str) -> PerformHook:
    def change(context: MutantContext, execution: PerformInput, shown: Record, was_known: bool) -> Record:
        return {**shown, lookup.resource.id: execution.generator.id(lookup.resource)} if was_known else shown

    return _showing(lookup, place, change)


def _showing(lookup: Lookup, place: str, change: Callable[[MutantContext, PerformInput, Record, bool], Record]) -> PerformHook:
    """Return a hook that changes how the record that was found or made is shown."""

    def hook(context: MutantContext, execution: PerformInput, proceed: Callable[[PerformInput], Performed]) -> Performed:
        was_known = found(context, execution, lookup) is not None
        performed = proceed(execution)
        body = copied(performed.body)
        shown = at(body, place)
        if shown is not None:
            changed = change(context, execution, dict(shown), was_known)
            shown.clear()
            shown.update(changed)
        return performed._replace(body=body)

    return only_for(lookup.operation, hook)


# Of two minds


def _undecided(contract: Contract) -> Iterator[Mutant]:
    """Yield operations that follow another choice about keys than the others do, or another one than for a while."""
    users: dict[str, list[Operation]] = {}
    for operation in contract.operations:
        for name in sorted(_about_keys(operation)):
            users.setdefault(name, []).append(operation)
    for name, operations in users.items():
        assumption = contract.assumptions[name]
        others = [choice for choice in assumption.choices if choice != assumption.default]
        if len(operations) > 1 and others:
            for operation in operations[:2]:
                about = f"{operation.id} follows {others[0]!r} of {name}, all other operations {assumption.default!r}."
                yield Mutant(
                    f"{FAMILY}.two-minds.{name}.{operation.id}", FAMILY, about, perform=under(operation, {name: others[0]})
                )


def _about_keys(operation: Operation) -> set[str]:
    """Return the assumptions about keys that an operation rests on when it looks one up."""
    names: set[str | None] = set()
    for step in operation.behaviour.steps if operation.behaviour else ():
        key = step.resource.key
        if isinstance(step, FindOrCreate) or (isinstance(step, (Create, Find, Update)) and key and set(key) <= _fields(step)):
            names |= {step.resource.key_case.assumption, step.resource.key_space.assumption}
        if isinstance(step, FindOrCreate):
            names.add(step.resource.previous_key.assumption)
    return {name for name in names if name is not None}


def _fields(step: Create | Find | Update) -> set[str]:
    return set(step.where) if isinstance(step, Find) else {write.field for write in step.writes}
