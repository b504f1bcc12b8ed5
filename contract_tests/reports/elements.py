"""Elements of an HTML page. Every text that becomes part of one is escaped and made harmless here."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from contract_tests.reports.wording import cut, visible

VOID = ("meta", "input")
LONGEST_NAME, LONGEST_SENTENCE = 200, 600
"""How many characters of a name or a sentence are shown."""


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


NOTHING = Html()


def element(name: str, /, *children: str, **attributes: str) -> Html:
    """Return an element; children that are not `Html` are escaped.

    In attribute names, a trailing _ is dropped and any other becomes a hyphen.
    """
    named = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(visible(value, lines=True))}"' for key, value in attributes.items()
    )
    if name in VOID:
        return Html(f"<{name}{named}>")
    inside = "".join(child if isinstance(child, Html) else escape(visible(child, lines=True)) for child in children)
    first = "\n" if name == "pre" else ""  # HTML drops the line break that comes first
    return Html(f"<{name}{named}>{first}{inside}</{name}>")


def section(place: str, heading: str, *content: Html) -> Html:
    """Return a section of the page that links lead to; nothing if it has no content."""
    if not any(content):
        return NOTHING
    named = element("h2", heading, id=f"{place}-heading")
    return element("section", named, *content, id=place, aria_labelledby=f"{place}-heading")


def listed(sentences: Sequence[str], *, most: int = 0) -> list[Html]:
    """Return sentences as a list; if there are more than `most`, the rest is folded."""
    shown = sentences if not most or len(sentences) <= most + 1 else sentences[:most]
    if not shown:
        return []
    items = [element("ul", *(element("li", cut(sentence, LONGEST_SENTENCE)) for sentence in shown))]
    if rest := sentences[len(shown) :]:
        folded = element("ul", *(element("li", cut(sentence, LONGEST_SENTENCE)) for sentence in rest))
        items.append(element("details", element("summary", f"{len(rest):,} more"), folded, class_="more"))
    return items


def table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]], *, caption: str) -> Html:
    """Return a table; a narrow screen shows each row as a block, with the heading beside each cell.

    The roles keep it a table for those who hear it, whatever its style makes of it.
    """
    head = element("tr", *(element("th", heading, scope="col", role="columnheader") for heading in headings), role="row")
    body = [
        element(
            "tr",
            element("th", _cell(row[0]), class_="name", scope="row", role="rowheader"),
            *(
                element("td", _cell(cell), data_label=heading, role="cell")
                for heading, cell in zip(headings[1:], row[1:], strict=True)
            ),
            role="row",
        )
        for row in rows
    ]
    groups = (element("thead", head, role="rowgroup"), element("tbody", *body, role="rowgroup"))
    return element("table", element("caption", caption, class_="heard"), *groups, class_="stacked", role="table")


def _cell(text: str) -> str:
    return text if isinstance(text, Html) else cut(text, LONGEST_SENTENCE)
