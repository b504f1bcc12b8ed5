"""Security schemes: the only module that knows how a credential is written. Another one is another class.

A credential is a text: a token, an API key, or `user:password`. As for the last, `user` is `user:` with an empty password, the
way in which APIs take keys as user names.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from urllib.parse import parse_qsl

from mock_server.contract.access.security import AUTHORIZATION, Carried, CredentialKind, SecurityScheme
from mock_server.contract.files.source import Json

Headers: TypeAlias = Mapping[bytes, bytes]

HTTP_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""What the name of a header, or of a scheme of HTTP, may be (RFC 9110 section 5.6.2)."""

SPELLINGS = {"hoba": "HOBA", "dpop": "DPoP", "oauth": "OAuth", "scram-sha-1": "SCRAM-SHA-1", "scram-sha-256": "SCRAM-SHA-256"}
"""Names of schemes of HTTP that are not written with one capital letter."""

IN_AUTHORIZATION = frozenset({AUTHORIZATION})
NOWHERE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class HttpBearer:
    """HTTP's scheme `bearer`: the credential is a token in the header `Authorization` (RFC 6750).

    OAuth 2 and OpenID Connect come to the same: how a token was got does not show.
    """

    name: str
    realm: str
    noun: str = field(default="bearer token", init=False)
    kind: CredentialKind = field(default="token", init=False)
    word: str = field(default="Bearer", init=False)
    is_taken_as_given: bool = field(default=False, init=False)
    secret_headers: frozenset[str] = field(default=IN_AUTHORIZATION, init=False)
    secret_parameters: frozenset[str] = field(default=NOWHERE, init=False)

    @property
    def declaration(self) -> Mapping[str, Json]:
        """The scheme as a document declares it."""
        return {"type": "http", "scheme": "bearer"}

    def carried(self, credential: str) -> Carried:
        """Return the header that shows a token."""
        return Carried(headers=(("Authorization", f"{self.word} {credential}"),))

    def credential(self, headers: Headers, query: str) -> str | None:
        """Return the token that a request shows; None where there is none."""
        token = _authorization(headers, self.word)
        return None if token is None or " " in token else token

    def advice(self, placeholder: str = "<token>") -> str:
        """Return which header to send."""
        return f"the header Authorization: {self.word} {placeholder}"

    def challenge(self, *, is_unknown: bool = False, scopes: Sequence[str] = ()) -> str:
        """Return the challenge as RFC 6750 section 3 has it."""
        challenge = f'{self.word} realm="{self.realm}"'
        if scopes:
            return f'{challenge}, error="insufficient_scope", scope="{_quotable(" ".join(scopes))}"'
        return f'{challenge}, error="invalid_token"' if is_unknown else challenge


@dataclass(frozen=True, slots=True)
class HttpBasic:
    """HTTP's scheme `basic`: a user name and a password in the header `Authorization` (RFC 7617)."""

    name: str
    realm: str
    noun: str = field(default="user name and password", init=False)
    kind: CredentialKind = field(default="username", init=False)
    word: str = field(default="Basic", init=False)
    is_taken_as_given: bool = field(default=False, init=False)
    secret_headers: frozenset[str] = field(default=IN_AUTHORIZATION, init=False)
    secret_parameters: frozenset[str] = field(default=NOWHERE, init=False)

    def carried(self, credential: str) -> Carried:
        """Return the header that shows a user name and a password."""
        pair = credential if ":" in credential else f"{credential}:"
        return Carried(headers=(("Authorization", f"{self.word} {base64.b64encode(pair.encode()).decode()}"),))

    def credential(self, headers: Headers, query: str) -> str | None:
        """Return the user name and the password that a request shows; None where it shows none that can be read."""
        encoded = _authorization(headers, self.word)
        try:
            raw = base64.b64decode(encoded or "", validate=True)
        except ValueError:
            return None
        try:
            pair = raw.decode()
        except UnicodeDecodeError:
            pair = raw.decode("latin-1")
        user, separator, password = pair.partition(":")
        return credential_of_user(user, password) or None if separator else None

    def advice(self) -> str:
        """Return which header to send."""
        return f"the header Authorization: {self.word} <user name:password in Base64>"

    def challenge(self, *, is_unknown: bool = False, scopes: Sequence[str] = ()) -> str:
        """Return the challenge as RFC 7617 has it, which has no scopes."""
        return "" if scopes else f'{self.word} realm="{self.realm}", charset="UTF-8"'


