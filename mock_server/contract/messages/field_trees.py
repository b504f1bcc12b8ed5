"""Fields whose names lead into values: `card[number]=1`, `tags[]=a`, `items[0][id]=1`.

No standard says how members of members and lists are written; what clients write is read, in queries and in forms.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Generic, TypeVar

from mock_server.contract.files.source import Json
from mock_server.contract.messages.text_types import INTEGER, NotInStyle, TextType

DEEPEST = 20
"""How deep names may lead."""

T = TypeVar("T")


class FieldTree(Generic[T]):
    """What fields say of one value: what is sent for the whole of it, members by name, or elements."""

    __slots__ = ("elements", "members", "texts")

    def __init__(self) -> None:
        self.texts: list[T] = []
        self.members: dict[str, FieldTree[T]] = {}
        self.elements: list[FieldTree[T]] = []

    def put(self, steps: Collection[str], text: T) -> None:
        """Add what is sent for a part; an empty step leads to an element, a new one where the last has that part already."""
        if len(steps) > DEEPEST:
            raise NotInStyle("has members that lie too deep")
        tree = self
        left = list(steps)
        while left:
            step = left.pop(0)
            if step:
                tree = tree.members.setdefault(step, FieldTree())
                continue
            if not left or not tree.elements or tree.elements[-1].has(left):
                tree.elements.append(FieldTree())
            tree = tree.elements[-1]
        tree.texts.append(text)

    def has(self, steps: Collection[str]) -> bool:
        """Say whether a field led here by these steps."""
        tree = self
        for step in steps:
            if step not in tree.members:
                return False
            tree = tree.members[step]
        return True

    def value(self, type: TextType, read: Callable[[list[T], TextType], Json]) -> Json:
        """Return the value, whose parts `read` returns; raise `NotInStyle` where fields contradict each other."""
        if self.elements and type.is_object and (self.members or not type.is_array):
            self.members[""], self.elements = self.elements[-1], []  # a member whose name is empty
        if bool(self.texts) + bool(self.members) + bool(self.elements) > 1:
            raise NotInStyle("is given both as a whole and in parts")
        if self.elements:
            return [element.value(type.items, read) for element in self.elements]
        if not self.members:
            return read(self.texts, type)
        if _are_elements(self.members, type):
            return [self.members[key].value(type.items, read) for key in sorted(self.members, key=int)]
        meant = type.with_members(self.members)
        return {name: member.value(meant.member(name), read) for name, member in self.members.items()}


def _are_elements(members: Mapping[str, object], type: TextType) -> bool:
    """Say whether members with numbers for names are the elements of a list."""
    if not type.is_array or not all(INTEGER.fullmatch(name) and name[0] != "-" for name in members):
        return False
    return not type.is_object or sorted(map(int, members)) == list(range(len(members)))
