"""Under which readings of a contract a test is run: those that can make a difference to it, and no others.

A contract with thirty open points of two or three choices each has more readings than there are atoms in a person. A test asks
for few of them, and the answers know which: each names the assumptions that it rested on. So a test runs as assumed first; then
under each other choice of each assumption that one of its answers rested on. What interacts is seen by running, too: a choice
that changes where another assumption is asked (it is asked more, less, or only now) is run together with the
other choices of that assumption. A choice under which the test fails alone is not run together with others: it has been told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from mock_server.contract.behaviours.profile import Choice, read_profile
from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.model import Contract
from mock_server.exchange.messages import Answer

Asked: TypeAlias = Mapping[str, Counter[str]]
"""By assumption: how often answers of which operation rested on it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Choices that differ from those assumed; `name` is what the id of a test says of it."""

    name: str
    choices: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, *choices: tuple[str, str]) -> Reading:
        """Return the reading of some choices, named by them."""
        return cls("+".join(f"{name}={choice}" for name, choice in choices), choices)


def asked_by(answers: Iterable[Answer]) -> Asked:
    """Return where the assumptions were asked that some answers rested on."""
    asked: dict[str, Counter[str]] = {}
    for answer in answers:
        for name in answer.rested_on:
            asked.setdefault(name, Counter())[answer.operation.id if answer.operation else ""] += 1
    return asked


def read_wanted(wanted: Iterable[str], contract: Contract) -> list[Reading]:
    """Return the readings that a list wants: NAME, NAME=CHOICE, several of these joined by +, or a profile's file.

    Raise `ValueError` for what the contract does not have, `FlawedInput` for a profile that is wrong.
    """
    readings = []
    for text in wanted:
        if text.endswith((".yaml", ".yml", ".json")):
            path = Path(text)
            choices = {name: entry.choice for name, entry in read_profile(path, contract.assumptions).items()}
            readings.append(Reading(path.stem, tuple(choices.items())))
        elif "=" in text:
            readings.append(Reading.of(*[_read_choice(pair, contract) for pair in text.split("+")]))
        else:
            _check_name(text, contract)
            readings += [Reading.of((text, choice)) for choice in contract.assumptions[text].choices]
    return readings


def _read_choice(text: str, contract: Contract) -> tuple[str, str]:
    name, _, choice = text.partition("=")
    _check_name(name, contract)
    choices = contract.assumptions[name].choices
    if choice not in choices:
        raise ValueError(f"{piece(choice)} is not a choice of {name}; it may be one of: {', '.join(choices)}")
    return name, choice


def _check_name(name: str, contract: Contract) -> None:
    if name not in contract.assumptions:
        raise ValueError(f"there is no assumption {piece(name)}; {did_you_mean(name, contract.assumptions)}")


@dataclass(slots=True)
class Readings:
    """The readings of one test, found while it is run under them.

    `profile` is what is assumed. What a deployment was observed to do and what documents say is no longer open, nor what the
    test itself chose (`pinned`). `wanted` are the readings of a list; without one, all that can make a difference.
    """

    contract: Contract
    profile: Mapping[str, Choice]
    pinned: frozenset[str] = frozenset()
    wanted: list[Reading] | None = None
    _asked_as_assumed: Asked = field(default_factory=dict)
    _waiting: list[Reading] = field(default_factory=list)
    _met: set[frozenset[tuple[str, str]]] = field(default_factory=set)
    _failed: set[tuple[str, str]] = field(default_factory=set)

    def begin(self, asked: Asked) -> None:
        """Take up the readings that matter to a test that passed as assumed."""
        self._asked_as_assumed = asked
        for reading in self._alternatives(asked) if self.wanted is None else self.wanted:
            differing = tuple((n, c) for n, c in reading.choices if c != self.profile[n].choice and n not in self.pinned)
            if any(name in asked for name, _ in differing):
                self._add(Reading(reading.name, differing))

    def follow(self, reading: Reading, asked: Asked, *, passed: bool) -> None:
        """Take up what follows from how the test went under `reading`."""
        if len(reading.choices) != 1 or self.wanted is not None:
            return
        if not passed:
            self._failed.update(reading.choices)
            return
        (own,) = reading.choices
        changed = {n: where for n, where in asked.items() if n != own[0] and where != self._asked_as_assumed.get(n)}
        for other in self._alternatives(changed):
            self._add(Reading.of(*sorted((own, *other.choices))))

    def next(self) -> Reading | None:
        """Return the reading to run under now; None when the test has been run under all that matter."""
        while self._waiting:
            reading = self._waiting.pop(0)
            if len(reading.choices) == 1 or self.wanted is not None or self._failed.isdisjoint(reading.choices):
                return reading
        return None

    def _alternatives(self, asked: Asked) -> list[Reading]:
        return [
            Reading.of((name, choice))
            for name in asked
            if name not in self.pinned and self.profile[name].source == "assumed"
            for choice in self.contract.assumptions[name].choices
            if choice != self.profile[name].choice
        ]

    def _add(self, reading: Reading) -> None:
        choices = frozenset(reading.choices)
        if choices not in self._met:
            self._met.add(choices)
            self._waiting.append(reading)


def told(reading: Reading, contract: Contract) -> str:
    """Return what a reading says, in the words of the document."""
    return "; ".join(
        f"{contract.assumptions[name].choices[choice].rstrip('.')} (assumption {name}: {choice})"
        for name, choice in reading.choices
    )
