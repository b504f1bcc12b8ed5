"""Who may use the control API.

Without an admin token: programs on this machine, and pages that the mock itself served. A browser lets any page send requests
to the loopback interface, and a name that an attacker owns may come to mean 127.0.0.1 (DNS rebinding); the headers `Host`,
`Origin` and `Sec-Fetch-Site`, which no page can forge, give both away. With a token: whoever sends it, from anywhere, and
nobody else.
"""

from __future__ import annotations

import hmac
import re
from ipaddress import IPv6Address, ip_address

from starlette.types import Scope

from mock_server.contract.access.security_schemes import HttpBearer

SCHEME = HttpBearer("token", realm="control")
"""How the admin token is shown."""

LOCAL_HOST = re.compile(
    r"(?:localhost|(?:[a-z0-9-]+\.)+localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?", re.IGNORECASE
)


FORWARDED_FOR = re.compile(r"for=\"?\[?([^;,\"\]]+)", re.IGNORECASE)


class Guard:
    """Knows who may use the control API of one server."""

    def __init__(self, token: str | None) -> None:
        self._token = token or None

    @property
    def needs_token(self) -> bool:
        """Whether the admin token is asked for."""
        return self._token is not None

    def refusal(self, scope: Scope, *, is_page: bool) -> tuple[int, str] | None:
        """Return status and reason why a request is refused; None for one that is let in.

        `is_page` tells that the console's own files are asked for, which a browser opens without any token.
        """
        if self._token is None:
            return self._stranger(scope, is_page)
        if is_page or self._has_token(scope, self._token):
            return None
        return 401, f"Send {SCHEME.advice('TOKEN')} with the token of --admin-token."

    def _has_token(self, scope: Scope, token: str) -> bool:
        sent = SCHEME.credential(dict(scope["headers"]), "")
        is_repeated = any(len(_values(scope, name.encode())) > 1 for name in SCHEME.secret_headers)
        return sent is not None and not is_repeated and hmac.compare_digest(sent.encode("latin-1"), token.encode())

    def _stranger(self, scope: Scope, is_page: bool) -> tuple[int, str] | None:
        client = scope.get("client")
        if not all(map(_is_loopback, [client[0] if client else "", *_asked_for(scope)])):
            return 403, "The control API answers this machine only; to use it from another one, set --admin-token."
        hosts = [host.decode("latin-1") for host in _values(scope, b"host")]
        if len(hosts) != 1 or not LOCAL_HOST.fullmatch(hosts[0]):
            return 403, "The control API is reached by a name of this machine only, such as localhost or 127.0.0.1."
        origins = _values(scope, b"origin")
        if any(origin.decode("latin-1").lower() != f"{scope['scheme']}://{hosts[0].lower()}" for origin in origins):
            return 403, "Pages of other origins cannot use the control API."
        opened = is_page and scope["method"] in ("GET", "HEAD") and _values(scope, b"sec-fetch-mode") == [b"navigate"]
        if not opened and any(site not in (b"same-origin", b"none") for site in _values(scope, b"sec-fetch-site")):
            return 403, "Pages of other origins cannot use the control API."
        return None


def _values(scope: Scope, name: bytes) -> list[bytes]:
    return [value for header, value in scope["headers"] if header == name]


def _asked_for(scope: Scope) -> list[str]:
    """Return the addresses of those for whom a proxy says that it asks."""
    listed = [*_values(scope, b"x-forwarded-for"), *_values(scope, b"x-real-ip")]
    plain = [address.strip() for value in listed for address in value.decode("latin-1").split(",")]
    return plain + [found for value in _values(scope, b"forwarded") for found in FORWARDED_FOR.findall(value.decode("latin-1"))]


def _is_loopback(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback
