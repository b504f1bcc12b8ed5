"""Regions: for each assumption the choices that are still open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Region: TypeAlias = Mapping[str, tuple[str, ...]]
"""For each assumption the choices that are still open."""


def merged(regions: list[Region]) -> list[Region]:
    """Return fewer regions that together hold the same choices: two that differ in one assumption become one."""
    found: list[Region] = []
    for region in regions:
        if region not in found:
            found.append(region)
    while (pair := _mergeable(found)) is not None:
        one, other, name = pair
        joined = {**one, name: tuple(dict.fromkeys([*one[name], *other[name]]))}
        found = [region for region in found if region is not one and region is not other]
        if joined not in found:
            found.append(joined)
    return found


def common(some: list[Region], others: list[Region]) -> list[Region]:
    """Return regions of the choices that both hold; none where they contradict each other."""
    found: list[Region] = []
    for one in some:
        for other in others:
            both = {name: tuple(choice for choice in choices if choice in other[name]) for name, choices in one.items()}
            if all(both.values()):
                found.append(both)
    return merged(found)


def _mergeable(regions: list[Region]) -> tuple[Region, Region, str] | None:
    for position, one in enumerate(regions):
        for other in regions[position + 1 :]:
            different = [name for name in one if one[name] != other[name]]
            if len(different) == 1:
                return one, other, different[0]
    return None


def narrowed(region: Region, rested_on: Mapping[str, str]) -> Region:
    """Return a region in which the choices that an answer rested on are settled."""
    return {**region, **{name: (choice,) for name, choice in rested_on.items()}}
