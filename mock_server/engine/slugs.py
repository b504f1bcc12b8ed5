"""Slugs: what stands for a record in an address, made of one of its fields."""

from __future__ import annotations

import re
import unicodedata

from mock_server.contract.model import Resource
from mock_server.engine.execution import Execution
from mock_server.engine.scope import Scope
from mock_server.engine.store import Record
from mock_server.engine.values import numbered


class Slugs:
    """Makes the slugs of new records that none is given for."""

    def __init__(self, resource: Resource, scope: Scope) -> None:
        self._resource = resource
        self._made_of = [(field, source, scope.index(resource, (field,))) for field, source in resource.slugs.items()]

    def fill(self, execution: Execution, draft: Record) -> None:
        """Give a new record the slugs that it lacks: no other record of its owner has them."""
        owner = execution.owner(self._resource)
        for field, source, index in self._made_of:
            if draft.get(field) is not None:
                continue
            text = str(draft.get(source) or "")
            base, number = slug_of(text) or self._resource.name.lower(), 1
            while execution.store.find(index, owner, (numbered(base, number),)):
                number += 1
            draft[field] = execution.generator.slug(text, base, number)


def slug_of(text: str) -> str:
    """Return the letters and digits of a text in small ASCII, with a hyphen in place of all that stands between them."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")
