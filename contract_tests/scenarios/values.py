"""Values that careless code damages.

What databases, decoders, templates, serialisers and well-meant clean-up do to text is known; each value below is changed,
cut off or refused by some of them.
"""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_ORDINARY = 255
"""How many characters any deployment has to take where the documents give no limit."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text, and what it is. `may_refuse` says why a deployment may refuse it although no document does."""

    about: str
    value: str
    may_refuse: str = ""


WITHIN = {
    "repeated spaces": "two  spaces,   three",
    "a tab": "tab\there",
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
    "accents": "Zoë Łukasz Ñandú Åse",
    "composed and decomposed accents": "Zo\u00eb Zoe\u0308",
    "emoji": "smile \U0001f600 family \U0001f469\u200d\U0001f469\u200d\U0001f467",
    "Chinese and Japanese": "山田太郎 王小明",
    "right to left": "שלום مرحبا",
    "zero-width characters": "a\u200bb\u200cc\u200dd\u2060e",
    "no-break space": "no\u00a0break\u00a0",
    "compatibility characters": "ﬁne ＡＢＣ ① ½ ™",
    "special case mappings": "İstanbul ıi ſtraße ẞ Ǆ",
    "typographic quotes": "“double” ‘single’ – — …",
    "line separators": "one\u2028two\u2029three",
    "mathematical letters": "\U0001d49c\U0001d4d0 \U00020000",
    "a comma and a semicolon": "Doe, Jane; CEO",
    "stars and underscores": "**bold** _it_ `code`",
    "doubled percent signs": "100%% of %%d",
    "a price": "$1 \\1 \\N",
    "signs of comparison": "a < b > c & d",
    "comments": "a -- b /* c */ // d",
    "a soft hyphen": "soft\u00adhyphen",
    "a change of direction": "abc\u202edef",
    "flags and skin tones": "\U0001f1e9\U0001f1ea \U0001f44d\U0001f3fd \u2764\ufe0f",
    "Vietnamese": "Nguyễn Thị",
    "Korean and Thai": "한국어 ภาษาไทย",
    "Greek and Cyrillic": "Ωμέγα Привет ς",
    "a shrug": "¯\\_(ツ)_/¯",
    "an abbreviation": "R&D, EMEA (VP) / Co-Founder",
    "a name with parts": "d'Arcy-O’Neill y García III",
    "a code of letters": "1-800-FLOWERS",
    "inner dots": "a..b... c",
    "capitals within": "iOS eBay LaTeX",
    "words that are commands": "SELECT DELETE admin test",
    "marks of direction": "a\u200eb\u200fc\u061cd",
    "titles": "Dr. Prof. Mr. Jane Doe, PhD, Esq.",
    "an abbreviated job title": "VP of Sales",
    "a manager of accounts": "Sr. Acct Mgr & Asst.",
    "a name with a comma": "Doe, Jane",
    "a ligature and a diphthong": "Œuvre æther",
    "dots and no space": "J.R.R.Tolkien",
}
"""Texts that every deployment has to take, by what they are; what damages them does so within other text as well."""

ALONE = {
    "surrounding space": "  padded  ",
    "one space": " ",
    "an empty text": "",
    "a trailing line break": "line\n",
    "a formula": "=1+1",
    "a leading at sign": "@home",
    "a leading dash": "-dash",
    "a byte order mark": "\ufeffmark",
    "a number with zeros": "007",
    "a number": "12345678901234567890",
    "a decimal": "1.0",
    "a decimal with a zero at its end": "12.50",
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
    "JSON": '{"b":1, "a": [1.0, "two"]}',
    "an address": "https://example.com/a?b=1&c=d e#f",
    "an email address": "Mixed.Case+tag@Example.COM",
    "trailing punctuation": "Jr., ",
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
    "a star": "*",
    "a backslash at the end": "end\\",
    "one quote": '"',
    "a hash": "#1 C# C++ .NET",
    "nothing but an emoji": "\U0001f680",
    "a tab alone": "\t",
    "a line break alone": "\n",
    "a no-break space alone": "\u00a0",
    "leading space": " leading",
    "trailing space": "trailing ",
    "a leading line break": "\nline",
    "a path": "../../etc/passwd",
    "an object in words": "[object Object]",
    "a list in words": "[]",
    "an empty object in words": "{}",
    "one letter": "x",
    "one digit": "7",
    "a final dot": "Jr.",
    "an ordinary name": "Jane",
    "60 characters": "abcdefghij" * 6,
    "130 characters": "klmnopqrst" * 13,
    "130 characters of more than a byte": "äöüßéèñçøå" * 13,
    "255 characters": ("uvwxyzabcd" * 26)[:LONGEST_ORDINARY],
    "255 characters of more than a byte": ("äöüßéèñçøå" * 26)[:LONGEST_ORDINARY],
}
"""The others: what damages them looks at the whole of a text, at its beginning or at its end."""

ORDINARY = {**WITHIN, **ALONE}

WIDEST = 120
"""How many characters of such texts are put together at most: many fields have room for no more."""


def texts(room: float) -> tuple[list[Text], list[Text]]:
    """Return texts that have to come back as they were sent, for a field with room for so many characters.

    The first ones are put together of several that stand within other text, as far as there is room; the others stand alone.
    """
    packed: list[Text] = []
    for about, value in WITHIN.items():
        if packed and len(packed[-1].value) + 1 + len(value) <= min(room, WIDEST):
            packed[-1] = Text(f"{packed[-1].about}, {about}", f"{packed[-1].value} {value}")
        else:
            packed.append(Text(about, value))
    alone = [Text(about, value) for about, value in ALONE.items()]
    for length in (300, 1100, 5000):
        alone.append(Text(f"{length} characters", ("0123456789" * (length // 10 + 1))[:length], "very long texts"))
    alone.append(Text("control characters", "bell\a escape\x1b[31m delete\x7f next\u0085line", "control characters"))
    return packed, alone
