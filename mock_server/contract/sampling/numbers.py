"""Making numbers: by what the name of a property tells, within the bounds and in the steps that are asked for."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from math import ceil, floor
from typing import Any

from mock_server.contract.sampling.dice import Dice
from mock_server.contract.sampling.merged import Merged
from mock_server.contract.sampling.naming import Named, NumberRange, vocabulary
from mock_server.contract.sampling.texts import time_of

USUAL = NumberRange(1, 100, 0)
TIME_FORMATS = frozenset({"unix-time", "timestamp", "epoch"})


class NumberMaker:
    """Makes the numbers of one property."""

    def __init__(self, named: Named, dice: Dice) -> None:
        self._named = named
        self._dice = dice

    def make(self, merged: Merged, kind: str, retry: int) -> int | float:
        """Return a number that most likely is what `merged` asks for; another one at each `retry`."""
        low, high = _bounds(merged, whole=kind == "integer")
        number = self._usual(merged, kind, retry)
        if low is not None and number < low:
            number = low + self._dice.distinct(0, 99) if high is None else self._between(low, high)
        elif high is not None and number > high:
            number = high - self._dice.distinct(0, 99) if low is None else self._between(low, high)
        steps = [step for step in map(_decimal, merged.steps) if step]
        if steps:
            number = _stepped(number, steps, low, high)
        return int(number) if kind == "integer" or (steps and number == int(number)) else float(number)

    def _usual(self, merged: Merged, kind: str, retry: int) -> Decimal:
        words = vocabulary()
        time = words.time(self._named) if words.numbers(self._named) is None else None
        if time is not None or TIME_FORMATS.intersection(merged.formats):
            seconds = Decimal(int(time_of(time or "past", self._dice).timestamp()))
            return seconds * 1000 if self._named.name.endswith(("_ms", "_millis")) else seconds
        usual = words.numbers(self._named) or USUAL
        if self._named.name.endswith("id"):
            return Decimal(self._dice.serial(usual.low, usual.high) + retry)
        if kind == "integer":
            return Decimal(self._dice.distinct(usual.low, usual.high + 10 * retry))
        decimals = usual.decimals or (0 if words.numbers(self._named) else 2)
        scale = 10**decimals
        return Decimal(self._dice.distinct(usual.low * scale, (usual.high + retry) * scale)).scaleb(-decimals)

    def _between(self, low: Decimal, high: Decimal) -> Decimal:
        """Return a number from `low` to `high`, whole where both are."""
        if low == int(low) and high - low >= 1:
            return low + self._dice.distinct(0, min(int(high - low), 99))
        return low + (high - low) * self._dice.distinct(0, 4) / 4


def _bounds(merged: Merged, *, whole: bool) -> tuple[Decimal | None, Decimal | None]:
    """Return the least and the largest number that are let through, as far as they are known."""
    low, high = _decimal(merged.most_of("minimum")), _decimal(merged.least_of("maximum"))
    above, below = _decimal(merged.most_of("exclusiveMinimum")), _decimal(merged.least_of("exclusiveMaximum"))
    step = Decimal(1) if whole else _gap(above, below)
    if above is not None and (low is None or above >= low):
        low = Decimal(floor(above)) + 1 if whole else above + step
    if below is not None and (high is None or below <= high):
        high = Decimal(ceil(below)) - 1 if whole else below - step
    if whole:
        low = None if low is None else Decimal(ceil(low))
        high = None if high is None else Decimal(floor(high))
    return low, high


def _gap(above: Decimal | None, below: Decimal | None) -> Decimal:
    """Return how far from an exclusive bound a number may be."""
    if above is None or below is None or below - above > 2:
        return Decimal(1)
    return (below - above) / 4


def _stepped(number: Decimal, steps: list[Decimal], low: Decimal | None, high: Decimal | None) -> Decimal:
    """Return the multiple of all `steps` that is nearest above `number`, or the next one below if that is too large."""
    step = steps[0]
    for other in steps[1:]:
        multiple = next((step * factor for factor in range(1, 1000) if (step * factor) % other == 0), step)
        step = multiple
    found = Decimal(ceil(number / step)) * step
    if high is not None and found > high:
        found = Decimal(floor(high / step)) * step
    return found


def _decimal(value: Any) -> Decimal | None:
    """Return a number of a schema exactly as it is written; None where there is none."""
    try:
        return None if value is None or isinstance(value, bool) else Decimal(str(value))
    except InvalidOperation:
        return None
