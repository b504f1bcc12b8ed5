"""Hiding what gives access, in everything that is shown of a request."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import unquote_plus

from mock_server.contract.access.security import AUTHORIZATION, SecurityScheme
from mock_server.contract.files.source import Json

MASKED = "***"

USUALLY_SECRET_HEADERS = rf"(?:.*-)?(?:{AUTHORIZATION}|cookie2?|api-?key|(?:auth|access|csrf|xsrf|security|private)-token)"
USUALLY_SECRET_PARAMETERS = "access_token|api[_-]?key|client_secret|password|token"
"""What gives access in most APIs is hidden, whether or not a document declares it."""

BEHIND_SCHEME = r"(?i:(?:(?<=bearer )|(?<=basic ))[^\s\"',]+)"
"""A regular expression for the credential behind the name of an HTTP scheme, wherever that stands."""


class Redactor:
    """Hides what gives access: what the schemes of a document say, and what does in most APIs.

    `members` are the names of what is a secret in bodies and records.
    """

    def __init__(self, schemes: Iterable[SecurityScheme], members: Collection[str] = ()) -> None:
        schemes = tuple(schemes)
        self._members = frozenset(members)
        self._in_text = re.compile(rf"((?:^|[&\s\"'])(?:{'|'.join(map(re.escape, sorted(members)))})\"?\s*[=:]\s*\"?)[^&\"\s]+")
        headers = [re.escape(name) for scheme in schemes for name in sorted(scheme.secret_headers)]
        parameters = [re.escape(name) for scheme in schemes for name in sorted(scheme.secret_parameters)]
        self._header = re.compile("|".join([USUALLY_SECRET_HEADERS, *headers]), re.IGNORECASE)
        self._parameter = re.compile("|".join([USUALLY_SECRET_PARAMETERS, *parameters]), re.IGNORECASE)

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return headers without what gives access: only the scheme of an authorization is shown."""
        return {name: _masked(name, value) if self._header.fullmatch(name) else value for name, value in headers.items()}

    def query(self, query: str) -> str:
        """Return a query without the values of parameters that give access."""
        return "&".join(map(self._masked_pair, query.split("&"))) if query else query

    def body(self, value: Json) -> Json:
        """Return a value of a body, or a record, without the secrets in it."""
        if not self._members:
            return value
        if isinstance(value, dict):
            return {
                name: MASKED if name in self._members and member is not None else self.body(member)
                for name, member in value.items()
            }
        return [self.body(element) for element in value] if isinstance(value, list) else value

    def text(self, text: str) -> str:
        """Return a body that is shown as it was sent, as a form is, without the secrets in it."""
        return self._in_text.sub(rf"\1{MASKED}", text) if self._members else text

    def _masked_pair(self, pair: str) -> str:
        name, separator, _ = pair.partition("=")
        return f"{name}={MASKED}" if separator and self._parameter.fullmatch(unquote_plus(name)) else pair


def _masked(name: str, value: str) -> str:
    scheme, separator, _ = value.partition(" ")
    has_scheme = separator and name.lower().endswith(AUTHORIZATION) and scheme.isalpha()
    return f"{scheme} {MASKED}" if has_scheme else MASKED
