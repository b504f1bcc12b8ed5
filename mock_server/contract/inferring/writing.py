"""A proposal as the text of an overlay, commented for whoever edits it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from mock_server.contract.files.source import Json
from mock_server.contract.inferring.proposal import Action, Proposal

WIDTH = 120
LONGEST_LINE = 112
"""How long a mapping may be in one line; longer ones stand on several."""

FEW_MEMBERS = 4
"""How many members a step may have to stand in one line."""

MOST_LEFT = 60
"""How many operations that are left as they are get a line."""

INFERRED = "x-inferred"
"""What was proposed so far, so that what somebody removed is not proposed again."""

_LIKE_NUMBERS = re.compile(r"[-+]?(\d[\d_]*\.?\d*|\.\d+)([eE][-+]?\d+)?|0[ox]\w+|[yYnN]")

HEADER = """\
What {title} does, as far as its paths, schemas and examples tell; each action is a guess, with its reasons above it.
Change what is wrong and remove what is not wanted: `mock-server infer --update` adds what is new and leaves the rest alone.
"""


class _Dumper(yaml.SafeDumper):
    """Writes texts so that YAML 1.2 reads them as texts too."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "'" if _LIKE_NUMBERS.fullmatch(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def overlay_text(proposal: Proposal, title: str, version: str, extends: str) -> str:
    """Return the overlay that a proposal is, as a file: the same for the same proposal."""
    lines = [*_comment(HEADER.format(title=title).strip().split("\n"))]
    lines += _left(proposal.left)
    lines += ["overlay: 1.0.0", f"info: {flow({'title': f'What {title} does', 'version': version})}"]
    lines += [f"extends: {flow(extends)}", *inferred_lines(labels(proposal)), "actions:"]
    return "\n".join([*lines, *action_lines(proposal, 2)]) + "\n"


def labels(proposal: Proposal) -> list[str]:
    """Return what a proposal is about, by name."""
    return list(dict.fromkeys(action.label for action in proposal.actions))


def inferred_lines(names: Iterable[str]) -> list[str]:
    """Return the lines that tell what was proposed."""
    lines = [f"{INFERRED}: ["]
    for name in names:
        part = f"{flow([name])[1:-1]},"
        if len(lines[-1]) + len(part) >= WIDTH:
            lines.append(" ")
        lines[-1] += part if lines[-1].endswith("[") else f" {part}"
    return [*lines[:-1], lines[-1].removesuffix(",") + "]"]


def action_lines(proposal: Proposal, indent: int) -> list[str]:
    """Return the lines of the actions of a proposal, as elements of a list that is indented so far."""
    lines = []
    if proposal.assumptions:
        lines += ["# What the document leaves open. `contract-tests observe` finds out what a deployment does."]
        lines += ["- target: $", "  update:", "    x-assumptions:"]
        for name, entry in proposal.assumptions.items():
            lines += [f"      {flow(name)}:", *(f"        {line}" for line in _members(entry))]
    for action in proposal.actions:
        lines += _action(action)
    return [" " * indent + line if line else "" for line in lines]


def _action(action: Action) -> list[str]:
    told = f"{action.label}: {action.why}" if action.why and not action.is_operation else action.why
    lines = [*_comment(textwrap.wrap(told, WIDTH - 4)), f"- target: {flow(action.target)}"]
    if _is_short(action.update):
        return [*lines, f"  update: {flow(action.update)}"]
    lines.append("  update:")
    for key, value in action.update.items():
        if not isinstance(value, list):
            lines += _member(key, value, "    ")
            continue
        lines.append(f"    {key}:")
        for step in value:
            if 1 < len(step) <= FEW_MEMBERS and len(flow(step)) <= LONGEST_LINE:
                lines.append(f"      - {flow(step)}")
                continue
            first, *rest = [line for name, part in step.items() for line in _member(name, part, "")]
            lines += [f"      - {first}", *(f"        {line}" for line in rest)]
    return lines


def _is_short(update: Mapping[str, Json]) -> bool:
    """Return whether what an action adds can be read in one line: it fits, and is no more than one step, or two members."""
    few = all(len(value) <= (1 if isinstance(value, list) else 2) for value in update.values())
    return few and len(flow(update)) <= LONGEST_LINE


def _member(key: str, value: Json, indent: str) -> list[str]:
    """Return a member of a mapping: in one line if it is short."""
    line = f"{indent}{flow(key)}: {flow(value)}"
    if len(line) <= LONGEST_LINE or not isinstance(value, dict) or not value:
        return [line]
    return [f"{indent}{flow(key)}:", *(part for name, one in value.items() for part in _member(name, one, indent + "  "))]


def _members(value: Mapping[str, Json]) -> list[str]:
    return [line for key, part in value.items() for line in _member(key, part, "")]


def flow(value: Json) -> str:
    """Return a value as YAML in one line."""
    text: Any = yaml.dump(
        value, Dumper=_Dumper, default_flow_style=True, width=float("inf"), sort_keys=False, allow_unicode=True
    )
    return str(text).strip().removesuffix("...").strip()


def _left(left: Mapping[str, str]) -> list[str]:
    if not left:
        return []
    lines = ["", "Left as they are, to be answered from examples and schemas:"]
    shown = list(left.items())[:MOST_LEFT]
    lines += [one for label, why in shown for one in textwrap.wrap(f"- {label}: {why}", WIDTH - 2, subsequent_indent="  ")]
    if len(left) > len(shown):
        lines.append(f"- and {len(left) - len(shown)} more")
    return _comment(lines)


def _comment(lines: Iterable[str]) -> list[str]:
    return [f"# {line}" if line else "#" for line in lines]
