"""A profile: one choice for each assumption, and where each comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mock_server.contract.declarations import read_declaration
from mock_server.contract.flaws import Flaws, did_you_mean, piece
from mock_server.contract.model import Assumption
from mock_server.contract.source import Source, pointer_to


@dataclass(frozen=True, slots=True)
class Choice:
    """What holds for one assumption. `source` is documented, assumed or observed, then with `date` and `evidence`."""

    choice: str
    source: str = "assumed"
    date: str = ""
    evidence: str = ""


def read_choices(assumptions: Mapping[str, Assumption], profile: Path | None, assumed: Iterable[str]) -> dict[str, Choice]:
    """Return a choice for every assumption: its default, else what the file `profile` says, else NAME=CHOICE of `assumed`."""
    choices = {name: Choice(assumption.default) for name, assumption in assumptions.items()}
    if profile is not None:
        choices.update(read_profile(profile, assumptions))
    choices.update(read_assumed(assumed, assumptions))
    return choices


def read_profile(path: Path, assumptions: Mapping[str, Assumption]) -> dict[str, Choice]:
    """Return the choices that the file at `path` makes; raise `FlawedInput` with every flaw when it is wrong."""
    return profile_in(Source.from_path(path), assumptions)


def profile_in(source: Source, assumptions: Mapping[str, Assumption]) -> dict[str, Choice]:
    """Return the choices that `source` makes; raise `FlawedInput` as `read_profile` does."""
    flaws = Flaws()
    declaration = read_declaration("profile", source.value, source, "", flaws)
    choices = {}
    for name, raw in declaration["assumptions"].items() if declaration else ():
        pointer = pointer_to("assumptions", name)
        if name not in assumptions:
            flaws.add(source, pointer, f"there is no assumption {piece(name)}", did_you_mean(name, assumptions))
            continue
        written_out = raw if isinstance(raw, dict) else {"choice": raw}  # a bare choice is the short form
        entry = read_declaration("choice", written_out, source, pointer, flaws)
        if entry is None:
            continue
        choice = entry["choice"]
        if choice not in assumptions[name].choices:
            hint = did_you_mean(choice, assumptions[name].choices)
            flaws.add(source, pointer, f"{piece(choice)} is not a choice of {name}", hint)
        choices[name] = Choice(choice, entry["source"], entry["date"], entry["evidence"])
    flaws.raise_if_any()
    return choices


def read_assumed(pairs: Iterable[str], assumptions: Mapping[str, Assumption]) -> dict[str, Choice]:
    """Return the choices that NAME=CHOICE texts make; raise `ValueError` with what is wrong and what would be right."""
    choices = {}
    for pair in pairs:
        name, separator, choice = pair.partition("=")
        if not separator:
            raise ValueError(f"{piece(pair)} is not NAME=CHOICE")
        if name not in assumptions:
            raise ValueError(f"there is no assumption {piece(name)}; {did_you_mean(name, assumptions)}")
        if choice not in assumptions[name].choices:
            known = ", ".join(assumptions[name].choices)
            raise ValueError(f"{piece(choice)} is not a choice of {name}; it may be one of: {known}")
        choices[name] = Choice(choice)
    return choices
