"""A profile: one choice for each assumption, and where each comes from."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mock_server.contract.behaviours.declarations import read_declaration
from mock_server.contract.decisions import Assumption
from mock_server.contract.files.flaws import Flaw, FlawedInput, Flaws, did_you_mean, piece
from mock_server.contract.files.source import Source, pointer_to


@dataclass(frozen=True, slots=True)
class Choice:
    """What holds for one assumption. `source` is documented, assumed or observed, then with `date` and `evidence`."""

    choice: str
    source: str = "assumed"
    date: str = ""
    evidence: str = ""


def read_choices(
    assumptions: Mapping[str, Assumption], profile: Path | None, assumed: Iterable[str], unread: Container[str] = ()
) -> dict[str, Choice]:
    """Return a choice for every assumption: its default, else what the file `profile` says, else NAME=CHOICE of `assumed`.

    Raise `FlawedInput` with every flaw; nothing is said of the assumptions that are `unread`.
    """
    flaws = Flaws()
    choices = {name: Choice(assumption.default) for name, assumption in assumptions.items()}
    if profile is not None:
        choices.update(flaws.gather(lambda: read_profile(profile, assumptions, unread)) or {})
    choices.update(flaws.gather(lambda: read_assumed(assumed, assumptions, unread)) or {})
    flaws.raise_if_any()
    return choices


def read_profile(path: Path, assumptions: Mapping[str, Assumption], unread: Container[str] = ()) -> dict[str, Choice]:
    """Return the choices that the file at `path` makes; raise `FlawedInput` with every flaw when it is wrong."""
    return profile_in(Source.from_path(path), assumptions, unread)


def profile_in(source: Source, assumptions: Mapping[str, Assumption], unread: Container[str] = ()) -> dict[str, Choice]:
    """Return the choices that `source` makes; raise `FlawedInput` as `read_profile` does."""
    flaws = Flaws()
    read_declaration("profile", source.value, source, "", flaws)
    made = source.value.get("assumptions") if isinstance(source.value, dict) else None
    choices = {}
    for name, raw in made.items() if isinstance(made, dict) else ():
        pointer = pointer_to("assumptions", name)
        if name not in assumptions:
            if name not in unread:
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


def read_assumed(pairs: Iterable[str], assumptions: Mapping[str, Assumption], unread: Container[str] = ()) -> dict[str, Choice]:
    """Return the choices that NAME=CHOICE texts make; raise `FlawedInput` with every flaw when they are wrong."""
    choices, flaws = {}, []
    for pair in pairs:
        name, _, choice = pair.partition("=")
        told = _told_of_pair(pair, assumptions, unread)
        if told:
            flaws.append(Flaw("--assume", 0, 0, "", *told))
        else:
            choices[name] = Choice(choice)
    if flaws:
        raise FlawedInput(flaws)
    return choices


def _told_of_pair(pair: str, assumptions: Mapping[str, Assumption], unread: Container[str]) -> tuple[str, str] | None:
    """Tell what is wrong with NAME=CHOICE, and what would be right; None when nothing is."""
    name, separator, choice = pair.partition("=")
    if not separator:
        return f"{piece(pair)} is not NAME=CHOICE", ""
    if name not in assumptions:
        return None if name in unread else (f"there is no assumption {piece(name)}", did_you_mean(name, assumptions))
    if choice not in assumptions[name].choices:
        return f"{piece(choice)} is not a choice of {name}", f"it may be one of: {', '.join(assumptions[name].choices)}"
    return None
