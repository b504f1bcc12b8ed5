"""Connections to a target, through a proxy where the environment names one."""

from __future__ import annotations

import ssl
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from contract_tests.transport.wire import MOST_CONNECTIONS

PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
"""The kinds of proxies, and the port of each where none is said."""


def pool_for(
    base: httpx.URL, backend: httpcore.NetworkBackend, *, verify: ssl.SSLContext, is_local: bool
) -> httpcore.ConnectionPool:
    """Return the connections to a target. A proxy (`HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`) is for what is further away.

    Raises `ValueError` for a proxy of a kind that is not supported.
    """
    most = MOST_CONNECTIONS
    proxy = "" if is_local else proxy_for(base.scheme, base.host)
    if not proxy:
        return httpcore.ConnectionPool(
            verify, max_connections=most, max_keepalive_connections=most, keepalive_expiry=5.0, network_backend=backend
        )
    parts = urlsplit(proxy)
    if parts.scheme not in PORTS:
        raise ValueError(f"the environment names a proxy of the kind {parts.scheme!r}; supported are {', '.join(PORTS)}")
    auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    url = f"{parts.scheme}://{parts.hostname}:{parts.port or PORTS[parts.scheme]}"
    if parts.scheme.startswith("socks"):
        return httpcore.SOCKSProxy(url, auth, verify, max_connections=most, network_backend=backend)
    return httpcore.HTTPProxy(
        url, auth, ssl_context=verify, max_connections=most, max_keepalive_connections=most, network_backend=backend
    )


def proxy_for(scheme: str, host: str) -> str:
    """Return the URL of the proxy that the environment names for a host; an empty text where there is none."""
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all") or ""
    if not proxy or proxy_bypass(host):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"
