"""Keys that careless code takes for others: pairs of different keys that some code, somewhere, finds to be one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from contract_tests.moves import DIGITS, TAG, Tagged
from contract_tests.values import LONGEST_ORDINARY

Aspect: TypeAlias = Literal["", "syntax", "case", "space"]
"""What has to be settled for a pair to be judged: nothing; that any text may be a key; that case, or space, counts as well."""

LABELS = f"{'d' * 60}.{'e' * 60}.{'f' * 50}"

NAMES: tuple[tuple[str, str, str, Aspect], ...] = (
    # what differs, a key, another one; {} is the tag; an address gets @example.com behind it
    ("something behind it", "ann.{}", "ann.{}x", ""),
    ("something before it", "ann.{}", "xann.{}", ""),
    ("a tag behind a plus sign", "ann.{}", "ann.{}+news", ""),
    ("another tag behind the plus sign", "bo+a.{}", "bo+b.{}", ""),
    ("one dot less", "ann.{}", "ann{}", ""),
    ("one dot more", "ann.{}", "a.nn.{}", ""),
    ("a wildcard for one character", "carl.{}", "c_rl.{}", ""),
    ("another character for a hyphen", "di-na.{}", "di_na.{}", ""),
    ("a letter where a dot stands", "edxa.{}", "ed.a.{}", ""),
    ("an apostrophe", "obrien.{}", "o'brien.{}", ""),
    ("one digit more", "user1.{}", "user01.{}", ""),
    ("letters that look alike", "bi1l.{}", "bill.{}", ""),
    ("a wildcard for all", "kim.{}", "k%.{}", "syntax"),
    ("a star for all", "lea.{}", "l*.{}", "syntax"),
    ("a plus sign for a space", "ned a.{}", "ned+a.{}", "syntax"),
    ("entities", "o&p.{}", "o&amp;p.{}", "syntax"),
    ("a backslash", "qr.{}", "q\\r.{}", "syntax"),
    ("a quote", "st.{}", 's"t.{}', "syntax"),
    ("percent encoding", "m@x.{}", "m%40x.{}", "syntax"),
    ("an accent", "rene.{}", "rené.{}", "syntax"),
    ("composed or not", "zoé.{}", "zoe\u0301.{}", "syntax"),
    ("a Cyrillic letter", "pasha.{}", "p\u0430sha.{}", "syntax"),
    ("another emoji", "\U0001f600.{}", "\U0001f680.{}", "syntax"),
    ("another character of no Latin", "\u5f20.{}", "\u738b.{}", "syntax"),
    ("a space within it", "ann.{}", "an n.{}", "syntax"),
    ("two spaces for one", "an n.{}", "an  n.{}", "syntax"),
    ("a comma for a dot", "z.{}", "z,{}", "syntax"),
    ("markup", "ann.{}", "<b>ann.{}</b>", "syntax"),
    ("a different end after 64 characters", "{}" + "a" * 64 + "x", "{}" + "a" * 64 + "y", "syntax"),
    ("a different end after 200 characters", "{}" + "b" * 190 + "x", "{}" + "b" * 190 + "y", "syntax"),
    ("a different end after 255 characters", "t.{}." + "l" * 240 + "x", "t.{}." + "l" * 240 + "y", "syntax"),
    ("a different end after 1000 characters", "u.{}." + "m" * 1000 + "x", "u.{}." + "m" * 1000 + "y", "syntax"),
    ("percent encoding in another case", "mAx.{}", "m%41x.{}", "case"),
    ("sharp s", "strasse.{}", "straße.{}", "case"),
    ("long s", "sam.{}", "ſam.{}", "case"),
    ("a dotless i", "idil.{}", "ıdil.{}", "case"),
    ("the sign for Kelvin", "kelvin.{}", "\u212aelvin.{}", "case"),
    ("wide letters", "wide.{}", "ｗide.{}", "case"),
    ("a zero-width character", "ann.{}", "ann\u200b.{}", "space"),
)

ADDRESSES: tuple[tuple[str, str, str, Aspect], ...] = (
    ("another domain", "ann.{}@example.com", "ann.{}@example.org", ""),
    ("a domain within the domain", "ann.{}@example.com", "ann.{}@mail.example.com", ""),
    ("something behind the domain", "ann.{}@example.com", "ann.{}@example.com.example.org", ""),
    ("another end of 200 characters", f"f.{{}}@{LABELS}.example.com", f"f.{{}}@{LABELS}.example.org", ""),
    ("another end of 100 characters", f"g.{{}}@{LABELS[:91]}.example.com", f"g.{{}}@{LABELS[:91]}.example.org", ""),
    ("another end of 50 characters", f"h.{{}}@{LABELS[:40]}.example.com", f"h.{{}}@{LABELS[:40]}.example.org", ""),
    ("another beginning", f"i.{{}}@{LABELS[:60]}.example.com", f"j.{{}}@{LABELS[:60]}.example.com", ""),
    ("mailto", "v.{}@example.com", "mailto:v.{}@example.com", "syntax"),
    ("a name before it", "w.{}@example.com", "W <w.{}@example.com>", "syntax"),
    ("Punycode", "x.{}@b\u00fccher.example.com", "x.{}@xn--bcher-kva.example.com", "syntax"),
    ("a trailing slash", "y.{}@example.com", "y.{}@example.com/", "syntax"),
    ("a long last label", "aa.{}@example.com", "aa.{}@example.localhost", "syntax"),
    ("a dot behind the domain", "ann.{}@example.com", "ann.{}@example.com.", "syntax"),
    ("a text without a domain", "ann.{}@example.com", "ann.{}", "syntax"),
    ("a no-break space behind it", "ann.{}@example.com", "ann.{}@example.com\u00a0", "space"),
    ("a line break behind it", "ann.{}@example.com", "ann.{}@example.com\n", "space"),
    ("nothing but capitals", f"ann.{DIGITS}@example.com", f"ANN.{DIGITS}@EXAMPLE.COM", "case"),  # a tag has small letters
)

TEXTS: tuple[tuple[str, str, str, Aspect], ...] = (
    ("a no-break space behind it", "ann.{}", "ann.{}\u00a0", "space"),
    ("a line break behind it", "ann.{}", "ann.{}\n", "space"),
    ("a slash behind it", "ann.{}", "ann.{}/", "syntax"),
    ("nothing but capitals", f"ann.{DIGITS}", f"ANN.{DIGITS}", "case"),
)

NUMBERS: tuple[tuple[str, str, str, Aspect], ...] = (
    ("a number written with an exponent", f"7{DIGITS}000", f"7{DIGITS}e3", "syntax"),
    ("a number with a zero before it", f"9{DIGITS}", f"09{DIGITS}", "syntax"),
    ("a number with a fraction", f"8{DIGITS}", f"8{DIGITS}.0", "syntax"),
)


@dataclass(frozen=True, slots=True)
class Near:
    """A key that is near another one, yet another one. `rests_on` says what has to be settled for it to be judged."""

    about: str
    base: Tagged
    other: Tagged
    rests_on: Aspect

    @property
    def may_refuse(self) -> str:
        """Why a deployment may refuse such keys although no document does."""
        return "very long keys" if len(self.base.text) > LONGEST_ORDINARY - 20 else ""  # the tag is longer than its name


def near_keys(*, is_address: bool) -> Iterator[Near]:
    """Yield pairs of keys that are different."""
    domain = "@example.com" if is_address else ""
    pairs = [(about, base + domain, other + domain, aspect) for about, base, other, aspect in NAMES]
    for about, base, other, aspect in (*pairs, *(ADDRESSES if is_address else TEXTS), *NUMBERS):
        yield Near(about, Tagged(base.replace("{}", TAG)), Tagged(other.replace("{}", TAG)), aspect)
