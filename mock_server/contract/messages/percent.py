"""Percent-encoding (RFC 3986 section 2.1), as it is read from requests and written to them."""

from __future__ import annotations

from urllib.parse import quote, unquote_to_bytes

RESERVED = "!$'()*:@/?;"
"""What may stand unencoded in the values of a query where reserved characters are allowed, and means nothing there."""


def decoded(text: str) -> str:
    """Return what a percent-encoded text stands for; raise `ValueError` where that is not UTF-8.

    What came over the wire has one character for each byte.
    """
    if "%" not in text and text.isascii():
        return text
    try:
        content = text.encode("latin-1")
    except UnicodeEncodeError:
        content = text.encode("utf-8")
    return unquote_to_bytes(content).decode("utf-8")


def form_decoded(text: str) -> str:
    """Return what a text of a query stands for, where `+` is a space; raise `ValueError` where that is not UTF-8."""
    return decoded(text.replace("+", " ") if "+" in text else text)


def encoded(text: str, keep: str = "") -> str:
    """Return a text percent-encoded, but for letters, digits, `-._~` and the characters of `keep`."""
    return quote(text, safe=keep)
