"""Text that does not come back as it was sent: clean-up, encodings, templates, columns that are too short."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from contract_tests.mutants.facts import WrittenProperty, spread, written_properties
from contract_tests.mutants.families.alterations import sent
from contract_tests.mutants.hooks import Mutant
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract

FAMILY = "text"
ZERO_WIDTH = re.compile("[\u200b-\u200d\u2060\ufeff]")
LONG = 300


@dataclass(frozen=True, slots=True)
class Damage:
    """What careless code does to text. `witness` is a text that it damages."""

    name: str
    about: str
    change: Callable[[str], Json]
    witness: str


def _without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _cut_to_bytes(text: str) -> str:
    return text.encode()[:255].decode("utf-8", "ignore")


def _written_anew(text: str) -> str:
    if not text.startswith(("{", "[")):
        return text
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return text


def _as_number(text: str) -> str:
    return str(int(text)) if re.fullmatch(r"[0-9]{1,18}", text) else text


DAMAGES = (
    Damage("trimmed", "white space around text is cut off", str.strip, " a "),
    Damage("trimmed-at-the-end", "white space at the end of text is cut off", str.rstrip, "a "),
    Damage("spaces-collapsed", "several spaces in text become one", lambda text: re.sub(" {2,}", " ", text), "a  b"),
    Damage("composed", "text is brought to the Unicode form NFC", lambda text: unicodedata.normalize("NFC", text), "e\u0301"),
    Damage(
        "compatible", "text is brought to the Unicode form NFKC", lambda text: unicodedata.normalize("NFKC", text), "\ufb01"
    ),
    Damage("html-escaped", "text is escaped for HTML", lambda text: html.escape(text, quote=False), "a & b"),
    Damage("html-quotes-escaped", "quotes in text are escaped for HTML", lambda text: text.replace('"', "&quot;"), 'a "b"'),
    Damage("html-unescaped", "HTML entities in text are resolved", html.unescape, "a &amp; b"),
    Damage("tags-stripped", "HTML tags in text are removed", lambda text: re.sub("<[^<>]*>", "", text), "a <b>c</b>"),
    Damage("title-cased", "each word of text begins with a capital", str.title, "ada mc donald"),
    Damage("capitalized", "text begins with a capital", lambda text: text[:1].upper() + text[1:], "ada"),
    Damage("lower-cased", "text is put in lower case", str.lower, "Ada"),
    Damage("cut-at-50", "text is cut off after 50 characters", lambda text: text[:50], "a" * 60),
    Damage("cut-at-100", "text is cut off after 100 characters", lambda text: text[:100], "b" * 120),
    Damage("cut-at-255", "text is cut off after 255 characters", lambda text: text[:255], "c" * LONG),
    Damage("cut-at-255-bytes", "text is cut off after 255 bytes", _cut_to_bytes, "é" * 140),
    Damage(
        "emoji-lost",
        "characters beyond the basic plane are lost",
        lambda text: re.sub("[\U00010000-\U0010ffff]", "", text),
        "a 🚀",
    ),
    Damage(
        "not-latin-1",
        "characters beyond Latin-1 become ?",
        lambda text: text.encode("latin-1", "replace").decode("latin-1"),
        "Łódź 東京",
    ),
    Damage("mojibake", "UTF-8 is read as Latin-1", lambda text: text.encode().decode("latin-1"), "Zoë"),
    Damage("accents-lost", "accents are lost", _without_accents, "Zoë"),
    Damage("percent-decoded", "text is percent-decoded once more", unquote, "100%25 sure"),
    Damage("plus-as-space", "a plus sign becomes a space", lambda text: text.replace("+", " "), "+44 20"),
    Damage("backslash-lost", "backslashes are lost", lambda text: text.replace("\\", ""), "a\\b"),
    Damage("escapes-resolved", "a backslash before n becomes a line break", lambda text: text.replace("\\n", "\n"), "a\\nb"),
    Damage("line-ends-unified", "CR LF becomes LF", lambda text: text.replace("\r\n", "\n"), "a\r\nb"),
    Damage("line-breaks-lost", "a line break becomes a space", lambda text: text.replace("\n", " "), "a\nb"),
    Damage("tabs-lost", "a tab becomes a space", lambda text: text.replace("\t", " "), "a\tb"),
    Damage("zero-width-lost", "characters without width are lost", lambda text: ZERO_WIDTH.sub("", text), "a\u200bb"),
    Damage("hard-spaces-softened", "a no-break space becomes a space", lambda text: text.replace("\u00a0", " "), "a\u00a0b"),
    Damage("apostrophe-doubled", "apostrophes are doubled", lambda text: text.replace("'", "''"), "O'Hara"),
    Damage("apostrophe-escaped", "a backslash stands before apostrophes", lambda text: text.replace("'", "\\'"), "O'Hara"),
    Damage("apostrophe-curled", "apostrophes become typographic ones", lambda text: text.replace("'", "\u2019"), "O'Hara"),
    Damage("null-text-as-null", "the text null becomes null", lambda text: None if text.lower() == "null" else text, "null"),
    Damage("empty-as-null", "empty text becomes null", lambda text: text or None, ""),
    Damage("blank-as-null", "text of white space becomes null", lambda text: None if text and not text.strip() else text, "  "),
    Damage("zeros-lost", "text of digits loses its leading zeros", _as_number, "007"),
    Damage("plus-sign-lost", "a plus sign before digits is lost", lambda text: re.sub(r"^\+(?=\d)", "", text), "+44 20"),
    Damage(
        "formula-guarded", "an apostrophe is put before =, as for spreadsheets", lambda text: re.sub("^=", "'=", text), "=1+1"
    ),
    Damage(
        "template-filled",
        "braces in text are taken for a template",
        lambda text: re.sub(r"\{\{.*?\}\}|\$\{.*?\}", "", text),
        "a {{b}} ${c}",
    ),
    Damage("percent-format", "a percent sign is taken for a format", lambda text: text.replace("%s", ""), "a %s %d"),
    Damage("comment-cut", "text behind -- is cut off", lambda text: text.partition("--")[0], "a -- b"),
    Damage(
        "decimals-shortened",
        "a decimal loses the zeros at its end",
        lambda text: str(float(text)) if re.fullmatch(r"[0-9]{1,6}\.[0-9]{1,6}", text) else text,
        "12.50",
    ),
    Damage("json-written-anew", "text that is JSON is read and written anew", _written_anew, '{"b":1, "a": 2}'),
    Damage("true-as-truth", "the text true becomes the value true", lambda text: True if text == "true" else text, "true"),
)

NULLS: tuple[tuple[str, str, Json], ...] = (
    ("null-as-empty", "null becomes empty text", ""),
    ("null-as-text", "null becomes the text null", "null"),
    ("null-as-none", "null becomes the text None", "None"),
)

IN_KEYS = """
    composed html-escaped html-quotes-escaped mojibake accents-lost percent-decoded plus-as-space zero-width-lost
    apostrophe-doubled backslash-lost cut-at-100 not-latin-1
