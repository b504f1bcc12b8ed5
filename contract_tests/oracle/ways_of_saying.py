"""Values that say the same in other words, by what their schema says of them."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from contract_tests.oracle.plain_values import Missing, same_json
from contract_tests.oracle.times import precision, read_time
from mock_server.contract.files.source import Json
from mock_server.contract.schemas.schema import Schema

PORTS = {"http": ":80", "https": ":443", "ws": ":80", "wss": ":443"}
URLS = frozenset({"uri", "url", "iri", "uri-reference"})


def says_same(schema: Schema, sent: Json, shown: Json | Missing) -> bool:
    """Say whether what is shown is what was sent: the same instant, URL, UUID, set, or object as far as it is documented."""
    if same_json(sent, shown):
        return True
    if isinstance(sent, str) and isinstance(shown, str):
        return _is_same_text(schema, sent, shown)
    if isinstance(sent, dict) and isinstance(shown, dict):
        return bool(schema.properties) and _is_same_object(schema, sent, shown)
    if isinstance(sent, list) and isinstance(shown, list) and len(sent) == len(shown):
        items = schema.items or schema
        if all(says_same(items, *pair) for pair in zip(sent, shown, strict=True)):
            return True
        return schema.is_set and all(_count(items, one, sent) == _count(items, one, shown) for one in sent)
    return False


def _is_same_text(schema: Schema, sent: str, shown: str) -> bool:
    """Compare texts by their formats: RFC 3339, RFC 9562 section 4, RFC 3986 section 6.2."""
    if "date-time" in schema.formats:
        before, after = read_time(sent), read_time(shown)
        return before is not None and after is not None and abs(after - before) <= precision(sent, shown)
    if "uuid" in schema.formats:
        return sent.lower() == shown.lower()
    return bool(URLS & schema.formats) and _normalised(sent) == _normalised(shown)


def _is_same_object(schema: Schema, sent: dict[str, Json], shown: dict[str, Json]) -> bool:
    """Compare objects: what is documented has to be there as it was sent; others may be dropped where none are declared."""
    for name, member in schema.properties.items():
        if name in sent and name in shown:
            if not says_same(member, sent[name], shown[name]):
                return False
        elif name in sent:
            if sent[name] is not None or name in schema.required:
                return False
        elif shown.get(name) is not None and not (member.has_default and same_json(member.default, shown[name])):
            return False
    return all(
        same_json(value, shown[name]) if name in shown else not schema.unnamed
        for name, value in sent.items()
        if name not in schema.properties
    )


def _count(items: Schema, one: Json, among: list[Json]) -> int:
    return sum(says_same(items, one, other) for other in among)


def _normalised(text: str) -> tuple[str, ...]:
    """Return a URL so that equivalent ones are equal: case of scheme and host, the usual port, no path, escapes in capitals."""
    try:
        parts: SplitResult = urlsplit(re.sub(r"%[0-9a-fA-F]{2}", _unescaped, text))
    except ValueError:
        return (text,)
    user, at, host = parts.netloc.rpartition("@")
    host = host.lower().removesuffix(PORTS.get(parts.scheme, "\0")).removesuffix(":")
    return parts.scheme, user + at + host, parts.path or ("/" if host else ""), parts.query, parts.fragment


def _unescaped(found: re.Match[str]) -> str:
    """Return what is escaped for no reason as it is (RFC 3986 section 2.3), and other escapes in capitals."""
    character = chr(int(found[0][1:], 16))
    return character if re.fullmatch(r"[A-Za-z0-9._~-]", character) else found[0].upper()
