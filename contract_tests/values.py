"""Values that careless code damages, and keys that careless code takes for others.

What databases, decoders, templates, serialisers and well-meant clean-up do to text is known; each value below is changed,
cut off or refused by some of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from contract_tests.moves import DIGITS, TAG, Tagged

LONGEST_ORDINARY = 255
"""How many characters any deployment has to take where the documents give no limit."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text, and what it is. `may_refuse` says why a deployment may refuse it although no document does."""

    about: str
    value: str
    may_refuse: str = ""


def texts() -> list[Text]:
    """Return texts that have to come back as they were sent."""
    ordinary = {
        "surrounding space": "  padded  ",
        "one space": " ",
        "an empty text": "",
        "repeated spaces": "two  spaces,   three",
        "a tab": "tab\there",
        "a trailing line break": "line\n",
        "line breaks": "one\ntwo\r\nthree",
        "markup": '<b>Tom & "Jerry"</b>',
        "a script element": "<script>alert(1)</script>",
        "entities": "Smith &amp; Sons &lt;3 &#39;",
        "an apostrophe": "O'Brien",
        "doubled quotes": "say \"\"hello\"\" and ''bye''",
        "backslashes": "C:\\new\\table \\u0041 \\",
        "SQL": "Robert'); DROP TABLE contacts;--",
        "wildcards": "100%_of_%",
        "percent encoding": "a%20b%41%2B+c",
        "plus signs": "a+b + c",
        "template expressions": "{{7*7}} ${7*7} #{7*7} <%= 7 %> {0} %s %(name)s",
        "a formula": "=1+1",
        "a leading at sign": "@home",
        "a leading dash": "-dash",
        "accents": "Zoë Łukasz Ñandú Åse",
        "composed and decomposed accents": "Zo\u00eb Zoe\u0308",
        "emoji": "smile \U0001f600 family \U0001f469\u200d\U0001f469\u200d\U0001f467",
        "Chinese and Japanese": "山田太郎 王小明",
        "right to left": "שלום مرحبا",
        "zero-width characters": "a\u200bb\u200cc\u200dd\u2060e",
        "a byte order mark": "\ufeffmark",
        "no-break space": "no\u00a0break\u00a0",
        "compatibility characters": "ﬁne ＡＢＣ ① ½ ™",
        "special case mappings": "İstanbul ıi ſtraße ẞ Ǆ",
        "typographic quotes": "“double” ‘single’ – — …",
        "line separators": "one\u2028two\u2029three\u0085four",
        "mathematical letters": "\U0001d49c\U0001d4d0 \U00020000",
        "a number with zeros": "007",
        "a number": "12345678901234567890",
        "a decimal": "1.0",
        "an exponent": "1e5",
        "zero": "0",
        "minus zero": "-0",
        "hexadecimal": "0x1F",
        "true": "true",
        "false": "False",
        "null": "null",
        "None": "None",
        "NULL": "NULL",
        "undefined": "undefined",
        "NaN": "NaN",
        "not available": "N/A",
        "a dash": "-",
        "a date": "2026-01-15",
        "a time": "2026-01-15T09:30:00+02:00",
        "lower case": "van der berg",
        "upper case": "ALL CAPITALS",
        "mixed case": "mcDONALD iPhone",
        "a phone number": "+44 (0)20 7946-0001 ext. 5",
        "a phone number with zeros": "0044 20/7946.0002",
        "JSON": '{"a": [1, "two"]}',
        "an address": "https://example.com/a?b=1&c=d e#f",
        "an email address": "Mixed.Case+tag@Example.COM",
        "trailing punctuation": "Jr., ",
        "a comma and a semicolon": "Doe, Jane; CEO",
        "stars and underscores": "**bold** _it_ `code`",
        "doubled percent signs": "100%% of %%d",
        "quotes around": '"quoted"',
        "single quotes around": "'quoted'",
        "half a date": "1/2",
        "a date with dots": "01.02.2026",
        "a time of day": "12:30",
        "yes": "yes",
        "no": "no",
        "on": "on",
        "off": "Off",
        "y": "y",
        "a thousand": "1,234.56",
        "a grouped number": "1_000",
        "a number with a plus sign": "+15550100",
        "a percentage": "5%",
        "a price": "$1 \\1 \\N",
        "a star": "*",
        "a backslash at the end": "end\\",
        "one quote": '"',
        "signs of comparison": "a < b > c & d",
        "a hash": "#1 C# C++ .NET",
        "comments": "a -- b /* c */ // d",
        "a soft hyphen": "soft\u00adhyphen",
        "a change of direction": "abc\u202edef",
        "flags and skin tones": "\U0001f1e9\U0001f1ea \U0001f44d\U0001f3fd \u2764\ufe0f",
        "nothing but an emoji": "\U0001f680",
        "a tab alone": "\t",
        "a line break alone": "\n",
        "a no-break space alone": "\u00a0",
        "leading space": " leading",
        "trailing space": "trailing ",
        "a leading line break": "\nline",
        "Vietnamese": "Nguyễn Thị",
        "Korean and Thai": "한국어 ภาษาไทย",
        "Greek and Cyrillic": "Ωμέγα Привет ς",
        "a shrug": "¯\\_(ツ)_/¯",
        "an abbreviation": "R&D, EMEA (VP) / Co-Founder",
        "a name with parts": "d'Arcy-O’Neill y García III",
        "a path": "../../etc/passwd",
        "an object in words": "[object Object]",
        "a list in words": "[]",
        "an empty object in words": "{}",
        "a code of letters": "1-800-FLOWERS",
        "inner dots": "a..b... c",
        "capitals within": "iOS eBay LaTeX",
        "one letter": "x",
        "one digit": "7",
        "words that are commands": "SELECT DELETE admin test",
        "a final dot": "Jr.",
        "marks of direction": "a\u200eb\u200fc\u061cd",
        "titles": "Dr. Prof. Mr. Jane Doe, PhD, Esq.",
        "an abbreviated job title": "VP of Sales",
        "a manager of accounts": "Sr. Acct Mgr & Asst.",
        "a name with a comma": "Doe, Jane",
        "a ligature and a diphthong": "Œuvre æther",
        "dots and no space": "J.R.R.Tolkien",
        "an ordinary name": "Jane",
        "60 characters": "abcdefghij" * 6,
        "130 characters": "klmnopqrst" * 13,
        "255 characters": ("uvwxyzabcd" * 26)[:LONGEST_ORDINARY],
        "255 characters of more than a byte": ("äöüßéèñçøå" * 26)[:LONGEST_ORDINARY],
    }
    found = [Text(about, value) for about, value in ordinary.items()]
    found += [
        Text(f"{length} characters", ("0123456789" * (length // 10 + 1))[:length], "very long texts")
        for length in (300, 1100, 5000)
    ]
    found.append(Text("control characters", "bell\a escape\x1b[31m delete\x7f", "control characters"))
    return found


@dataclass(frozen=True, slots=True)
class Near:
    """A key that is near another one, yet another one. `rests_on` says what has to be settled for it to be judged."""

    about: str
    base: Tagged
    other: Tagged
    rests_on: Literal["", "plain"] = ""

    @property
    def may_refuse(self) -> str:
        """Why a deployment may refuse such keys although no document does."""
        return "very long keys" if len(self.base.text) > LONGEST_ORDINARY - 20 else ""  # the tag is longer than its name


def near_keys(number: int, *, is_address: bool, name: str) -> Iterator[Near]:
    """Yield pairs of keys that are different, whichever way case and surrounding space are taken.

    Those that rest on `plain` are for targets that take any text for a key, and take it as it is.
    """
    if is_address:
        yield from _near_addresses(number)
        return

    def key(text: str) -> Tagged:
        return Tagged(text.replace("{}", f"{TAG}-{number}"))

    plain = key(f"{name}-{{}}")
    yield Near("something behind it", plain, key(f"{name}-{{}}x"))
    yield Near("something before it", plain, key(f"x{name}-{{}}"))
    yield Near("a wildcard for one character", key(f"{name}-a-{{}}"), key(f"{name}-_-{{}}"))
    yield Near("a wildcard for all", key(f"{name}-b-{{}}"), key(f"{name}-%-{{}}"))
    yield Near("a dot that stands for any character", key(f"{name}-cxd-{{}}"), key(f"{name}-c.d-{{}}"))
    yield Near("another character for a hyphen", plain, key(f"{name}_{{}}"))
    yield Near("a space within it", plain, key(f"{name} -{{}}"))
    yield Near("an accent", key(f"{name}-e-{{}}"), key(f"{name}-é-{{}}"))
    yield Near("composed or not", key(f"{name}-é-{{}}"), key(f"{name}-e\u0301-{{}}"))
    yield Near("a different end after 64 characters", key(f"{{}}{'a' * 64}x"), key(f"{{}}{'a' * 64}y"))
    yield Near("a different end after 200 characters", key(f"{{}}{'b' * 200}x"), key(f"{{}}{'b' * 200}y"))
    yield Near("a zero-width character", plain, key(f"{name}-\u200b{{}}"), "plain")
    yield Near("long s", key(f"{name}-s-{{}}"), key(f"{name}-ſ-{{}}"), "plain")


def _near_addresses(number: int) -> Iterator[Near]:
    n = number

    def key(text: str) -> Tagged:
        return Tagged(text.replace("{}", TAG))

    plain = key(f"ann{n}.{{}}@example.com")
    yield Near("a tag behind a plus sign", plain, key(f"ann{n}.{{}}+news@example.com"))
    yield Near("another tag behind the plus sign", key(f"bo{n}+a.{{}}@example.com"), key(f"bo{n}+b.{{}}@example.com"))
    yield Near("one dot less", plain, key(f"ann{n}{{}}@example.com"))
    yield Near("one dot more", plain, key(f"a.nn{n}.{{}}@example.com"))
    yield Near("something behind the name", plain, key(f"ann{n}.{{}}x@example.com"))
    yield Near("something before the name", plain, key(f"xann{n}.{{}}@example.com"))
    yield Near("another domain", plain, key(f"ann{n}.{{}}@example.org"))
    yield Near("a domain within the domain", plain, key(f"ann{n}.{{}}@mail.example.com"))
    yield Near("something behind the domain", plain, key(f"ann{n}.{{}}@example.com.example.org"))
    yield Near("a wildcard for one character", key(f"carl{n}.{{}}@example.com"), key(f"c_rl{n}.{{}}@example.com"))
    yield Near("another character for a hyphen", key(f"di-na{n}.{{}}@example.com"), key(f"di_na{n}.{{}}@example.com"))
    yield Near("a letter where a dot stands", key(f"edxa{n}.{{}}@example.com"), key(f"ed.a{n}.{{}}@example.com"))
    yield Near("an apostrophe", key(f"obrien{n}.{{}}@example.com"), key(f"o'brien{n}.{{}}@example.com"))
    yield Near("one digit more", key(f"user1{n}.{{}}@example.com"), key(f"user01{n}.{{}}@example.com"))
    yield Near("letters that look alike", key(f"bi1l{n}.{{}}@example.com"), key(f"bill{n}.{{}}@example.com"))
    labels = f"{'d' * 60}.{'e' * 60}.{'f' * 50}"
    yield Near(
        "a different end after 200 characters", key(f"f{n}.{{}}@{labels}.example.com"), key(f"f{n}.{{}}@{labels}.example.org")
    )
    yield Near(
        "a different end after 100 characters",
        key(f"g{n}.{{}}@{'d' * 60}.{'e' * 30}.example.com"),
        key(f"g{n}.{{}}@{'d' * 60}.{'e' * 30}.example.org"),
    )
    yield Near(
        "a different end after 50 characters",
        key(f"h{n}.{{}}@{'d' * 40}.example.com"),
        key(f"h{n}.{{}}@{'d' * 40}.example.org"),
    )
    yield Near("a different beginning", key(f"i{n}.{{}}@{'d' * 60}.example.com"), key(f"j{n}.{{}}@{'d' * 60}.example.com"))
    rest: Literal["plain"] = "plain"
    yield Near("a wildcard for all", key(f"kim{n}.{{}}@example.com"), key(f"k%{n}.{{}}@example.com"), rest)
    yield Near("a plus sign for a space", key(f"ned{n} a.{{}}@example.com"), key(f"ned{n}+a.{{}}@example.com"), rest)
    yield Near("entities", key(f"o{n}&p.{{}}@example.com"), key(f"o{n}&amp;p.{{}}@example.com"), rest)
    yield Near("a backslash", key(f"q{n}r.{{}}@example.com"), key(f"q{n}\\r.{{}}@example.com"), rest)
    yield Near("a quote", key(f"s{n}t.{{}}@example.com"), key(f's{n}"t.{{}}@example.com'), rest)
    long = "l" * 240
    yield Near(
        "a different end after 255 characters",
        key(f"t{n}.{{}}.{long}x@example.com"),
        key(f"t{n}.{{}}.{long}y@example.com"),
        rest,
    )
    longer = "m" * 1000
    yield Near(
        "a different end after 1000 characters",
        key(f"u{n}.{{}}.{longer}x@example.com"),
        key(f"u{n}.{{}}.{longer}y@example.com"),
        rest,
    )
    yield Near("a number written with an exponent", Tagged(f"{DIGITS}{n}000"), Tagged(f"{DIGITS}{n}e3"), rest)
    yield Near("a number with a zero before it", Tagged(f"9{DIGITS}{n}"), Tagged(f"09{DIGITS}{n}"), rest)
    yield Near("a number with a fraction", Tagged(f"8{DIGITS}{n}"), Tagged(f"8{DIGITS}{n}.0"), rest)
    yield Near("another emoji", key(f"\U0001f600{n}.{{}}@example.com"), key(f"\U0001f680{n}.{{}}@example.com"), rest)
    yield Near("another character of no Latin", key(f"\u5f20{n}.{{}}@example.com"), key(f"\u738b{n}.{{}}@example.com"), rest)
    yield Near("mailto", key(f"v{n}.{{}}@example.com"), key(f"mailto:v{n}.{{}}@example.com"), rest)
    yield Near("a name before it", key(f"w{n}.{{}}@example.com"), key(f"W <w{n}.{{}}@example.com>"), rest)
    idn, ascii_idn = f"x{n}.{{}}@b\u00fccher.example.com", f"x{n}.{{}}@xn--bcher-kva.example.com"
    yield Near("Punycode", key(idn), key(ascii_idn), rest)
    yield Near("a trailing slash", key(f"y{n}.{{}}@example.com"), key(f"y{n}.{{}}@example.com/"), rest)
    yield Near("a comma for a dot", key(f"z{n}.{{}}@example.com"), key(f"z{n},{{}}@example.com"), rest)
    yield Near("a long last label", key(f"aa{n}.{{}}@example.com"), key(f"aa{n}.{{}}@example.localhost"), rest)
    yield Near("a star for all", key(f"lea{n}.{{}}@example.com"), key(f"l*{n}.{{}}@example.com"), rest)
    yield Near("percent encoding", key(f"mAx{n}.{{}}@example.com"), key(f"m%41x{n}.{{}}@example.com"), rest)
    yield Near("an accent", key(f"rene{n}.{{}}@example.com"), key(f"rené{n}.{{}}@example.com"), rest)
    yield Near("composed or not", key(f"zoé{n}.{{}}@example.com"), key(f"zoe\u0301{n}.{{}}@example.com"), rest)
    yield Near("sharp s", key(f"strasse{n}.{{}}@example.com"), key(f"straße{n}.{{}}@example.com"), rest)
    yield Near("a dotless i", key(f"idil{n}.{{}}@example.com"), key(f"ıdil{n}.{{}}@example.com"), rest)
    yield Near("the sign for Kelvin", key(f"kelvin{n}.{{}}@example.com"), key(f"\u212aelvin{n}.{{}}@example.com"), rest)
    yield Near("a Cyrillic letter", key(f"pasha{n}.{{}}@example.com"), key(f"p\u0430sha{n}.{{}}@example.com"), rest)
    yield Near("wide letters", key(f"wide{n}.{{}}@example.com"), key(f"ｗide{n}.{{}}@example.com"), rest)
    yield Near("a zero-width character", plain, key(f"ann{n}\u200b.{{}}@example.com"), rest)
    yield Near("a no-break space behind it", plain, key(f"ann{n}.{{}}@example.com\u00a0"), rest)
    yield Near("a line break behind it", plain, key(f"ann{n}.{{}}@example.com\n"), rest)
    yield Near("a space within it", plain, key(f"ann{n} .{{}}@example.com"), rest)
    yield Near("a dot behind the domain", plain, key(f"ann{n}.{{}}@example.com."), rest)
    yield Near("a text without a domain", plain, key(f"ann{n}.{{}}"), rest)
    yield Near("markup", plain, key(f"<b>ann{n}.{{}}</b>@example.com"), rest)
