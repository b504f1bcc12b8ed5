"""The servers that a document names: beneath which paths its operations are served."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from mock_server.contract.documents.document import Node

VARIABLE = re.compile(r"\{([^{}]+)\}")
MOST_URLS = 64
"""How many URLs of one server are looked at, where its variables list their values."""


def base_paths(*owners: Node) -> tuple[str, ...]:
    """Return the paths, without a slash at the end, beneath which the servers serve that the first of `owners` names which
    names any. That of a server at the top is empty."""
    return tuple(dict.fromkeys(path for url in server_urls(*owners) for path in _paths(url)))


def server_urls(*owners: Node) -> Iterator[str]:
    """Yield the URLs, perhaps relative, of the servers that the first of `owners` names which names any."""
    named = (owner["servers"] for owner in owners if isinstance(owner.value, dict) and owner.value.get("servers"))
    servers = next(named, None)
    for server in servers.elements() if servers else ():
        yield from itertools.islice(_urls(server.resolved()), MOST_URLS)


def _paths(url: str) -> Iterator[str]:
    try:
        yield urlsplit(urljoin("http://server/", url)).path.rstrip("/")
    except ValueError:  # such as an address that is none
        return


def _urls(server: Node) -> Iterator[str]:
    """Yield the URLs that a server may have: with the defaults of its variables first, then with each value that these list."""
    url = server.value.get("url") if isinstance(server.value, dict) else None
    if not isinstance(url, str):
        return
    declared = server.value.get("variables")
    variables = declared if isinstance(declared, dict) else {}
    names = list(dict.fromkeys(VARIABLE.findall(url)))
    for values in itertools.product(*(_values(variables.get(name)) for name in names)):
        filled = url
        for name, value in zip(names, values, strict=True):
            filled = filled.replace(f"{{{name}}}", value)
        yield filled


def _values(variable: object) -> list[str]:
    """Return the values of a variable; none where nothing is said of it, as then its server has no known path."""
    said = variable if isinstance(variable, dict) else {}
    listed = said.get("enum")
    values = [said.get("default"), *(listed if isinstance(listed, list) else [])]
    return list(dict.fromkeys(str(value) for value in values if value is not None))
