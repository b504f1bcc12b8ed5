"""What follows for a plan from what a schema refuses of a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from mock_server.contract.files.source import pointer_to
from mock_server.contract.sampling.building import Attempt
from mock_server.contract.sampling.plan import Path, Plan

MOST_SALTS = 3


class Refusal(NamedTuple):
    """What a schema refuses of a value: which keyword refuses what, and the names of properties that it is about."""

    path: Path
    keyword: str
    place: str
    """The JSON Pointer of the keyword, from the schema that the value is held to."""

    message: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        where = pointer_to(*self.path) or "the whole"
        return f"at {where}, {self.place or '/' + self.keyword} stands in the way: {self.message}"


def refusals(errors: Iterable[Any], depth: int) -> Iterator[Refusal]:
    """Yield what the errors of a validator are about: of branches, what is wrong in the one that is nearest.

    The places in the errors begin with `depth` tokens that are none of the value's.
    """
    for error in errors:
        context = getattr(error.kind, "context", None)
        if context and all(context):
            here = len(error.instance_path)
            nearest = min(context, key=lambda branch: sum(len(inner.instance_path) == here for inner in branch))
            yield from refusals(nearest, depth)
            continue
        keyword = error.kind.name
        names: tuple[str, ...] = ()
        if keyword == "required":
            names = (error.kind.property,)
        elif keyword in ("additionalProperties", "unevaluatedProperties"):
            names = tuple(error.kind.unexpected)
        path, place = tuple(error.instance_path[depth:]), error.evaluation_path[2 * depth :]
        yield Refusal(path, keyword, pointer_to(*place[place[:1] == ["$ref"] :]), error.message, names)


def repair(plan: Plan, attempt: Attempt, refusal: Refusal) -> bool:
    """Change a plan so that what was refused is made in another way; say whether there was one left."""
    path, keyword = refusal.path, refusal.keyword
    if keyword == "required":
        wanted = (*path, refusal.names[0])
        if path in attempt.parts and wanted not in plan.wanted and wanted not in plan.left_out:
            plan.wanted.add(wanted)
            plan.bare.discard(path)
            return True
    elif refusal.names:
        unexpected = [(*path, name) for name in refusal.names]
        if path in attempt.parts and not plan.left_out.issuperset(unexpected):
            plan.left_out.update(unexpected)
            return True
    elif keyword == "uniqueItems" and plan.salts.get(path, 0) < MOST_SALTS:
        plan.salts[path] = plan.salts.get(path, 0) + 1
        return True
    elif keyword in ("not", "oneOf", "maxProperties", "propertyNames", "unevaluatedItems") and _is_filled(plan, attempt, path):
        plan.bare.add(path)
        return True
    return _otherwise(plan, attempt, path)


def _is_filled(plan: Plan, attempt: Attempt, path: Path) -> bool:
    """Say whether an object was made that may be made of fewer properties."""
    part = attempt.parts.get(path)
    made = part is not None and part.option is not None and part.option.type == "object" and not part.option.is_ready
    return made and path not in plan.bare


def _otherwise(plan: Plan, attempt: Attempt, path: Path) -> bool:
    """Have the innermost part around `path` for which there is another way made in that way, or left out."""
    for length in range(len(path), -1, -1):
        around = path[:length]
        part = attempt.parts.get(around)
        if part is None:
            continue
        number = plan.numbers.get(around, 0) + 1
        if number < part.choices:
            plan.advance(around, number)
            return True
        if not part.is_needed and around not in plan.left_out:
            plan.left_out.add(around)
            return True
    return False
