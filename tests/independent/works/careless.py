"""What lets requests in that do not fit: it bends them until they do."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

Query = list[tuple[str, str]]
Body = dict[str, Any]


def clipped(names: str, least: int, most: int) -> Callable[[Query], Query]:
    def bend(query: Query) -> Query:
        return [
            (name, str(min(max(int(text), least), most)) if name in names.split() and text.lstrip("-").isdecimal() else text)
            for name, text in query
        ]

    return bend


def known_only(**known: str) -> Callable[[Query], Query]:
    return lambda query: [(name, text) for name, text in query if name not in known or text in known[name].split()]


def numbers_only(query: Query) -> Query:
    numbers = ("limit", "page", "per_page", "offset", "min_priority", "max_priority")
    return [(name, text) for name, text in query if name not in numbers or text.lstrip("-").isdecimal()]


def numbers_of_texts(body: Body) -> Body:
    return {name: int(value) if isinstance(value, str) and value.isdecimal() else value for name, value in body.items()}


def cut(body: Body) -> Body:
    return {name: value[:120] if isinstance(value, str) else value for name, value in body.items()}


def in_bounds(body: Body) -> Body:
    priority = body.get("priority")
    known = isinstance(priority, int) and not isinstance(priority, bool)
    return {**body, "priority": min(max(priority, 1), 5)} if known else body


def without_null(body: Body) -> Body:
    return {name: value for name, value in body.items() if value is not None}


QUERIES: Mapping[str, Callable[[Query], Query]] = {
    "limits beyond bounds are clipped": clipped("limit per_page", 1, 50),
    "offset below zero is zero": clipped("offset page", 0, 10**9),
    "an unknown order is ignored": known_only(sort="name -name created_at -created_at priority -priority urgent"),
    "an unknown status is ignored": known_only(status="active closed", state="open started done dropped"),
    "numbers that are none are ignored": numbers_only,
}

BODIES: Mapping[str, Callable[[Body], Body]] = {
    "numbers may be texts": numbers_of_texts,
    "long titles are cut": cut,
    "priorities beyond bounds are clipped": in_bounds,
    "null is as good as nothing": without_null,
}


class Careless:
    """An application in front of another one, which it hands bent requests."""

    def __init__(self, app: Any, bug: str) -> None:
        self.app = app
        self.query, self.body = QUERIES.get(bug), BODIES.get(bug)
        self.wants_title = bug == "no search is a search for everything"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        query = parse_qsl(scope.get("query_string", b"").decode(), keep_blank_values=True)
        if self.query is not None:
            scope = {**scope, "query_string": urlencode(self.query(query)).encode()}
        if self.wants_title and scope.get("path") == "/search" and not dict(query).get("q"):
            scope = {**scope, "query_string": b"q=e"}
        await self.app(scope, receive if self.body is None else self.bent(receive, self.body), send)

    @staticmethod
    def bent(receive: Any, bend: Callable[[Body], Body]) -> Any:
        async def receive_bent() -> Any:
            message = await receive()
            try:
                body = json.loads(message.get("body") or b"")
            except ValueError:
                return message
            return {**message, "body": json.dumps(bend(body)).encode()} if isinstance(body, dict) else message

        return receive_bent
