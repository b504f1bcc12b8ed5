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

NAMES: tuple[tuple[str, str, str, Aspect], ...] = (
    # what differs, a key, another one; {} is the tag; an address gets @example.com behind it
    ("a suffix", "ann.{}", "ann.{}x", ""),
    ("a prefix", "ann.{}", "xann.{}", ""),
    ("a plus tag", "ann.{}", "ann.{}+news", ""),
    ("the text of a plus tag", "bo+a.{}", "bo+b.{}", ""),
    ("a missing dot", "ann.{}", "ann{}", ""),
    ("an extra dot", "ann.{}", "a.nn.{}", ""),
    ("an SQL wildcard for one character", "carl.{}", "c_rl.{}", ""),
    ("an underscore for a hyphen", "di-na.{}", "di_na.{}", ""),
    ("a dot for a letter", "edxa.{}", "ed.a.{}", ""),
    ("an apostrophe", "obrien.{}", "o'brien.{}", ""),
    ("an extra zero", "user1.{}", "user01.{}", ""),
    ("look-alike characters", "bi1l.{}", "bill.{}", ""),
    ("an SQL wildcard for any text", "kim.{}", "k%.{}", "syntax"),
    ("a * wildcard", "lea.{}", "l*.{}", "syntax"),
    ("a plus sign for a space", "ned a.{}", "ned+a.{}", "syntax"),
    ("an HTML entity", "o&p.{}", "o&amp;p.{}", "syntax"),
    ("a backslash", "qr.{}", "q\\r.{}", "syntax"),
    ("a quote", "st.{}", 's"t.{}', "syntax"),
    ("percent encoding", "m@x.{}", "m%40x.{}", "syntax"),
    ("an accent", "rene.{}", "rené.{}", "syntax"),
    ("Unicode normalization", "zoé.{}", "zoe\u0301.{}", "syntax"),
    ("a Cyrillic letter", "pasha.{}", "p\u0430sha.{}", "syntax"),
    ("the emoji", "\U0001f600.{}", "\U0001f680.{}", "syntax"),
    ("a Chinese character", "\u5f20.{}", "\u738b.{}", "syntax"),
    ("an inner space", "ann.{}", "an n.{}", "syntax"),
    ("a doubled space", "an n.{}", "an  n.{}", "syntax"),
    ("a comma for a dot", "z.{}", "z,{}", "syntax"),
    ("HTML markup", "ann.{}", "<b>ann.{}</b>", "syntax"),
    ("what follows 64 characters", "{}" + "a" * 64 + "x", "{}" + "a" * 64 + "y", "syntax"),
    ("what follows 200 characters", "{}" + "b" * 190 + "x", "{}" + "b" * 190 + "y", "syntax"),
    ("what follows 255 characters", "t.{}." + "l" * 240 + "x", "t.{}." + "l" * 240 + "y", "syntax"),
    ("what follows 1000 characters", "u.{}." + "m" * 1000 + "x", "u.{}." + "m" * 1000 + "y", "syntax"),
    ("percent encoding and case", "mAx.{}", "m%41x.{}", "case"),
    ("a sharp s", "strasse.{}", "straße.{}", "case"),
    ("a long s", "sam.{}", "ſam.{}", "case"),
    ("a dotless i", "idil.{}", "ıdil.{}", "case"),
    ("the Kelvin sign", "kelvin.{}", "\u212aelvin.{}", "case"),
    ("a full-width letter", "wide.{}", "ｗide.{}", "case"),
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
    ("a display name", "w.{}@example.com", "W <w.{}@example.com>", "syntax"),
    ("Punycode", "x.{}@b\u00fccher.example.com", "x.{}@xn--bcher-kva.example.com", "syntax"),
    ("a trailing slash", "y.{}@example.com", "y.{}@example.com/", "syntax"),
    ("the top-level domain", "aa.{}@example.com", "aa.{}@example.localhost", "syntax"),
    ("a trailing dot", "ann.{}@example.com", "ann.{}@example.com.", "syntax"),
    ("a missing domain", "ann.{}@example.com", "ann.{}", "syntax"),
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
    ("a leading zero", f"9{DIGITS}", f"09{DIGITS}", "syntax"),
    ("a zero fraction", f"8{DIGITS}", f"8{DIGITS}.0", "syntax"),
)


@dataclass(frozen=True, slots=True)
class KeyVariant:
    """A key that is near another one, yet another one. `rests_on` says what has to be settled for it to be judged."""

    about: str
    base: Tagged
    other: Tagged
    rests_on: Aspect

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
