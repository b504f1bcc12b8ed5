"""Applying an OpenAPI Overlay: the extensions of a contract, kept beside a vendor's untouched document.

Overlay Specification 1.0 and 1.1 (https://spec.openapis.org/overlay/). Each part of the result knows the file that it came
from, so that a mistake is told where it can be mended. One thing is stricter: an update that selects nothing is a mistake.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path

from mock_server.contract.behaviours.declarations import read_declaration
from mock_server.contract.files.flaws import FlawedInput, Flaws, piece
from mock_server.contract.files.local import NotLocal, local_file
from mock_server.contract.files.origins import Composed, Location, Origin, Part
from mock_server.contract.files.parsed import DEEPEST_NESTING
from mock_server.contract.files.source import Json, Source

VERSIONS = ("1.0.", "1.1.")

MOST_ADDED = 100_000
"""How many nodes the actions of an overlay may add; a few that copy what others copied would add billions."""


def document_source(path: Path) -> Source:
    """Return the document at `path`, or the one that an overlay there makes; raise `FlawedInput` when nothing can be read."""
    source = Source.from_path(path, allows_duplicates=True)
    return overlaid(source) if is_overlay(source) else source


def is_overlay(source: Source) -> bool:
    """Say whether a file is an overlay."""
    return isinstance(source.value, dict) and "overlay" in source.value and "openapi" not in source.value


def extended_as(document: Path, overlay: Path | None) -> str:
    """Return the document as an overlay names it that it extends, one beside it where no path is given.

    Raise `ValueError` where it could not: it reads no file outside of its folder.
    """
    if overlay is None:
        return document.name
    relative = Path(os.path.relpath(document.absolute(), overlay.absolute().parent)).as_posix()
    if relative.startswith(".."):
        raise ValueError(f"{overlay} has to be in the folder of {document.name} or above it")
    return relative


def overlaid(overlay: Source) -> Source:
    """Return the document that `overlay` extends, changed by its actions; raise `FlawedInput` with every flaw of these."""
    overlay.refuse_duplicates()
    flaws = Flaws()
    if read_declaration("overlay", overlay.value, overlay, "", flaws):
        _check(overlay, flaws)
    flaws.raise_if_any()
    return applied(_extended(overlay), overlay)


def applied(base: Source, overlay: Source) -> Source:
    """Return a document changed by the actions of an overlay; raise `FlawedInput` with every flaw of these."""
    flaws = Flaws()
    applying = _Applying(base, overlay, flaws)
    for number in range(len(overlay.value["actions"])):
        applying.apply(number)
    flaws.raise_if_any()
    return Composed(base, applying.root, (overlay,))


def _check(overlay: Source, flaws: Flaws) -> None:
    if not overlay.value["overlay"].startswith(VERSIONS):
        message = f"version {piece(overlay.value['overlay'])} of overlays is not supported"
        flaws.add(overlay, "/overlay", message, "the overlay has to be 1.0 or 1.1, as in overlay: 1.1.0")
    for number, action in enumerate(overlay.value["actions"]):
        if not action.get("remove") and ("update" in action) == ("copy" in action):
            flaws.add(overlay, f"/actions/{number}", "an action has to have one of `update`, `copy` or `remove: true`")


def _extended(overlay: Source) -> Source:
    reference = overlay.value["extends"]
    try:
        return Source.from_path(local_file(reference, overlay.path.parent, overlay.path.parent), allows_duplicates=True)
    except NotLocal as error:
        raise FlawedInput([overlay.flaw("/extends", str(error), error.hint)]) from None


class _Applying:
    """The document as it is changed, action by action."""

    def __init__(self, base: Source, overlay: Source, flaws: Flaws) -> None:
        self.root = Part(deepcopy(base.value), Origin(base, ""))
        self._overlay = overlay
        self._flaws = flaws
        self._added = 0

    def apply(self, number: int) -> None:
        """Apply an action; note a flaw where it cannot be."""
        action, pointer = self._overlay.value["actions"][number], f"/actions/{number}"
        selected = self._select(action["target"], pointer + "/target")
        if selected is None:
            return
        if action.get("remove"):
            self._remove(selected, pointer)
        elif not selected:
            message = f"{piece(action['target'])} selects nothing in the document; the action would silently do nothing"
            self._flaws.add(self._overlay, pointer + "/target", message)
        elif "update" in action:
            pointer += "/update"
            self._update(selected, Part(action["update"], Origin(self._overlay, pointer)), pointer)
        else:
            pointer += "/copy"
            sources = self._select(action["copy"], pointer)
            if sources is not None and len(sources) != 1:
                message = f"{piece(action['copy'])} selects {len(sources)} parts of the document; it has to select one"
                self._flaws.add(self._overlay, pointer, message)
            elif sources:
                self._update(selected, self.root.at(sources[0]), pointer)

    def _select(self, expression: str, pointer: str) -> list[Location] | None:
        """Return the locations that an expression selects, each once; None, with a flaw noted, when it is wrong."""
        from jsonpath_rfc9535 import JSONPathError, find  # it takes time to import, and few documents have an overlay

        try:
            return list(dict.fromkeys(node.location for node in find(expression, self.root.value)))
        except (JSONPathError, RecursionError) as error:
            reason = str(error).partition(", line")[0] or "it is too deep"
            message = f"{piece(expression)} is not a JSONPath expression: {reason}"
            self._flaws.add(self._overlay, pointer, message, "as in $.paths['/people'].post (RFC 9535)")
            return None

    def _remove(self, selected: Iterable[Location], pointer: str) -> None:
        # The deepest first, and the last of a list first: what is still to go stays where it was found.
        for location in sorted(selected, key=lambda place: (len(place), place), reverse=True):
            if not location:
                self._flaws.add(self._overlay, pointer, "the whole document cannot be removed")
                return
            self.root.at(location[:-1]).remove(location[-1])

    def _update(self, selected: list[Location], update: Part, pointer: str) -> None:
        size, height = _measure(update.value)
        self._added += size * len(selected)
        if self._added > MOST_ADDED or max(map(len, selected)) + height > DEEPEST_NESTING:
            message = f"this adds too much: the limits are {MOST_ADDED:,} nodes in all, and {DEEPEST_NESTING} levels"
            self._flaws.add(self._overlay, pointer, message)
            self._flaws.raise_if_any()  # what follows would copy it again
        copies = [update.copy() for _ in selected]  # before anything changes: a part may be copied into itself
        for location, new in zip(selected, copies, strict=True):
            part = self.root.at(location)
            if isinstance(part.value, list) and not isinstance(new.value, list):
                part.append(new)
            elif location and _is_scalar(part.value) and _is_scalar(new.value):
                self.root.at(location[:-1]).put(location[-1], new)
            else:
                self._merge(part, new, pointer)

    def _merge(self, part: Part, new: Part, pointer: str) -> None:
        """Merge lists and objects as the specification has it (1.1.0, Action Object)."""
        if isinstance(part.value, list) and isinstance(new.value, list):
            for index in range(len(new.value)):
                part.append(new[index])
        elif isinstance(part.value, dict) and isinstance(new.value, dict):
            for key, value in new.value.items():
                if key not in part.value or (_is_scalar(part.value[key]) and _is_scalar(value)):
                    part.put(key, new[key])
                else:
                    self._merge(part[key], new[key], pointer)
        else:
            origin = new.origin
            place = origin.pointer if origin.source is self._overlay else pointer
            message = f"{_kind(new.value)} cannot be merged with {_kind(part.value)}, which the document has here"
            self._flaws.add(self._overlay, place, message)


def _is_scalar(value: Json) -> bool:
    return not isinstance(value, (dict, list))


def _measure(value: Json) -> tuple[int, int]:
    """Return how many nodes a value has, and how many levels."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    measures = [_measure(part) for part in parts]
    return 1 + sum(size for size, _ in measures), 1 + max((height for _, height in measures), default=0)


def _kind(value: Json) -> str:
    return "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else piece(value)
