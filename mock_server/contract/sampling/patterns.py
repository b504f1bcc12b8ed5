"""Texts that match a regular expression as JSON Schema has them (ECMA-262)."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from functools import lru_cache
from re import _constants as code  # the reader of the expressions of `re`, which has no public name
from re import _parser as parser
from typing import Any, TypeAlias

from mock_server.contract.sampling.dice import Dice

READABLE = string.ascii_lowercase
PLAIN = string.ascii_letters + string.digits
ANY = PLAIN + "-_.!"
WIDE = PLAIN + string.punctuation + " "
CLASSES = {
    code.CATEGORY_DIGIT: string.digits,
    code.CATEGORY_WORD: string.ascii_letters + string.digits + "_",
    code.CATEGORY_SPACE: " ",
    code.CATEGORY_NOT_DIGIT: string.ascii_letters,
    code.CATEGORY_NOT_WORD: "-",
    code.CATEGORY_NOT_SPACE: PLAIN,
}
UNICODE_CLASSES = {"L": "A-Za-z", "Lu": "A-Z", "Ll": "a-z", "N": "0-9", "Nd": "0-9", "P": "-.", "Z": " ", "Zs": " ", "S": "+"}
"""ASCII that belongs to a Unicode property; the names are those that patterns use."""

MORE_THAN_LEAST = 8
"""How many repetitions are made more than are asked for, at most, where no length is asked for."""

ATTEMPTS = 30

Tree: TypeAlias = Any


def matching(pattern: str, dice: Dice, least: int = 0, most: int | None = None) -> str | None:
    """Return a text that matches `pattern`, of a length from `least` to `most`; None where none was found."""
    tree, expression = _parsed(pattern)
    if tree is None or expression is None:
        return None
    for attempt in range(ATTEMPTS):
        maker = _Maker(dice, attempt, least, most)
        text = maker.text(tree)
        if len(text) < least:  # most patterns that are not anchored take any text around what they ask for
            text += "".join(dice.pick(READABLE) for _ in range(least - len(text)))
        if (most is None or len(text) <= most) and expression.search(text):
            return text
    return None


def matches(pattern: str, text: str) -> bool:
    """Say whether a text matches `pattern`, as far as it can be read."""
    expression = _parsed(pattern)[1]
    return expression is not None and bool(expression.search(text))


@lru_cache(maxsize=512)
def _parsed(pattern: str) -> tuple[Tree | None, re.Pattern[str] | None]:
    """Return a pattern as a tree, and compiled; nothing where it cannot be read."""
    translated = _translated(pattern)
    try:
        return parser.parse(translated, re.ASCII), re.compile(translated, re.ASCII)
    except (re.error, OverflowError, RecursionError):
        return None, None


def _translated(pattern: str) -> str:
    """Return an expression of ECMA-262 as Python writes it."""
    pattern = re.sub(r"\(\?<([A-Za-z_]\w*)>", r"(?P<\1>", pattern).replace("[^]", r"[\s\S]").replace(r"\/", "/")
    pattern = re.sub(r"\\k<(\w+)>", r"(?P=\1)", pattern)
    pattern = re.sub(r"\\u\{([0-9A-Fa-f]{1,6})\}", lambda found: re.escape(chr(min(int(found[1], 16), 0x10FFFF))), pattern)
    within = False
    out = []
    for part in re.split(r"(\\[pP]\{[^}]*\}|\\.|\[|\])", pattern, flags=re.DOTALL):
        if part.startswith((r"\p{", r"\P{")):
            name = part[3:-1].rpartition("=")[2]
            characters = UNICODE_CLASSES.get(name, UNICODE_CLASSES.get(name[:1], "A-Za-z"))
            out.append(characters if within else f"[{'^' if part[1] == 'P' else ''}{characters}]")
            continue
        if part == "[" and not within:
            within = True
        elif part == "[":
            part = r"\["  # a set within a set means nothing in ECMA-262
        elif part == "]":
            within = False
        out.append(part)
    return re.sub(r"(?<!\\)\$$", r"\\Z", "".join(out))


class _Maker:
    """Makes one text from a tree. Later attempts are freer in what they choose."""

    def __init__(self, dice: Dice, attempt: int, least: int, most: int | None) -> None:
        self._dice = dice
        self._most = most
        self._attempt = attempt
        self._extra = max(least, 3) if attempt % 3 == 0 else dice.between(0, max(least, MORE_THAN_LEAST))
        if most is not None:
            self._extra = min(self._extra, most >> (attempt // 3))
        self._groups: dict[int, str] = {}

    def text(self, tree: Tree) -> str:
        return "".join(MAKERS[operation](self, about) for operation, about in tree if operation in MAKERS)

    def literal(self, character: int) -> str:
        return chr(character)

    def not_literal(self, character: int) -> str:
        return self._dice.pick([one for one in PLAIN if ord(one) != character])

    def any(self, _: None) -> str:
        return self._dice.pick(READABLE if self._attempt < 2 else ANY)

    def one_of(self, members: Tree) -> str:
        negated = members and members[0][0] is code.NEGATE
        characters = "".join(map(_characters, members[1:] if negated else members))
        if negated:
            characters = "".join(one for one in WIDE if one not in characters)
            plain = [one for one in characters if one in READABLE]
            return self._dice.pick(plain or characters or "é")
        return self._dice.pick(characters or "x")

    def repeat(self, repeated: Tree) -> str:
        least, most, tree = repeated
        count = least + self._extra
        if most is not code.MAXREPEAT and most <= count:
            count = most if self._attempt % 2 else self._dice.between(least, most)
        if self._most is not None:
            count = max(least, min(count, self._most))
        return "".join(self.text(tree) for _ in range(min(count, 10_000)))

    def group(self, group: Tree) -> str:
        number, _, _, tree = group
        made = self.text(tree)
        if number is not None:
            self._groups[number] = made
        return made

    def atomic(self, tree: Tree) -> str:
        return self.text(tree)

    def branch(self, branches: Tree) -> str:
        return self.text(self._dice.pick(branches[1]) if self._attempt else branches[1][0])

    def reference(self, number: int) -> str:
        return self._groups.get(number, "")

    def category(self, name: Any) -> str:
        return self._dice.pick(CLASSES[name])


MAKERS: dict[Any, Callable[[_Maker, Any], str]] = {
    # What is not here, such as places and what has to stand ahead, is no text of its own.
    code.LITERAL: _Maker.literal,
    code.NOT_LITERAL: _Maker.not_literal,
    code.ANY: _Maker.any,
    code.IN: _Maker.one_of,
    code.MAX_REPEAT: _Maker.repeat,
    code.MIN_REPEAT: _Maker.repeat,
    code.POSSESSIVE_REPEAT: _Maker.repeat,
    code.SUBPATTERN: _Maker.group,
    code.ATOMIC_GROUP: _Maker.atomic,
    code.BRANCH: _Maker.branch,
    code.GROUPREF: _Maker.reference,
    code.CATEGORY: _Maker.category,
}


def _characters(member: Tree) -> str:
    """Return the characters of a member of a set; few of a wide range."""
    kind, about = member
    if kind is code.LITERAL:
        return chr(about)
    if kind is code.RANGE:
        low, high = about
        visible = range(max(low, 0x20), min(high, 0x7E) + 1)
        return "".join(map(chr, visible or range(low, min(high, low + 64) + 1)))
    return CLASSES[about] if kind is code.CATEGORY else ""
