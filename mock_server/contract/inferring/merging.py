"""Adding what is new in a proposal to an overlay that somebody edited: every line of theirs stays as it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import yaml

from mock_server.contract.files.flaws import FlawedInput
from mock_server.contract.files.source import Json, Source
from mock_server.contract.inferring.proposal import Proposal
from mock_server.contract.inferring.proposing import overlay_value
from mock_server.contract.inferring.writing import INFERRED, action_lines, inferred_lines, labels


def inferred_before(overlay: Source) -> list[str]:
    """Return what was proposed for an overlay so far, as it says itself."""
    names = overlay.value.get(INFERRED) if isinstance(overlay.value, dict) else None
    return [str(name) for name in names] if isinstance(names, list) else []


def merged(overlay: Source, proposal: Proposal) -> str:
    """Return the text of an overlay with the actions of a proposal after its own."""
    if not proposal.actions:
        return overlay.text
    before = inferred_before(overlay)
    names = [*before, *(label for label in labels(proposal) if label not in before)]
    text = with_member(with_elements(overlay, action_lines(proposal, 0)), INFERRED, inferred_lines(names), after="extends")
    _check_kept(overlay, text, overlay_value(proposal, "", "")["actions"], {INFERRED: names})
    return text


def with_elements(overlay: Source, new: Iterable[str]) -> str:
    """Return the text of an overlay with lines, which are elements of a list, after those of its actions; raise `FlawedInput`
    where these are written in one line."""
    members = _members(overlay.text)
    key, actions = members["actions"]
    lines = overlay.text.splitlines()
    if not actions.value:  # there were others once
        at = key.start_mark.line
        return "\n".join([*lines[:at], "actions:", *(f"  {line}" for line in new), *lines[at + 1 :]]) + "\n"
    if not isinstance(actions, yaml.SequenceNode) or actions.flow_style:
        hint = "write each action on lines of its own, beginning with - target:"
        raise FlawedInput([overlay.flaw("/actions", "the list of actions is written in brackets", hint)])
    indented = [" " * actions.start_mark.column + line if line else "" for line in new]
    is_last = list(members)[-1] == "actions"
    at = len("\n".join(lines).rstrip().splitlines()) if is_last else _last_line(actions) + 1
    return "\n".join([*lines[:at], *indented, *lines[at:]]).rstrip("\n") + "\n"


def without_elements(overlay: Source, numbers: Collection[int], comment: str) -> str:
    """Return the text of an overlay without some of its actions, and without the comments above these that begin so."""
    actions, lines = _members(overlay.text)["actions"][1], overlay.text.splitlines()
    for number in sorted(numbers, reverse=True):
        node = actions.value[number]
        start, end = node.start_mark.line, _last_line(node) + 1
        above = start
        while above and lines[above - 1].lstrip().startswith("#"):
            above -= 1
            if lines[above].lstrip().startswith(comment):
                start = above
                break
        del lines[start:end]
    return "\n".join(lines) + "\n"


def with_member(text: str, name: str, new: list[str], *, after: str) -> str:
    """Return a text of a mapping with the lines of a member in the place of those that it has, or after another member."""
    members, lines = _members(text), text.splitlines()
    if name in members:
        start, end = members[name][0].start_mark.line, _last_line(members[name][1]) + 1
    else:
        start = end = _last_line(members[after][1]) + 1
    return "\n".join([*lines[:start], *new, *lines[end:]]) + "\n"


def _members(text: str) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    return {key.value: (key, value) for key, value in root.value} if isinstance(root, yaml.MappingNode) else {}


def _last_line(node: yaml.Node) -> int:
    """Return the number of the last line of a part, from 0; comments after it are not of it."""
    while isinstance(node, (yaml.SequenceNode, yaml.MappingNode)) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(node, yaml.MappingNode) else last
    end: int = node.end_mark.line
    return end - 1 if node.end_mark.column == 0 and end > node.start_mark.line else end


def _check_kept(overlay: Source, text: str, more: Collection[Json], members: dict[str, Json]) -> None:
    """Raise `FlawedInput` unless a text is the overlay and what was added: nothing may be lost."""
    wanted = {**overlay.value, **members, "actions": [*overlay.value["actions"], *more]}
    if Source(overlay.path, text).value != wanted:
        raise FlawedInput([overlay.flaw("", "is written in a way that nothing can be added to")])
