"""Sending one message to where it may go: to this machine, and to hosts that were allowed by name. No redirect is followed."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

LOCAL = "localhost"

LONGEST_HEAD = 65_536
"""Bytes of an answer that are read at most; of its body, nothing is."""


class NotSent(Exception):  # noqa: N818 (it is named for what became of the message)
    """Raised where a message could not be handed over, or may not be; the text says why."""


class Forbidden(NotSent):
    """Raised where a message may not go; to try again would change nothing."""


async def post(
    method: str, url: str, headers: Mapping[str, str], body: bytes, *, allowed: Collection[str], seconds: float
) -> int:
    """Send a message and return the status that it is answered with; raise `NotSent` where there is none in time."""
    try:
        return await asyncio.wait_for(_post(method, url, headers, body, allowed), seconds)
    except TimeoutError:
        raise NotSent(f"no answer within {seconds:g} s") from None
    except (OSError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
        raise NotSent(str(error) or type(error).__name__) from None


async def _post(method: str, url: str, headers: Mapping[str, str], body: bytes, allowed: Collection[str]) -> int:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Forbidden("the URL is none of http or https")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    host = parts.hostname.rstrip(".").lower()
    address = await _address(host, port, is_allowed=host in allowed)
    tls = ssl.create_default_context() if parts.scheme == "https" else None
    reader, writer = await asyncio.open_connection(
        address, port, ssl=tls, server_hostname=host if tls else None, limit=LONGEST_HEAD
    )
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        sent = {"Host": parts.netloc.rpartition("@")[2], **headers, "Content-Length": str(len(body)), "Connection": "close"}
        head = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
        if any(not line.isprintable() for line in head):
            raise Forbidden("the URL holds what no request can")
        writer.write("\r\n".join(head).encode("latin-1") + body)
        await writer.drain()
        return await _status(reader)
    finally:
        writer.transport.abort()


async def _status(reader: asyncio.StreamReader) -> int:
    """Return the status of an answer; those that only announce another one are passed over."""
    while True:
        first, _, _ = (await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")
        words = first.split(None, 2)
        if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
            raise NotSent("the answer is not one of HTTP")
        if not 100 <= int(words[1]) <= 199:
            return int(words[1])


async def _address(host: str, port: int, *, is_allowed: bool) -> str:
    """Return the address of a host. Nobody is asked for that of a name that is neither allowed nor one of this machine."""
    try:
        address = str(ipaddress.ip_address(host))
    except ValueError:
        if not is_allowed and host != LOCAL and not host.endswith(f".{LOCAL}"):
            raise _forbidden(host) from None
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        address = str(found[0][-1][0])
    if not is_allowed and not _is_loopback(address):
        raise _forbidden(host)
    return address


def _forbidden(host: str) -> Forbidden:
    return Forbidden(f"{host} is not this machine: allow it with --allow-webhooks {host}")


def _is_loopback(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return (mapped or ip).is_loopback
