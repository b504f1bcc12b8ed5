"""Entity tags as a target gives them: the same as long as a record is shown the same, another one once it is not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mock_server.contract.files.source import Json
from mock_server.contract.model import Resource
from mock_server.engine.store import Change

UNSEEN = "\0tag"
"""Stands for the tag of what no answer showed yet; no request can name it."""


@dataclass(frozen=True, slots=True)
class SeenTag:
    """A tag that came with an answer, what it was the tag of, and of which record."""

    resource: str
    id: Json
    content: str
    tag: str


@dataclass(slots=True)
class KnownTags:
    """The tags that answers carried so far."""

    by_content: dict[tuple[str, str], str] = field(default_factory=dict)
    contents: dict[tuple[str, Json, str], set[str]] = field(default_factory=dict)
    changed: set[tuple[str, Json]] = field(default_factory=set)
    """Records that were changed since their tag was seen: it may be another one though they are shown as before."""

    def of(self, resource: Resource, shown: Mapping[str, Json]) -> str:
        """Return the tag of a record that is shown like this; an empty text where no answer told."""
        return self.by_content.get((resource.name, written(shown)), "")

    def learn(self, changes: Iterable[Change], bindings: Mapping[Json, Json], seen: SeenTag | None) -> None:
        """Keep what an exchange shows: what it changed, ids by what was found in their place, and the tag that came with it."""
        for change in changes:
            self.changed.add((change.resource, bindings.get(change.id, change.id)))
        if seen is not None:
            self.by_content[seen.resource, seen.content] = seen.tag
            self.contents.setdefault((seen.resource, seen.id, seen.tag), set()).add(seen.content)
            self.changed.discard((seen.resource, seen.id))

    def copy(self) -> KnownTags:
        """Return what is known now, which what is learned later leaves as it is."""
        contents = {place: set(several) for place, several in self.contents.items()}
        return KnownTags(dict(self.by_content), contents, set(self.changed))

    def after_simultaneous(self) -> KnownTags:
        """Return what is known when simultaneous requests may have changed any record."""
        return KnownTags(self.by_content, self.contents, {(resource, id) for resource, id, _ in self.contents})


def written(shown: Mapping[str, Json]) -> str:
    """Return a text that is the same for the same contents only."""
    return json.dumps(shown, sort_keys=True)
