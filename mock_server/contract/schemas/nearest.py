"""Which branch of an `anyOf` or `oneOf` a value was meant for, where it fits none: told from what is wrong with it in each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mock_server.contract.schemas.keywords import json_type

NAMING = ("const", "enum")
"""Keywords that tell the branches of a choice apart, where they ask something of a property."""


def nearest(branches: Sequence[Sequence[Any]], place: Sequence[str | int]) -> Sequence[Any]:
    """Return the errors of the branch that the value at `place` comes nearest to.

    That is one of its own type, else any. Of several it is one with the constants that the value has, then with the fewest
    errors, then with the deepest: for it, the rest of the value was right.
    """

    def distance(errors: Sequence[Any]) -> tuple[bool, int, int, int]:
        depths = [len(error.instance_path) - len(place) for error in errors]
        rules = [error.kind.name for error in errors]
        is_of_other_type = any(not depth and _is_of_other_type(error) for error, depth in zip(errors, depths, strict=True))
        named_otherwise = sum(rule in NAMING and depth == 1 for rule, depth in zip(rules, depths, strict=True))
        return is_of_other_type, named_otherwise, len(errors), -max(depths, default=0)

    return min(branches, key=distance)


def _is_of_other_type(error: Any) -> bool:
    if error.kind.name == "enum":
        return json_type(error.instance) not in map(json_type, error.kind.options)
    if error.kind.name == "const":
        return json_type(error.instance) != json_type(error.kind.expected_value)
    return error.kind.name in ("type", "falseSchema")
