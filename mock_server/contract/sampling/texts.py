"""Making texts: by format, by pattern, by what the name of a property tells, of the length that is asked for."""

from __future__ import annotations

import base64
import re
import string
import uuid
from datetime import UTC, datetime, timedelta

from mock_server.contract.sampling.dice import Dice
from mock_server.contract.sampling.merged import Merged
from mock_server.contract.sampling.naming import Named, vocabulary
from mock_server.contract.sampling.patterns import matches, matching

TODAY = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
"""The time from which made times are recent: always the same, so that made values are."""

PERSONAL = frozenset({"given", "family", "company"})
"""Lists of which all properties of one object have the same word, so that an email fits the name beside it."""

LONGEST = 10_000
"""A longer text is not made."""

RETRY_SHORT = 2
"""The attempt that makes a text as short as it may be."""

FIRST = {"email": "a", "idn-email": "a", "hostname": "a.", "idn-hostname": "a."}
"""What texts of a format are made longer with, at their beginning."""

SHORTEST = {"email": "a@b.co", "idn-email": "a@b.co", "hostname": "a.co", "idn-hostname": "a.co"}

BLANK = re.compile(r"\{(?:([~]?)([a-z_]+3?)|(\d+)\.\.(\d+)|([xU])(\d+))\}(?!\})")


class TextMaker:
    """Makes the texts of one property. `owner` is the seed of the object that it belongs to."""

    def __init__(self, named: Named, dice: Dice, owner: int, index: int) -> None:
        self._named = named
        self._dice = dice
        self._owner = Dice(owner, index)
        self._words = vocabulary()

    def make(self, merged: Merged, retry: int) -> str:
        """Return a text that most likely is what `merged` asks for; another one at each `retry`."""
        least, most = merged.most_of("minLength") or 0, merged.least_of("maxLength")
        usual = self._usual(merged, prefers_plain=retry > 0)
        if merged.patterns:
            fitted = _fitted(usual, least, most)
            if retry == 0 and fitted == usual and all(matches(pattern, usual) for pattern in merged.patterns):
                return usual
            made = self._matching(merged.patterns, retry, least, most)
            return fitted if made is None else made
        if retry == RETRY_SHORT:
            usual = usual[: max(least, 1)]
        return self._of_length(usual, merged.formats, least, most)

    def _of_length(self, text: str, formats: list[str], least: int, most: int | None) -> str:
        """Return a text that is as long as asked for, and still of its format where that is a usual one."""
        before = next((FIRST[name] for name in formats if name in FIRST), None)
        if before is None or least <= len(text) <= (most or len(text)):
            return _fitted(text, least, most)
        if len(text) < least <= LONGEST:
            return before * (least - len(text)) + text
        return next((SHORTEST[name] for name in formats if name in SHORTEST), text)

    def _matching(self, patterns: list[str], retry: int, least: int, most: int | None) -> str | None:
        """Return a text that matches a pattern, all of them if that is found; None where there is none."""
        made = [matching(pattern, self._dice, least, most) for pattern in patterns]
        texts = [text for text in made if text is not None]
        candidates = [*texts, "".join(texts)]
        fitting = (text for text in candidates if all(matches(pattern, text) for pattern in patterns))
        return next(fitting, texts[retry % len(texts)] if texts else None)

    def _usual(self, merged: Merged, *, prefers_plain: bool) -> str:
        formats = [name.lower().replace("_", "-") for name in merged.formats]
        for name in formats:
            template = self._words.formats.get(name)
            if template is not None:
                return self._by_format(template)
        if merged.is_base64:
            return self._written("base64")
        time = self._words.time(self._named)
        if time is not None and not merged.patterns and not prefers_plain:
            return time_text(time, "date" if self._named.name.endswith(("date", "birthday", "dob")) else "", self._dice)
        if self._named.name == "id" or self._named.name.endswith(("_id", "_ids")):
            return self._id()
        template = self._words.template(self._named)
        return self._written("{word}" if template is None else template)

    def _by_format(self, template: str) -> str:
        if template.startswith("past"):
            return time_text(self._words.time(self._named) or "past", template.partition("-")[2], self._dice)
        if template.startswith("https:"):
            named = self._words.template(self._named)
            template = named if named is not None and named.startswith("https:") else template
        return self._written(template)

    def _id(self) -> str:
        named = self._named
        kind = named.kind if named.name == "id" else re.sub("_ids?$", "", named.name)
        return f"{kind}_{self._dice.bits(40):010x}" if kind else f"{self._dice.bits(48):012x}"

    def _written(self, template: str) -> str:
        if template == "uuid":
            return str(uuid.UUID(int=self._dice.bits(128), version=4))
        if template == "base64":
            return base64.b64encode(self._written("{word} {word}").encode()).decode()
        return BLANK.sub(self._filled, template).replace("{{", "{").replace("}}", "}")

    def _filled(self, blank: re.Match[str]) -> str:
        lower, words, low, high, letters, count = blank.groups()
        if words:
            dice = self._owner if words in PERSONAL else self._dice
            word = dice.word(self._words.words[words], f"{words}{blank.start()}" if words not in PERSONAL else words)
            return word.lower().replace(" ", "-") if lower else word
        if low:
            return str(self._dice.between(int(low), int(high))).zfill(len(low))
        characters = "0123456789abcdef" if letters == "x" else string.ascii_uppercase
        return "".join(self._dice.pick(characters) for _ in range(int(count)))


def time_of(kind: str, dice: Dice) -> datetime:
    """Return a time of a kind: past, recent, future, or that of a birth."""
    second = dice.between(0, 86_399)
    if kind == "future":
        return TODAY.replace(hour=0, minute=0) + timedelta(days=dice.between(7, 120), seconds=second)
    if kind == "birth":
        return datetime(1960, 1, 1, tzinfo=UTC) + timedelta(days=dice.between(0, 16_000), seconds=second)
    days = dice.between(1, 20) if kind == "recent" else dice.between(21, 200)
    return TODAY.replace(hour=0, minute=0) - timedelta(days=days) + timedelta(seconds=second)


def time_text(kind: str, style: str, dice: Dice) -> str:
    """Return a time as a text: a date, seconds since 1970, as HTTP has it, else as RFC 3339."""
    time = time_of(kind, dice)
    if style == "date":
        return time.date().isoformat()
    if style == "seconds":
        return str(int(time.timestamp()))
    if style == "http":
        return time.strftime("%a, %d %b %Y %H:%M:%S GMT")
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _fitted(text: str, least: int, most: int | None) -> str:
    """Return a text of a length from `least` to `most`, as far as that is sensible."""
    if len(text) < least <= LONGEST:
        filler = f" {text}" if " " in text else text or "x"
        text = (text + filler * (least // len(filler) + 1))[: max(least, len(text))]
        text = text[:-1] + "." if text.endswith(" ") else text
    if most is not None and len(text) > most:
        text = text[:most]
        text = text[:-1] + "." if text.endswith(" ") else text
    return text