@dataclass(frozen=True, slots=True)
class OtherHttpScheme:
    """Any other scheme of HTTP, as `digest`: whatever stands behind its name in the header `Authorization` is right."""

    name: str
    realm: str
    word: str
    noun: str = field(default="credential", init=False)
    kind: CredentialKind = field(default="token", init=False)
    is_taken_as_given: bool = field(default=True, init=False)
    secret_headers: frozenset[str] = field(default=IN_AUTHORIZATION, init=False)
    secret_parameters: frozenset[str] = field(default=NOWHERE, init=False)

    def carried(self, credential: str) -> Carried:
        """Return the header that shows a credential."""
        return Carried(headers=(("Authorization", f"{self.word} {credential}"),))

    def credential(self, headers: Headers, query: str) -> str | None:
        """Return what stands behind the name of the scheme."""
        return _authorization(headers, self.word)

    def advice(self) -> str:
        """Return which header to send."""
        return f"the header Authorization: {self.word} <credential>"

    def challenge(self, *, is_unknown: bool = False, scopes: Sequence[str] = ()) -> str:
        """Return the challenge; one for Digest has what a client needs to make its answer (RFC 7616)."""
        if scopes:
            return ""
        return f'{self.word} realm="{self.realm}"' + (', qop="auth", nonce="mock"' if self.word == "Digest" else "")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key in a header, a query parameter or a cookie."""

    name: str
    realm: str
    location: Literal["header", "query", "cookie"]
    parameter: str
    noun: str = field(default="API key", init=False)
    kind: CredentialKind = field(default="api-key", init=False)
    word: str = field(default="ApiKey", init=False)
    is_taken_as_given: bool = field(default=False, init=False)

    @property
    def secret_headers(self) -> frozenset[str]:
        """The header that holds a key, in lower case."""
        return {"header": frozenset({self.parameter.lower()}), "cookie": frozenset({"cookie"})}.get(self.location, NOWHERE)

    @property
    def secret_parameters(self) -> frozenset[str]:
        """The query parameter that holds a key."""
        return frozenset({self.parameter}) if self.location == "query" else NOWHERE

    def carried(self, credential: str) -> Carried:
        """Return the header, the query parameter or the cookie that shows a key."""
        pair = ((self.parameter, credential),)
        if self.location == "header":
            return Carried(headers=pair)
        return Carried(query=pair) if self.location == "query" else Carried(cookies=pair)

    def credential(self, headers: Headers, query: str) -> str | None:
        """Return the key that a request shows; None where there is none."""
        if self.location == "query":
            shown = dict(parse_qsl(query)).get(self.parameter, "")
        elif self.location == "cookie":
            shown = cookies_of(headers).get(self.parameter, "")
        else:
            shown = headers.get(self.parameter.lower().encode(), b"").decode("latin-1").strip()
            if self.parameter.lower() == AUTHORIZATION:  # documents often mean `Bearer <token>`, and cannot say so
                shown = shown.rpartition(" ")[2]
        return shown or None

    def advice(self) -> str:
        """Return what to send."""
        if self.location == "header":
            return f"the header {self.parameter}: <key>"
        return f"the {'query parameter' if self.location == 'query' else 'cookie'} {self.parameter}=<key>"

    def challenge(self, *, is_unknown: bool = False, scopes: Sequence[str] = ()) -> str:
        """Return a challenge: HTTP has none for keys, but wants one in every 401, and many servers use this name."""
        where = f'in="{self.location}", name="{_quotable(self.parameter)}"'
        return "" if scopes else f'{self.word} realm="{self.realm}", {where}'


@dataclass(frozen=True, slots=True)
class MutualTls:
    """A certificate of the client: the mock speaks no TLS, so everybody is taken to have shown a right one."""

    name: str
    noun: str = field(default="client certificate", init=False)
    kind: CredentialKind = field(default="token", init=False)
    word: str = field(default="", init=False)
    is_taken_as_given: bool = field(default=True, init=False)
    secret_headers: frozenset[str] = field(default=NOWHERE, init=False)
    secret_parameters: frozenset[str] = field(default=NOWHERE, init=False)

    def carried(self, credential: str) -> Carried:
        """Return nothing: a certificate is shown before the request."""
        return Carried()

    def credential(self, headers: Headers, query: str) -> str | None:
        """Return a text that is nobody's credential."""
        return ""

    def advice(self) -> str:
        """Return that there is nothing to send."""
        return ""

    def challenge(self, *, is_unknown: bool = False, scopes: Sequence[str] = ()) -> str:
        """Return that there is no challenge."""
        return ""


