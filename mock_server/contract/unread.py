"""What a document with flaws declares without our being able to read it. Whoever refers to it makes no mistake by that."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field

from mock_server.contract.documents.document import Node


class _Everything:
    def __contains__(self, _: object) -> bool:
        return True


EVERYTHING: Container[str] = _Everything()
"""All names: where it is not known which names could not be read, any of them may be one."""


@dataclass
class Unread:
    """Names that stand for something of which nothing, or not all, could be read; there are none when there are no flaws."""

    assumptions: Container[str] = ()
    resources: set[str] = field(default_factory=set)
    operations: Container[str] = ()
    responses: set[str] = field(default_factory=set)
    """Ids of operations of which not all responses could be read."""


@dataclass
class UnreadParts:
    """Which parts of an operation could not be read in full, so that what seems to be missing there may be no mistake."""

    parameters: bool
    body: bool
    responses: bool
    broken: list[Node] = field(default_factory=list)
    """The parts of requests that cannot be read: an operation with any cannot be answered."""
