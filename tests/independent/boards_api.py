"""A second implementation of the boards document, written by hand, with bugs that may be switched on."""

from __future__ import annotations

import asyncio
import base64
import itertools
import re
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .clocks import Clock, true_clock

TOKENS = {"home-token": "home", "away-token": "away"}
Record = dict[str, Any]


class Refusal(Exception):  # noqa: N818 (it is an answer)
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Boards:
    """The state of one deployment, and its operations. `bug` names what is done wrong."""

    def __init__(self, bug: str = "", clock: Clock = true_clock) -> None:
        self.bug, self.clock = bug, clock
        self.kept: dict[str, dict[int, Record]] = {name: {} for name in ("User", "Label", "Board", "Card")}
        self.ids = {name: itertools.count(1) for name in self.kept}
        self.removed: list[Record] = []
        self.other_calls, self.caller = 0, ""

    def now(self) -> str:
        return datetime.fromtimestamp(self.clock(time.time()), UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")

    # What is kept

    def own(self, kind: str, owner: str) -> list[Record]:
        return [record for record in self.kept[kind].values() if record["owner"] == owner]

    def listed(self, kind: str, owner: str) -> list[Record]:
        """Return what a list may show: of what was removed in a soft way, nothing."""
        removed = self.removed if self.bug == f"removed are listed: {kind}" else []
        return self.own(kind, owner) + [
            one for one in removed if one["owner"] == owner and ("title" in one) == (kind == "Card")
        ]

    def get(self, kind: str, owner: str, id: object, status: int = 404) -> Record:
        record = self.kept[kind].get(id) if type(id) is int else None  # type: ignore[call-overload]  # ids are numbers
        if record is None or (record["owner"] != owner and self.bug != f"leak {kind}"):
            raise Refusal(status)
        return record

    def make(self, kind: str, owner: str, **fields: Any) -> Record:
        record = {"id": next(self.ids[kind]), "owner": owner, **fields}
        self.kept[kind][record["id"]] = record
        return record

    # Operations

    def named(self, kind: str) -> Callable[[Request, str, Any], Awaitable[Response]]:
        async def add(request: Request, owner: str, body: Any) -> Response:
            if not isinstance(body.get("name"), str) or not body["name"]:
                raise Refusal(422)
            times = {"created_at": self.now()} if kind == "Board" else {}
            return self.told(kind, self.make(kind, owner, name=body["name"], **times), 201)

        return add

    def told(self, kind: str, record: Record, status: int = 200) -> Response:
        return JSONResponse(self.shown(kind, record), status)

    def shown(self, kind: str, record: Record) -> Record:
        shown = {name: value for name, value in record.items() if name != "owner"}
        if kind == "Board":
            cards = [card for card in self.kept["Card"].values() if card["board_id"] == record["id"]]
            opened = [card for card in cards if card["state"] == "open" or self.bug == "counts all cards"]
            if self.bug == "counts up to two":
                opened = opened[:2]
            shown["open_cards"] = 0 if self.bug == "never counts" else len(opened)
        return shown

    async def list_boards(self, request: Request, owner: str, body: Any) -> Response:
        page, size = whole(request, "page", 1, 1, None), whole(request, "per_page", 10, 1, 50)
        boards = sorted(
            self.listed("Board", owner),
            key=lambda board: (board["created_at"], board["id"]),
            reverse=self.bug != "oldest first",
        )
        start = page * size if self.bug == "pages from 0" else (page - 1) * size
        part = boards[start : start + size + (1 if self.bug == "page too long" else 0)]
        last = max(1, -(-len(boards) // size))
        links = [f'</boards?page={page + 1}&per_page={size}>; rel="next"'] if page < last and self.bug != "no link" else []
        headers = {"X-Total": str(len(part) if self.bug == "total of page" else len(boards))}
        headers |= {"Link": ", ".join(links)} if links else {}
        return JSONResponse([self.shown("Board", board) for board in part], headers=headers)

    async def get_board(self, request: Request, owner: str, body: Any) -> Response:
        return self.told("Board", self.get("Board", owner, number(request, "board_id")))

    async def remove_board(self, request: Request, owner: str, body: Any) -> Response:
        board = self.get("Board", owner, number(request, "board_id"))
        cards = [card["id"] for card in self.own("Card", owner)]
        if self.bug != "cards stay":
            wide = self.bug == "all cards go"
            for id in cards:
                if wide or self.kept["Card"][id]["board_id"] == board["id"]:
                    self.removed.append(self.kept["Card"].pop(id))
        if self.bug != "board stays":
            self.removed.append(self.kept["Board"].pop(board["id"]))
        return Response(status_code=204)

    async def remove_user(self, request: Request, owner: str, body: Any) -> Response:
        user = self.get("User", owner, number(request, "user_id"))
        cards = self.own("Card", owner)
        if any(card["reviewer_id"] == user["id"] for card in cards) and self.bug != "reviewer goes":
            raise Refusal(409)
        for card in cards:
            if card["assignee_id"] == user["id"] and self.bug != "assignee stays":
                card["assignee_id"] = None
        del self.kept["User"][user["id"]]
        return Response(status_code=204)

    async def remove_label(self, request: Request, owner: str, body: Any) -> Response:
        label = self.get("Label", owner, number(request, "label_id"))
        for card in self.own("Card", owner):
            if self.bug != "label stays":
                card["label_ids"] = [id for id in card["label_ids"] if id != label["id"]]
        del self.kept["Label"][label["id"]]
        return Response(status_code=204)

    def check_card(self, owner: str, body: Record, *, partial: bool) -> None:
        title = body.get("title")
        if (title is not None or "title" in body or not partial) and (not isinstance(title, str) or not title):
            raise Refusal(422)
        points = body.get("points", 1)
        if isinstance(points, float) and points.is_integer():
            points = body["points"] = int(points)
        if not isinstance(points, int) or isinstance(points, bool) or not 0 <= points <= 100:
            raise Refusal(422)
        if "state" in body and (not partial or body["state"] not in ("open", "done")):
            if partial:
                raise Refusal(422)
            del body["state"]
        if not isinstance(body.get("text"), str | None):
            raise Refusal(422)
        for name, kind, nullable in (
            ("board_id", "Board", False),
            ("assignee_id", "User", True),
            ("reviewer_id", "User", True),
        ):
            if name in body or (name == "board_id" and not partial):
                id = body.get(name)
                if isinstance(id, float) and id.is_integer():
                    id = body[name] = int(id)
                if id is None and nullable:
                    continue
                if type(id) is not int:
                    raise Refusal(422)
                if self.bug == f"others do for {name}" and id in self.kept[kind]:
                    continue
                if self.bug == "removed boards take cards" and any(one["id"] == id for one in self.removed):
                    continue
                if self.bug == "changes do not check references" and partial:
                    continue
                if self.bug != f"unknown {name}":
                    self.get(kind, owner, id, 422)
        labels = body.get("label_ids", [])
        if not isinstance(labels, list) or any(type(id) is not int for id in labels):
            raise Refusal(422)
        for id in labels if self.bug != "unknown label" else ():
            self.get("Label", owner, id, 422)

    async def add_card(self, request: Request, owner: str, body: Any) -> Response:
        self.check_card(owner, body, partial=False)
        fields = {"text": None, "points": 1, "assignee_id": None, "reviewer_id": None, "label_ids": []}
        given = {name: body[name] for name in ("title", "board_id", *fields) if name in body}
        if self.bug == "points fixed":
            given.pop("points", None)
        if self.bug == "what is falsy gets its default":
            given = {name: value for name, value in given.items() if value}
        if self.bug == "only the first label is kept":
            given["label_ids"] = given.get("label_ids", [])[:1]
        card = self.make("Card", owner, **{**fields, **given}, state="open", created_at=self.now())
        return self.told("Card", card, 200 if self.bug == "200 for 201" else 201)

    async def get_card(self, request: Request, owner: str, body: Any) -> Response:
        return self.told("Card", self.get("Card", owner, number(request, "card_id")))

    async def change_card(self, request: Request, owner: str, body: Any) -> Response:
        card = self.get("Card", owner, number(request, "card_id"))
        body = {name: body[name] for name in ("title", "state", "assignee_id", "points") if name in body}
        self.check_card(owner, body, partial=True)
        if self.bug == "state kept":
            body.pop("state", None)
        if self.bug == "what is falsy is not changed":
            body = {name: value for name, value in body.items() if value}
        if self.bug == "a change of nothing fails" and not body:
            raise Refusal(500)
        if self.bug == "changes reset points":
            body = {"points": 1, **body}
        if self.bug == "done cards never open" and card["state"] == "done":
            body.pop("state", None)
        if self.bug == "changes move the time of making":
            body["created_at"] = self.now()
        if self.bug == "changes go to all of the title":
            for other in self.own("Card", owner):
                if other["title"] == card["title"]:
                    other.update(body)
        if self.bug == "changes go to the board's last":
            card = [one for one in self.own("Card", owner) if one["board_id"] == card["board_id"]][-1]
        if self.bug == "null ignored":
            body = {name: value for name, value in body.items() if value is not None}
        if self.bug != "change lost":
            card.update(body)
            return self.told("Card", card)
        return self.told("Card", {**card, **body})

    async def list_cards(self, request: Request, owner: str, body: Any) -> Response:
        query, bug = request.query_params, self.bug
        board, low, high = (whole(request, name, None, None, None) for name in ("board", "min_points", "max_points"))
        states = query.getlist("state")
        limit, sort = whole(request, "limit", 20, 1, 50), query.get("sort", "title,id")
        if any(state not in ("open", "done") for state in states):
            raise Refusal(422)
        if sort not in ("title", "-title", "points", "-points", "newest", "title,id"):
            raise Refusal(422)
        q, prefix = query.get("q", "").casefold(), query.get("title_prefix", "").casefold()
        if bug == "zero is no limit":
            low, high = low or None, high or None
        if bug == "limit 1 is ignored" and limit == 1:
            limit = 20
        cards = [
            card
            for card in self.listed("Card", owner)
            if (board is None or card["board_id"] == board or bug == "board ignored")
            and (not states or card["state"] in (states[:1] if bug == "first state" else states) or bug == "state ignored")
            and (low is None or card["points"] >= low + (bug == "min exclusive"))
            and (high is None or card["points"] <= high or bug == "max ignored")
            and (q in card["title"].casefold() or (q in (card["text"] or "").casefold() and bug != "q in title only"))
            and (
                card["title"].casefold().startswith(prefix) or (bug == "prefix anywhere" and prefix in card["title"].casefold())
            )
        ]
        if bug == "points are compared as texts":
            cards = [one for one in cards if low is None or str(one["points"]) >= str(low)]
        if bug == "conditions are joined by or" and board is not None and states:
            cards = [one for one in self.own("Card", owner) if one["board_id"] == board or one["state"] in states]
        if bug == "searches take patterns" and q:
            cards = [one for one in self.own("Card", owner) if re.search(q.replace("%", ".*"), one["title"].casefold())]
        if bug == "searches end at the first word" and " " in q:
            cards = [one for one in self.own("Card", owner) if q.split()[0] in one["title"].casefold()]
        if bug == "case of searches counts" and q:
            cards = [one for one in cards if query["q"] in one["title"] or query["q"] in (one["text"] or "")]
        if bug == "an unknown board shows all" and board is not None and not any(one["board_id"] == board for one in cards):
            cards = self.own("Card", owner)
        key = sort.lstrip("-")
        if key == "newest":
            cards.sort(key=lambda card: (card["created_at"], card["id"]), reverse=True)
        elif key == "title,id":
            backwards = -1 if bug == "equal ones come backwards" else 1
            cards.sort(key=lambda card: (card["title"], backwards * card["id"]))
        elif bug != "sort ignored":
            cards.sort(
                key=lambda card: str(card[key]) if bug == "numbers are ordered as texts" else card[key],
                reverse=sort.startswith("-") and bug != "minus ignored",
            )
        start = self.behind(cards, query.get("cursor", ""))
        part = cards[start : start + limit]
        if bug == "pages are ordered one by one":
            part.sort(key=lambda card: -card["id"])
        if bug == "the last page is empty" and start and start + limit >= len(cards):
            part = []
        if bug == "a cursor forgets the conditions" and start:
            part = self.own("Card", owner)[start : start + limit]
        more = start + limit < len(cards)
        following = base64.b64encode(f"after {part[-1]['id']}".encode()).decode() if more else None
        told = {"items": [self.shown("Card", card) for card in part], "total": self.total(cards, owner), "more": more}
        told["next_cursor"] = None if bug == "no next" else following
        if bug == "always more":
            told["more"] = True
        return JSONResponse(told)

    def total(self, cards: list[Record], owner: str) -> int:
        if self.bug == "totals are of all organizations":
            return len(self.kept["Card"])
        if self.bug == "totals know no conditions":
            return len(self.own("Card", owner))
        return min(len(cards), 5) if self.bug == "totals end at five" else len(cards)

    def behind(self, cards: list[Record], cursor: str) -> int:
        if not cursor or self.bug == "cursor ignored":
            return 0
        try:
            word, _, id = base64.b64decode(cursor, validate=True).decode().partition(" ")
            place = [card["id"] for card in cards].index(int(id))
        except ValueError as error:
            raise Refusal(422) from error
        if word != "after":
            raise Refusal(422)
        return place + {"cursor repeats": 0, "cursor skips": 2}.get(self.bug, 1)


def number(request: Request, name: str) -> int:
    text = request.path_params[name]
    if not text.removeprefix("-").isdecimal() or not text.isascii():
        raise Refusal(422)
    return int(text)


def whole(request: Request, name: str, default: Any, least: int | None, most: int | None) -> Any:
    if name not in request.query_params:
        return default
    text = request.query_params[name]
    if not (text.isascii() and text.removeprefix("-").isdecimal()):
        raise Refusal(422)
    value = int(text)
    if (least is not None and value < least) or (most is not None and value > most):
        raise Refusal(422)
    return value


def create_app(bug: str = "", clock: Clock = true_clock) -> Starlette:
    """Return the API; each has a state of its own."""
    boards = Boards(bug, clock)

    def route(path: str, method: str, operation: Callable[[Request, str, Any], Awaitable[Response]]) -> Route:
        async def answer(request: Request) -> Response:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            if bug == "tokens are compared up to their length" and token:
                token = next((one for one in TOKENS if one.startswith(token)), token)
            if bug == "reads are open to all" and method == "GET":
                scheme, token = "bearer", token if token in TOKENS else "home-token"
            if scheme.lower() != "bearer" or (token not in TOKENS and bug != "any token"):
                return JSONResponse({"message": "who are you?"}, 401, {"WWW-Authenticate": "Bearer"})
            body: Any = {}
            try:
                if method in ("POST", "PATCH"):
                    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
                        raise Refusal(415)
                    try:
                        body = await request.json()
                    except (ValueError, RecursionError) as error:
                        raise Refusal(400 if await request.body() else 422) from error
                    if not isinstance(body, dict):
                        raise Refusal(422)
                if bug == "the caller is kept among requests":  # a variable of the module
                    boards.caller = TOKENS.get(token, "home")
                    await asyncio.sleep(0.002)
                    return await operation(request, boards.caller, body)
                if bug == "changes begin with what was read" and method == "PATCH":
                    id = request.path_params["card_id"]
                    before = dict(boards.kept["Card"].get(int(id), {})) if id.isdecimal() else {}
                    await asyncio.sleep(0.002)
                    if before and int(id) in boards.kept["Card"]:
                        boards.kept["Card"][int(id)].update(before)
                if bug == "ids of simultaneous cards meet" and method == "POST" and "card" in path:
                    following = max(boards.kept["Card"], default=0) + 1
                    await asyncio.sleep(0.002)
                    boards.ids["Card"] = itertools.count(following)
                if bug == "some that are simultaneous are lost" and method == "POST" and "card" in path:
                    boards.other_calls += 1
                    try:
                        answer = await operation(request, TOKENS.get(token, "home"), body)
                        await asyncio.sleep(0.002)
                        if boards.other_calls > 1:
                            boards.kept["Card"].pop(max(boards.kept["Card"]))
                    finally:
                        boards.other_calls -= 1
                    return answer
                return await operation(request, TOKENS.get(token, "home"), body)
            except Refusal as refusal:
                return JSONResponse({"message": "no"}, refusal.status)

        return Route(path, answer, methods=[method])

    routes = [
        route("/users", "POST", boards.named("User")),
        route("/users/{user_id}", "DELETE", boards.remove_user),
        route("/labels", "POST", boards.named("Label")),
        route("/labels/{label_id}", "DELETE", boards.remove_label),
        route("/boards", "GET", boards.list_boards),
        route("/boards", "POST", boards.named("Board")),
        route("/boards/{board_id}", "GET", boards.get_board),
        route("/boards/{board_id}", "DELETE", boards.remove_board),
        route("/cards", "GET", boards.list_cards),
        route("/cards", "POST", boards.add_card),
        route("/cards/{card_id}", "GET", boards.get_card),
        route("/cards/{card_id}", "PATCH", boards.change_card),
    ]

    async def refused(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return JSONResponse({"message": "no"}, status)

    return Starlette(routes=routes, exception_handlers={HTTPException: refused})


BUGS = (
    *("any token", "leak Board", "leak Card", "200 for 201", "points fixed", "state kept", "null ignored", "change lost"),
    *("unknown board_id", "unknown assignee_id", "unknown label", "cards stay", "all cards go", "board stays"),
    *("reviewer goes", "assignee stays", "label stays", "counts all cards", "never counts"),
    *("board ignored", "state ignored", "first state", "min exclusive", "max ignored", "q in title only", "prefix anywhere"),
    *("sort ignored", "minus ignored", "cursor ignored", "cursor repeats", "cursor skips", "no next", "always more"),
    *("pages from 0", "page too long", "total of page", "no link", "oldest first"),
)
MORE_BUGS = (
    *("removed are listed: Card", "removed are listed: Board", "counts up to two"),
    *("others do for assignee_id", "others do for board_id", "removed boards take cards", "changes do not check references"),
    *("what is falsy gets its default", "what is falsy is not changed"),
    *("only the first label is kept", "a change of nothing fails", "changes reset points", "done cards never open"),
    *("changes move the time of making", "changes go to all of the title", "changes go to the board's last"),
    *("zero is no limit", "limit 1 is ignored", "points are compared as texts", "conditions are joined by or"),
    *("searches take patterns", "searches end at the first word", "case of searches counts", "an unknown board shows all"),
    *("equal ones come backwards", "numbers are ordered as texts"),
    *("pages are ordered one by one", "the last page is empty", "a cursor forgets the conditions"),
    *("totals are of all organizations", "totals know no conditions", "totals end at five"),
    *("tokens are compared up to their length", "reads are open to all"),
    *("the caller is kept among requests", "changes begin with what was read", "ids of simultaneous cards meet"),
    *("some that are simultaneous are lost",),
)
"""What a careless colleague gets wrong."""
