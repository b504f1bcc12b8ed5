"""Keys that careless code takes for others: pairs of different keys that some code, somewhere, finds to be one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from contract_tests.scenarios.templates import DIGITS, TAG, Tagged
from contract_tests.scenarios.values import LONGEST_ORDINARY

Aspect: TypeAlias = Literal["", "syntax", "case", "space"]
"""What has to be settled for a pair to be judged: nothing; that any text may be a key; that case, or space, counts as well."""

LABELS = f"{'d' * 60}.{'e' * 60}.{'f' * 50}"

PLAIN, ANY, CASED = "ann-b1.{}", "m@x o&p re.{}", "strasse.idil.kelvin.sam.wide.mAx.{}"
"""Keys that many others are near to: those of one base are all tried beside each other. `{}` is the tag."""

NAMES: tuple[tuple[str, str, str, Aspect], ...] = (
    # what differs, a key, another one; an address gets @example.com behind it
    ("a suffix", PLAIN, "ann-b1.{}x", ""),
    ("a prefix", PLAIN, "xann-b1.{}", ""),
    ("a plus tag", PLAIN, "ann-b1.{}+news", ""),
    ("the text of a plus tag", PLAIN, "ann-b1.{}+more", ""),
    ("a missing dot", PLAIN, "ann-b1{}", ""),
    ("an extra dot", PLAIN, "a.nn-b1.{}", ""),
    ("an SQL wildcard for one character", PLAIN, "a_n-b1.{}", ""),
    ("an underscore for a hyphen", PLAIN, "ann_b1.{}", ""),
    ("a dot for a letter", PLAIN, "an.-b1.{}", ""),
    ("an apostrophe", PLAIN, "ann'-b1.{}", ""),
    ("an extra zero", PLAIN, "ann-b01.{}", ""),
    ("look-alike characters", PLAIN, "ann-bl.{}", ""),
    ("an SQL wildcard for any text", ANY, "m@%p re.{}", "syntax"),
    ("a * wildcard", ANY, "m@*p re.{}", "syntax"),
    ("a plus sign for a space", ANY, "m@x+o&p re.{}", "syntax"),
    ("an HTML entity", ANY, "m@x o&amp;p re.{}", "syntax"),
    ("a backslash", ANY, "m@x\\ o&p re.{}", "syntax"),
    ("a quote", ANY, 'm@x" o&p re.{}', "syntax"),
    ("percent encoding", ANY, "m%40x o&p re.{}", "syntax"),
    ("an accent", ANY, "m@x o&p r\u00e9.{}", "syntax"),
    ("an accent in two characters", ANY, "m@x o&p re\u0301.{}", "syntax"),
    ("a Cyrillic letter", ANY, "m@\u0445 o&p re.{}", "syntax"),
    ("an emoji", ANY, "\U0001f600m@x o&p re.{}", "syntax"),
    ("another emoji", ANY, "\U0001f680m@x o&p re.{}", "syntax"),
    ("a Chinese character", ANY, "\u5f20m@x o&p re.{}", "syntax"),
    ("another Chinese character", ANY, "\u738bm@x o&p re.{}", "syntax"),
    ("an inner space", ANY, "m@x o&p r e.{}", "syntax"),
    ("a doubled space", ANY, "m@x  o&p re.{}", "syntax"),
    ("a comma for a dot", ANY, "m@x o&p re,{}", "syntax"),
    ("HTML markup", ANY, "<b>m@x o&p re.{}</b>", "syntax"),
    ("what follows 64 characters", "{}" + "a" * 64 + "x", "{}" + "a" * 64 + "y", "syntax"),
    ("what follows 200 characters", "{}" + "b" * 190 + "x", "{}" + "b" * 190 + "y", "syntax"),
    ("what follows 255 characters", "t.{}." + "l" * 240 + "x", "t.{}." + "l" * 240 + "y", "syntax"),
    ("what follows 1000 characters", "u.{}." + "m" * 1000 + "x", "u.{}." + "m" * 1000 + "y", "syntax"),
    ("percent encoding and case", CASED, "strasse.idil.kelvin.sam.wide.m%41x.{}", "case"),
    ("a sharp s", CASED, "stra\u00dfe.idil.kelvin.sam.wide.mAx.{}", "case"),
    ("a long s", CASED, "strasse.idil.kelvin.\u017fam.wide.mAx.{}", "case"),
    ("a dotless i", CASED, "strasse.\u0131dil.kelvin.sam.wide.mAx.{}", "case"),
    ("the Kelvin sign", CASED, "strasse.idil.\u212aelvin.sam.wide.mAx.{}", "case"),
    ("a full-width letter", CASED, "strasse.idil.kelvin.sam.\uff57ide.mAx.{}", "case"),
    ("a zero-width character", "ann.{}", "ann\u200b.{}", "space"),
)

ADDRESSES: tuple[tuple[str, str, str, Aspect], ...] = (
    ("the domain", "ann.{}@example.com", "ann.{}@example.org", ""),
    ("a subdomain", "ann.{}@example.com", "ann.{}@mail.example.com", ""),
    ("a longer domain", "ann.{}@example.com", "ann.{}@example.com.example.org", ""),
    ("what follows 200 characters", f"f.{{}}@{LABELS}.example.com", f"f.{{}}@{LABELS}.example.org", ""),
    ("what follows 100 characters", f"g.{{}}@{LABELS[:91]}.example.com", f"g.{{}}@{LABELS[:91]}.example.org", ""),
    ("what follows 50 characters", f"h.{{}}@{LABELS[:40]}.example.com", f"h.{{}}@{LABELS[:40]}.example.org", ""),
    ("the first letter", f"i.{{}}@{LABELS[:60]}.example.com", f"j.{{}}@{LABELS[:60]}.example.com", ""),
    ("a mailto: prefix", "v.{}@example.com", "mailto:v.{}@example.com", "syntax"),
    ("a display name", "v.{}@example.com", "W <v.{}@example.com>", "syntax"),
    ("a trailing slash", "v.{}@example.com", "v.{}@example.com/", "syntax"),
    ("the top-level domain", "v.{}@example.com", "v.{}@example.localhost", "syntax"),
    ("a trailing dot", "v.{}@example.com", "v.{}@example.com.", "syntax"),
    ("a missing domain", "v.{}@example.com", "v.{}", "syntax"),
    ("Punycode", "x.{}@b\u00fccher.example.com", "x.{}@xn--bcher-kva.example.com", "syntax"),
    ("a trailing no-break space", "ann.{}@example.com", "ann.{}@example.com\u00a0", "space"),
    ("a trailing line break", "ann.{}@example.com", "ann.{}@example.com\n", "space"),
    ("capitals", f"ann.{DIGITS}@example.com", f"ANN.{DIGITS}@EXAMPLE.COM", "case"),  # a tag has small letters
)

TEXTS: tuple[tuple[str, str, str, Aspect], ...] = (
    ("a trailing no-break space", "ann.{}", "ann.{}\u00a0", "space"),
    ("a trailing line break", "ann.{}", "ann.{}\n", "space"),
    ("a trailing slash", "ann.{}", "ann.{}/", "syntax"),
    ("capitals", f"ann.{DIGITS}", f"ANN.{DIGITS}", "case"),
)

NUMBERS: tuple[tuple[str, str, str, Aspect], ...] = (
    ("exponent notation", f"7{DIGITS}000", f"7{DIGITS}e3", "syntax"),
    ("a leading zero", f"7{DIGITS}000", f"07{DIGITS}000", "syntax"),
    ("a zero fraction", f"7{DIGITS}000", f"7{DIGITS}000.0", "syntax"),
)


@dataclass(frozen=True, slots=True)
class KeyVariant:
    """A key that is near another one, yet another one. `rests_on` says what has to be settled for it to be judged."""

    about: str
    base: Tagged
    other: Tagged
    rests_on: Aspect

    @property
    def contains_base(self) -> bool:
        """Whether code that looks for a part of a text takes the other key for the one."""
        return self.base.text in self.other.text

    @property
    def may_refuse(self) -> str:
        """Why a deployment may refuse such keys although no document does."""
        return "very long keys" if len(self.base.text) > LONGEST_ORDINARY - 20 else ""  # the tag is longer than its name


def key_variants(*, is_address: bool) -> Iterator[KeyVariant]:
    """Yield pairs of keys that are different."""
    domain = "@example.com" if is_address else ""
    pairs = [(about, base + domain, other + domain, aspect) for about, base, other, aspect in NAMES]
    for about, base, other, aspect in (*pairs, *(ADDRESSES if is_address else TEXTS), *NUMBERS):
        yield KeyVariant(about, Tagged(base.replace("{}", TAG)), Tagged(other.replace("{}", TAG)), aspect)
