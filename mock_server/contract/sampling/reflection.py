"""What a made answer takes from its request: the id in the path, the body that was sent, the limits of a list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, NamedTuple

from mock_server.contract.files.source import Json
from mock_server.contract.sampling.about import About
from mock_server.contract.sampling.building import Attempt, visible
from mock_server.contract.sampling.merged import Merged
from mock_server.contract.sampling.naming import singular, snake_case
from mock_server.contract.sampling.plan import Path

GENERIC = ("id", "uuid", "guid", "slug", "key", "name", "code")
"""Names of the property that identifies something, the likeliest first."""

TOTALS = frozenset({"total", "total_count", "total_items", "total_results", "count", "total_size", "result_count"})


class Patch(NamedTuple):
    """A value to be put at a place of what was made."""

    path: Path
    value: Json


def reflected(attempt: Attempt, about: About, is_valid: Callable[[Json], bool]) -> Json:
    """Return what was made with as much of the request in it as the schema allows."""
    value = attempt.value
    for patches in (_sent(attempt, about), _identified(attempt, about), _counted(attempt, about)):
        value = _patched(value, list(patches), is_valid)
    return value


def _patched(value: Json, patches: list[Patch], is_valid: Callable[[Json], bool]) -> Json:
    """Return a value with all patches that leave it valid."""
    if not patches:
        return value
    whole = deepcopy(value)
    for patch in patches:
        _put(whole, patch)
    if is_valid(whole):
        return whole
    for patch in patches:
        changed = deepcopy(value)
        _put(changed, patch)
        if is_valid(changed):
            value = changed
    return value


def _put(value: Any, patch: Patch) -> None:
    for step in patch.path[:-1]:
        value = value[step]
    value[patch.path[-1]] = patch.value


def _sent(attempt: Attempt, about: About) -> Iterator[Patch]:
    """Yield what a body that was sent says of the thing that is answered."""
    sent = about.body
    if not isinstance(sent, dict):
        return
    for path in _things(attempt):
        patches = list(_agreeing(attempt, path, sent))
        if patches:
            yield from patches
            return


def _agreeing(attempt: Attempt, path: Path, sent: dict[str, Json]) -> Iterator[Patch]:
    """Yield the properties that were sent and that the object at `path` has as well."""
    part, made = attempt.parts.get(path), _at(attempt.value, path)
    merged = part.option.merged if part is not None and part.option is not None else None
    for name, value in sent.items():
        nodes = merged.member(name) if merged is not None else None
        inner = Merged(nodes) if nodes is not None else None
        if inner is not None and (inner.says("readOnly") or inner.says("writeOnly")):
            continue
        is_declared = merged is not None and name in merged.properties and nodes is not None
        if name not in made and not is_declared:
            continue
        deeper = (*path, name)
        if isinstance(value, dict) and isinstance(made.get(name), dict) and _is_described(attempt, deeper):
            yield from _agreeing(attempt, deeper, value)
        else:
            yield Patch(deeper, visible(value, inner, "writeOnly") if inner is not None else value)


def _is_described(attempt: Attempt, path: Path) -> bool:
    """Say whether the properties of an object have names in its schema."""
    part = attempt.parts.get(path)
    return part is not None and part.option is not None and bool(part.option.merged.properties)


def _identified(attempt: Attempt, about: About) -> Iterator[Patch]:
    """Yield the values of the path wherever the answer has them."""
    segments = about.template.strip("/").split("/")
    for number, segment in enumerate(segments):
        name = segment.strip("{}")
        if not segment.startswith("{") or name not in about.path:
            continue
        value = about.path[name]
        owner = singular(snake_case(segments[number - 1])) if number and "{" not in segments[number - 1] else ""
        is_last = number == len(segments) - 1
        for path in _things(attempt) if is_last else _all_objects(attempt):
            found = _property_for(_at(attempt.value, path), snake_case(name), owner, is_last=is_last)
            if found is not None:
                yield Patch((*path, found), _as_kind_of(value, _at(attempt.value, path)[found]))
                if is_last:
                    break


def _property_for(made: dict[str, Json], name: str, owner: str, *, is_last: bool) -> str | None:
    """Return the property that has the value of a parameter of the path; None where there is none."""
    known = {snake_case(key): key for key in reversed(list(made))}
    likely = [] if name in GENERIC and not is_last else [name]
    if owner:
        likely += [f"{owner}_id", f"{owner}_{name}", *([] if is_last else [owner])]
    if is_last:
        likely += [f"{name}_id", *([name.removesuffix("_id")] if name.endswith("_id") else []), *GENERIC]
        if name in GENERIC or name.endswith("_id"):
            likely = [name, "id", *likely] if name in known else ["id", *likely]
    return next((known[one] for one in likely if one in known and not isinstance(made[known[one]], (dict, list))), None)


def _as_kind_of(value: Json, made: Json) -> Json:
    """Return a value of a path as the answer writes it: a number as a text, or the reverse."""
    if isinstance(made, str) and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(made, int) and isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 19:
        return int(value)
    return value


def _counted(attempt: Attempt, about: About) -> Iterator[Patch]:
    """Yield how many elements there are, and the limits that were asked for, wherever the answer tells them."""
    value = attempt.value
    if not isinstance(value, dict):
        return
    lists = [member for member in value.values() if isinstance(member, list)]
    asked = {snake_case(name): wish for name, wish in about.query.items() if isinstance(wish, int)}
    for name, member in value.items():
        if not isinstance(member, int) or isinstance(member, bool):
            continue
        if snake_case(name) in asked:
            yield Patch((name,), asked[snake_case(name)])
        elif len(lists) == 1 and snake_case(name) in TOTALS:
            yield Patch((name,), len(lists[0]))


def _things(attempt: Attempt) -> Iterator[Path]:
    """Yield where the thing may be that an answer is about: at its top, else in its `data`, or in its only object."""
    value = attempt.value
    if not isinstance(value, dict):
        return
    yield ()
    objects = [name for name, member in value.items() if isinstance(member, dict)]
    for name in objects:
        if name in ("data", "result", "item", "attributes") or len(objects) == 1:
            yield (name,)
            yield from (
                (name, inner) for inner, member in value[name].items() if inner == "attributes" and isinstance(member, dict)
            )


def _all_objects(attempt: Attempt) -> Iterator[Path]:
    """Yield where the objects of an answer are, down to those in the lists of its top."""
    value = attempt.value
    yield from _things(attempt)
    if isinstance(value, list):
        yield from ((index,) for index, element in enumerate(value) if isinstance(element, dict))
    elif isinstance(value, dict):
        for name, member in value.items():
            for index, element in enumerate(member) if isinstance(member, list) else ():
                if isinstance(element, dict):
                    yield (name, index)


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value
