"""What stands in front of an application and goes wrong: caches, gateways, serializers. It works for any API."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode


@dataclass
class Asked:
    """A request on its way to the application."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def token(self) -> str:
        return self.headers.get("authorization", "")

    @property
    def value(self) -> Any:
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


@dataclass
class Answered:
    """An answer on its way to the client."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def value(self) -> Any:
        return json.loads(self.body) if self.body else None

    def told(self, value: Any) -> Answered:
        headers = {name: text for name, text in self.headers.items() if name != "content-length"}
        return replace(self, body=json.dumps(value).encode(), headers=headers)


Ask = Callable[[Asked], Awaitable[Answered]]


@dataclass
class Front:
    """One bug at work; `kept` is what it remembers."""

    bug: str
    tokens: tuple[str, ...]
    kept: dict[Any, Any] = field(default_factory=dict)
    count: int = 0

    async def answer(self, asked: Asked, ask: Ask) -> Answered:
        self.count += 1
        return await FRONT_BUGS[self.bug](self, asked, ask)


def of_answers(change: Callable[[Asked, Answered], Answered]) -> Callable[[Front, Asked, Ask], Awaitable[Answered]]:
    async def answer(front: Front, asked: Asked, ask: Ask) -> Answered:
        return change(asked, await ask(asked))

    return answer


def of_requests(change: Callable[[Asked], Asked]) -> Callable[[Front, Asked, Ask], Awaitable[Answered]]:
    async def answer(front: Front, asked: Asked, ask: Ask) -> Answered:
        return await ask(change(asked))

    return answer


def of_texts(change: Callable[[str], Any], *names: str) -> Callable[[Front, Asked, Ask], Awaitable[Answered]]:
    """Change the texts with these names in the bodies of requests, before they are stored."""

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: change(one) if name in names and isinstance(one, str) else changed(one) for name, one in value.items()
            }
        return [changed(one) for one in value] if isinstance(value, list) else value

    def request(asked: Asked) -> Asked:
        return replace(asked, body=json.dumps(changed(asked.value)).encode()) if isinstance(asked.value, dict) else asked

    return of_requests(request)


def of_shown(change: Callable[[dict[str, Any]], Any], *, only: str = "") -> Callable[[Front, Asked, Ask], Awaitable[Answered]]:
    """Change every object in the answers that succeed, those of one method or of all."""

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return change({name: changed(one) for name, one in value.items()})
        return [changed(one) for one in value] if isinstance(value, list) else value

    def answer(asked: Asked, answered: Answered) -> Answered:
        if answered.status >= 300 or not answered.body or (only and asked.method != only):
            return answered
        return answered.told(changed(answered.value))

    return of_answers(answer)


async def cached(front: Front, asked: Asked, ask: Ask) -> Answered:
    """Reads are kept; what a read answers after a write depends on the bug."""
    bug, key = front.bug, (asked.path, asked.query, asked.token)
    if bug == "reads are kept without the query":
        key = (asked.path, "", asked.token)
    if bug == "reads are kept without the token":
        key = (asked.path, asked.query, "")
    if asked.method != "GET":
        if bug in {"reads are kept without the query", "reads are kept without the token"}:
            front.kept.clear()
        return await ask(asked)
    now = await ask(asked)
    before = front.kept.get(key)
    if before is not None and (bug != "one of two nodes lags behind" or front.count % 2):
        if bug == "the first read after a change is the old one":
            front.kept[key] = now
        return before if before.status == 200 else now
    front.kept[key] = now
    return now


async def unknown_before_token(front: Front, asked: Asked, ask: Ask) -> Answered:
    answer = await ask(asked)
    if answer.status != 401 or re.fullmatch(r"/[a-z]+", asked.path):
        return answer
    for token in front.tokens:
        looked = await ask(Asked("GET", asked.path, "", {"authorization": f"Bearer {token}"}, b""))
        if looked.status in (200, 405):
            return answer
    return replace(answer, status=404)


async def deep_fails(front: Front, asked: Asked, ask: Ask) -> Answered:
    return Answered(500, {}, b"") if asked.body.count(b"[") + asked.body.count(b"{") > 900 else await ask(asked)


def larger_than(size: int, status: int = 500) -> Callable[[Front, Asked, Ask], Awaitable[Answered]]:
    async def answer(front: Front, asked: Asked, ask: Ask) -> Answered:
        return Answered(status, {}, b"") if len(asked.body) > size else await ask(asked)

    return answer


async def long_lines_fail(front: Front, asked: Asked, ask: Ask) -> Answered:
    longest = max([len(asked.query), *map(len, asked.headers.values())])
    return Answered(500, {}, b"") if longest > 8192 else await ask(asked)


async def twice(front: Front, asked: Asked, ask: Ask) -> Answered:
    """A gateway sends again what took long; here every seventh request that makes something."""
    if asked.method == "POST" and front.count % 7 == 0:
        await ask(asked)
    return await ask(asked)


def without_zone(shown: dict[str, Any]) -> dict[str, Any]:
    return {name: re.sub(r"(Z|\+00:00)$", "", one) if name == "created_at" else one for name, one in shown.items()}


def to_seconds(shown: dict[str, Any]) -> dict[str, Any]:
    moved = {name: re.sub(r"T(\d\d:\d\d):\d\d(\.\d+)?", r"T\1:00", one) for name, one in shown.items() if name == "created_at"}
    return {**shown, **moved}


def refused_as_success(asked: Asked, answered: Answered) -> Answered:
    return replace(answered, status=200) if answered.status == 404 else answered


def path_changed(pattern: str, instead: str) -> Callable[[Front, Asked, Ask], Awaitable[Answered]]:
    return of_requests(lambda asked: replace(asked, path=re.sub(pattern, instead, asked.path)))


def query_changed(change: Callable[[list[tuple[str, str]]], list[tuple[str, str]]]) -> Any:
    def request(asked: Asked) -> Asked:
        return replace(asked, query=urlencode(change(parse_qsl(asked.query, keep_blank_values=True))))

    return of_requests(request)


TEXTS = ("name", "title", "text", "description")
FRONT_BUGS: dict[str, Callable[[Front, Asked, Ask], Awaitable[Answered]]] = {
    # caches and nodes
    "the first read after a change is the old one": cached,
    "one of two nodes lags behind": cached,
    "reads are kept without the query": cached,
    "reads are kept without the token": cached,
    "some requests are done twice": twice,
    # who asks, and what is told
    "unknown ids are told before the token": unknown_before_token,
    # sizes
    "deep bodies fail": deep_fails,
    "large bodies fail": larger_than(500_000),
    "bodies of 64 kilobytes fail": larger_than(65_535),
    "long lines fail": long_lines_fail,
    # ids of the path
    "letters behind a number are ignored": path_changed(r"(\d)[A-Za-z]+(?=/|$)", r"\1"),
    "the sign of an id is ignored": path_changed(r"/-(\d)", r"/\1"),
    "ids are decoded twice": of_requests(lambda asked: replace(asked, path=unquote(asked.path))),
    # texts
    "texts are escaped for HTML": of_texts(html.escape, *TEXTS),
    "texts are trimmed": of_texts(str.strip, *TEXTS),
    "texts are cut at 100": of_texts(lambda text: text[:100], *TEXTS),
    "emoji become question marks": of_texts(lambda text: re.sub("[\U00010000-\U0010ffff]", "?", text), *TEXTS),
    "texts are decoded twice": of_texts(unquote, *TEXTS),
    "empty texts become null": of_texts(lambda text: text or None, "text", "description"),
    "words become capitalized": of_texts(str.title, "title"),
    "texts lose accents": of_texts(
        lambda text: text.encode("ascii", "ignore").decode() if text.isprintable() else text, "text"
    ),
    # answers
    "refusals are successes": of_answers(refused_as_success),
    "a removal answers with a body": of_answers(
        lambda asked, answered: (
            replace(answered, status=200, body=b'{"ok": true}', headers={"content-type": "application/json"})
            if asked.method == "DELETE" and answered.status == 204
            else answered
        )
    ),
    "times lose their zone in reads": of_shown(without_zone, only="GET"),
    "times are cut to minutes in reads": of_shown(to_seconds, only="GET"),
    "numbers are texts": of_shown(
        lambda one: {name: str(v) if name in ("points", "priority") else v for name, v in one.items()}
    ),
    "empty lists are null": of_shown(lambda one: {name: v if v != [] else None for name, v in one.items()}),
    "one that is listed is no list": of_shown(
        lambda one: {n: v[0] if n == "items" and len(v) == 1 else v for n, v in one.items()}
    ),
    "answers begin with a mark of byte order": of_answers(
        lambda asked, answered: (
            replace(answered, body=b"\xef\xbb\xbf" + answered.body, headers={"content-type": "application/json"})
            if answered.status == 200
            else answered
        )
    ),
    "answers to HEAD fail": of_answers(
        lambda asked, answered: replace(answered, status=500) if asked.method == "HEAD" else answered
    ),
    # queries
    "the last of several values counts": query_changed(lambda pairs: list(dict(pairs).items())),
    "the first of several values counts": query_changed(lambda pairs: list(dict(pairs[::-1]).items())),
    "plus signs in queries are lost": query_changed(lambda pairs: [(name, text.replace("+", " ")) for name, text in pairs]),
    "zero counts as absent": query_changed(lambda pairs: [pair for pair in pairs if pair[1] != "0"]),
    "capitals in queries are lost": query_changed(lambda pairs: [(name, text.lower()) for name, text in pairs]),
}


class FrontApp:
    """An application with a bug in front of it."""

    def __init__(self, app: Any, bug: str, tokens: tuple[str, ...] = ()) -> None:
        self.app, self.front = app, Front(bug, tokens)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]}
        asked = Asked(scope["method"], scope["path"], scope.get("query_string", b"").decode(), headers, body)

        async def ask(asked: Asked) -> Answered:
            return await self.ask(scope, asked)

        answered = await self.front.answer(asked, ask)
        written = [(name.encode("latin-1"), text.encode("latin-1")) for name, text in answered.headers.items()]
        await send({"type": "http.response.start", "status": answered.status, "headers": written})
        await send({"type": "http.response.body", "body": answered.body})

    async def ask(self, scope: Any, asked: Asked) -> Answered:
        messages: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": asked.body, "more_body": False}

        async def send(message: Any) -> None:
            messages.append(message)

        headers = [(n.encode("latin-1"), t.encode("latin-1")) for n, t in asked.headers.items() if n != "content-length"]
        path = {"method": asked.method, "path": asked.path, "query_string": asked.query.encode(), "headers": headers}
        await self.app({**scope, **path}, receive, send)
        start, *rest = messages
        told = {name.decode("latin-1"): text.decode("latin-1") for name, text in start["headers"]}
        return Answered(start["status"], told, b"".join(one.get("body", b"") for one in rest))