"""
"""What is done to keys as well: well-meant clean-up of keys is often an admissible choice, this never is."""


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of this family: each damage at one property of one operation, and at a key where it makes sense."""
    texts = [taken for taken in written_properties(contract) if taken.is_text]
    free = [taken for taken in texts if not taken.is_key]
    keys = [taken for taken in texts if taken.is_key]
    for damage, start in spread(DAMAGES, list(range(len(free)))):
        taken = next((taken for taken in free[start:] + free[:start] if _applies(damage, taken, contract)), None)
        if taken is not None:
            yield _damaged(damage, taken)
    for damage, taken in spread([damage for damage in DAMAGES if damage.name in IN_KEYS.split()], keys):
        yield _damaged(damage, taken)
    for (name, about, value), taken in spread(NULLS, [taken for taken in free if taken.nullable]):
        hook = sent(taken.operation, taken.token, _null_to(value))
        yield Mutant(f"{FAMILY}.{name}.{taken.place}", FAMILY, f"{taken.place}: {about}.", perform=hook)


def _applies(damage: Damage, taken: WrittenProperty, contract: Contract) -> bool:
    return taken.takes(damage.witness, contract) and (taken.field.nullable or damage.change(damage.witness) is not None)


def _damaged(damage: Damage, taken: WrittenProperty) -> Mutant:
    def change(value: Json) -> Json:
        return damage.change(value) if isinstance(value, str) else value

    about = f"{taken.place}: {damage.about}."
    return Mutant(f"{FAMILY}.{damage.name}.{taken.place}", FAMILY, about, perform=sent(taken.operation, taken.token, change))


def _null_to(value: Json) -> Callable[[Json], Json]:
    return lambda sent: value if sent is None else sent
