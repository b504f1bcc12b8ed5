"""What is at `/`: which API is mocked here, and where its document, its reference and the console are."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import orjson

from mock_server.contract.model import Contract

DOCUMENT_PATH = "/openapi.json"

PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>{title}</title>
  <link rel="icon" href="data:,">
</head>
<body>
  <h1>{title} {version}</h1>
  <p>This is a mock of the API, served by Understudy.</p>
  <ul>
{links}
  </ul>
{unsupported}</body>
</html>
"""
"""It names an empty icon: browsers would ask for /favicon.ico, and the journal would show that as a request to the API."""


@dataclass(frozen=True, slots=True)
class _Link:
    name: str
    path: str
    about: str


DOCUMENT = _Link("document", DOCUMENT_PATH, "The OpenAPI document")
OF_CONTROL = (
    _Link("console", "/__admin/", "The console: requests, state, assumptions, faults"),
    _Link("reference", "/__admin/#/reference", "The API reference"),
    _Link("control", "/__admin/openapi.json", "The OpenAPI document of the control API"),
)


def front_page(contract: Contract, url: str, accept: str, *, console: bool) -> tuple[str, bytes]:
    """Return the media type and the content of the front page: HTML for a client that names it, as browsers do, else JSON."""
    links = (DOCUMENT, *(OF_CONTROL if console else ()))
    if "text/html" in accept.lower():
        listed = "\n".join(f'    <li><a href="{link.path}">{link.about}</a></li>' for link in links)
        page = PAGE.format(
            title=escape(contract.title), version=escape(contract.version), links=listed, unsupported=_unsupported(contract)
        )
        return "text/html; charset=utf-8", page.encode()
    unsupported = {str(operation): operation.unsupported for operation in contract.unsupported}
    told = {"title": contract.title, "version": contract.version, **{link.name: url + link.path for link in links}}
    if unsupported:
        told["unsupported"] = unsupported
    return "application/json", orjson.dumps(told)


def _unsupported(contract: Contract) -> str:
    """Return what the page tells of operations that answer 501."""
    entries = "".join(
        f"    <li><code>{escape(str(operation))}</code>: {escape('; '.join(operation.unsupported))}</li>\n"
        for operation in contract.unsupported
    )
    return f"  <p>These operations are not supported and answer 501:</p>\n  <ul>\n{entries}  </ul>\n" if entries else ""
