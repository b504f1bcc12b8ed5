"""Reading `x-assumptions`, and the decisions that refer to them: `{assumption: NAME}` or `{assumption: NAME, cases: …}`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from mock_server.contract.behaviours.declarations import DeclarationKind, declared
from mock_server.contract.decisions import Assumption, Decision
from mock_server.contract.documents.document import Document, Node
from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.unread import EVERYTHING, Unread

T = TypeVar("T")


def read_assumptions(document: Document, unread: Unread) -> dict[str, Assumption]:
    """Return the assumptions of `document` by name; flaws are noted in the document."""
    entries = document.root.extension("x-assumptions")
    assumptions: dict[str, Assumption] = {}
    if entries is None and document.flaws:
        unread.assumptions = EVERYTHING  # the extension itself may be misspelt
    if entries is not None and not isinstance(entries.value, dict):
        entries.flaw("has to be a mapping: NAME: {choices, default, why}")
        unread.assumptions = EVERYTHING
    for name, entry in entries.items() if entries else ():
        declaration = declared("assumption", entry)
        if declaration is None:
            continue
        choices, default = declaration["choices"], declaration["default"]
        if default not in choices:
            entry.flaw(f"{piece(default)} is not one of the choices", did_you_mean(default, choices), "default")
        assumptions[name] = Assumption(name, choices, default, declaration["why"])
    if entries is not None and isinstance(entries.value, dict):
        unread.assumptions = entries.value.keys() - assumptions.keys()
    return assumptions


class Decisions:
    """Reads decisions; remembers which assumptions were referred to."""

    def __init__(self, assumptions: Mapping[str, Assumption], unread: Unread) -> None:
        self._assumptions = assumptions
        self._unread = unread
        self.referred: set[str] = set()
        self.unknown: set[str] = set()

    def assumption(self, name: object, node: Node, key: str) -> Assumption | None:
        """Return the assumption that `node` refers to by its part `key`; None when it is unread or (a flaw) unknown."""
        assumption = self._assumptions.get(name) if isinstance(name, str) else None
        if assumption is not None:
            self.referred.add(assumption.name)
        elif not isinstance(name, str) or name not in self._unread.assumptions:
            self.unknown.add(str(name))
            node.flaw(f"there is no assumption {piece(name)}", did_you_mean(str(name), self._assumptions), key)
        return assumption

    def read(self, node: Node, convert: Callable[[Node, object], T | None]) -> Decision[T] | None:
        """Return the decision that `node` declares; `convert` reads one outcome and notes what is wrong with it."""
        if not isinstance(node.value, dict) or "assumption" not in node.value:
            outcome = convert(node, node.value)
            return None if outcome is None else Decision(outcome)
        for key, _ in node.items():
            if key not in ("assumption", "cases"):
                node.flaw(f"{piece(key)} is not known here", did_you_mean(key, ("assumption", "cases")), key)
        assumption = self.assumption(node.value["assumption"], node, "assumption")
        if assumption is None:
            return None
        cases = node.value.get("cases")
        if cases is not None and not self._covers(node["cases"], assumption):
            return None
        outcomes = {}
        for choice in assumption.choices:
            place, raw = (node["cases"][choice], cases[choice]) if cases is not None else (node["assumption"], choice)
            outcome = convert(place, raw)
            if outcome is not None:
                outcomes[choice] = outcome
        return Decision(None, assumption.name, outcomes) if len(outcomes) == len(assumption.choices) else None

    def default(self, kind: DeclarationKind, key: str) -> Decision[str]:
        """Return what a declaration of a kind decides by `key` where it says nothing."""
        return Decision(kind.members[key]["default"])

    def outcome(self, kind: DeclarationKind, node: Node, key: str) -> Decision[str]:
        """Return what the declaration of a kind at `node` decides by `key`, or its default; once flaws are noted, any."""
        member = kind.members[key]
        if key not in node.value:
            return Decision(member["default"])
        allowed: list[str] = member["x-outcomes"]

        def convert(place: Node, raw: object) -> str | None:
            if raw in allowed:
                return str(raw)
            place.flaw(f"{piece(raw)} is not an outcome here", did_you_mean(str(raw), allowed))
            return None

        return self.read(node[key], convert) or Decision(allowed[0])

    def _covers(self, cases: Node, assumption: Assumption) -> bool:
        given = set(cases.value) if isinstance(cases.value, dict) else set()
        for choice in sorted(given - set(assumption.choices)):
            hint = did_you_mean(choice, assumption.choices)
            cases.flaw(f"{piece(choice)} is not a choice of {assumption.name}", hint, choice)
        for choice in sorted(set(assumption.choices) - given):
            cases.flaw(f"the choice {piece(choice)} of {assumption.name} has no case")
        return given == set(assumption.choices)