SUPPORTED_SCHEMES = "it has to be an apiKey with a name that can stand there, or http, oauth2, openIdConnect or mutualTLS"
"""What a security scheme of a document may be."""


def scheme_of(name: str, declaration: Mapping[str, Json], title: str) -> SecurityScheme | None:
    """Return the security scheme that a document of a `title` declares by a name; None for one that is not supported."""
    kind, realm = declaration.get("type"), _quotable(title)
    if kind in ("oauth2", "openIdConnect"):
        return HttpBearer(name, realm)
    if kind == "mutualTLS":
        return MutualTls(name)
    if kind == "http":
        return _http_scheme(name, realm, str(declaration.get("scheme", "")))
    location, parameter = declaration.get("in"), declaration.get("name")
    if kind != "apiKey" or location not in ("header", "query", "cookie") or not isinstance(parameter, str):
        return None
    is_right = bool(parameter) if location == "query" else HTTP_TOKEN.fullmatch(parameter)
    return ApiKey(name, realm, location, parameter) if is_right else None


def _http_scheme(name: str, realm: str, scheme: str) -> SecurityScheme | None:
    lowered = scheme.lower()
    if lowered == "bearer":
        return HttpBearer(name, realm)
    if lowered == "basic":
        return HttpBasic(name, realm)
    word = SPELLINGS.get(lowered, scheme.capitalize() if scheme == lowered else scheme)
    return OtherHttpScheme(name, realm, word) if HTTP_TOKEN.fullmatch(scheme) else None


def usual_scheme(title: str, name: str = "") -> SecurityScheme:
    """Return the scheme that credentials belong to where a document asks for none."""
    return HttpBearer(name, _quotable(title))


def credential_of_user(user: str, password: str) -> str:
    """Return the text that stands for a user name and a password."""
    return f"{user}:{password}" if password else user


def cookies_of(headers: Headers) -> dict[str, str]:
    """Return the cookies of a request; of those with the same name, the first."""
    cookies: dict[str, str] = {}
    for pair in headers.get(b"cookie", b"").decode("latin-1").split(";"):
        name, _, value = pair.partition("=")
        cookies.setdefault(name.strip(), value.strip().strip('"'))
    return cookies


def _authorization(headers: Headers, word: str) -> str | None:
    """Return what stands behind the name of a scheme of HTTP; None where there is nothing, or another name."""
    shown, _, rest = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return rest.strip(" ") or None if shown.lower() == word.lower() else None


def _quotable(text: str) -> str:
    """Return what of a text may stand in the quoted parts of a challenge."""
    return "".join(c for c in text if c.isascii() and c.isprintable() and c not in '"\\')
