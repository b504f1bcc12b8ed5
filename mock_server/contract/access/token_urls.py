"""Where a document has OAuth 2 clients ask for tokens, as far as that is where its API is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from mock_server.contract.documents.document import Document, Node
from mock_server.contract.documents.servers import base_paths, server_urls
from mock_server.contract.files.source import Json

HERE = "http://server/"
THIS_MACHINE = frozenset({"server", "localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class TokenPaths:
    """The paths at which tokens are asked for and users are sent to log in, and the scopes that there are."""

    token: frozenset[str] = frozenset()
    authorization: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()


def token_paths(document: Document, *, of_all_hosts: bool) -> TokenPaths:
    """Return the paths of the URLs in the OAuth 2 flows of a document that are on this machine or on one of its servers, or of
    all of them."""
    servers = [url for written in server_urls(document.root) if (url := _joined(HERE, written))] or [HERE]
    hosts = None if of_all_hosts else {*map(_host, servers), *THIS_MACHINE}
    bases = base_paths(document.root)
    flows = list(_flows(document))

    def paths(*keys: str) -> frozenset[str]:
        written = (flow[key] for flow in flows for key in keys if isinstance(flow.get(key), str))
        urls = [url for one in written if (url := _joined(f"{servers[0].rstrip('/')}/", one))]
        known = [urlsplit(url).path for url in urls if hosts is None or _host(url) in hosts]
        return frozenset(path for one in known for path in _with_and_without(one, bases) if path.strip("/"))

    scopes = frozenset(str(scope) for flow in flows if isinstance(flow.get("scopes"), dict) for scope in flow["scopes"])
    return TokenPaths(paths("tokenUrl", "refreshUrl"), paths("authorizationUrl"), scopes)


def _flows(document: Document) -> Iterator[dict[str, Json]]:
    schemes = document.root.get("components", "securitySchemes")
    for _, scheme in schemes.items() if schemes else ():
        flows: Node | None = scheme.get("flows")
        if flows is not None and not scheme.is_broken:
            yield from (
                flow.value for name, flow in flows.items() if isinstance(flow.value, dict) and not name.startswith("x-")
            )


def _joined(base: str, url: str) -> str:
    """Return a URL as it is meant beside another one; an empty text for one that is none."""
    try:
        joined = urljoin(base, url)
        urlsplit(joined)
    except ValueError:
        return ""
    return joined


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _with_and_without(path: str, bases: Iterable[str]) -> Iterator[str]:
    """Yield a path as it is, beneath each base path, and without each: the mock answers operations in all of these ways."""
    yield path
    for base in filter(None, bases):
        yield base + path
        if path.startswith(f"{base}/"):
            yield path[len(base) :]
