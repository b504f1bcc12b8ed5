"""What one deployment keeps: records by kind, in plain dicts, and what every part of it needs of them."""

from __future__ import annotations

import hashlib
import itertools
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import Response

from .ways import USUAL, Ways

Record = dict[str, Any]
KINDS = ("User", "Session", "Site", "Ticket", "Note", "Hook", "Report")
HIDDEN = {"org", "password", "secret", "number", "version", "first_tag", "counts"}
MANAGERS = {
    "home": {"email": "mary@home.example", "password": "a manager at home"},
    "away": {"email": "abel@away.example", "password": "a manager away"},
}
TOKENS = {"home-token": "home", "away-token": "away"}


class Refusal(Exception):  # noqa: N818 (it is an answer)
    def __init__(self, status: int, why: str) -> None:
        super().__init__(status, why)
        self.status, self.why = status, why


class Works:
    """The state of one deployment. `bug` names what is done wrong."""

    def __init__(self, bug: str = "", ways: Ways = USUAL) -> None:
        self.bug, self.ways = bug, ways
        self.kept: dict[str, dict[Any, Record]] = {kind: {} for kind in KINDS}
        self.numbers = {kind: itertools.count(1) for kind in KINDS}
        self.answers: dict[tuple[str, str], tuple[str, Response]] = {}
        self.cursors: dict[str, Any] = {}
        self.sent = 0
        self.gone: list[Record] = []
        self.late: list[Record] = []
        self.deliver: Callable[[str, dict[str, str], bytes], Any] | None = None
        for token, org in TOKENS.items():
            user = self.make("User", org, name=None, role="manager", created_at=self.now(), **MANAGERS[org])
            self.make("Session", org, token=token, user_id=user["id"], expires_at=None)
            self.seed(org, user)

    def seed(self, org: str, user: Record) -> None:
        """Make what is there before anybody calls."""
        for number in range(self.ways.seeded):
            of_site = {"description": None, "status": "active", "tags": ["two"], **self.times_of_new()}
            site = self.make("Site", org, name=f"Older {number}", **of_site)
            of_ticket = {"text": "e", "priority": 3, "due": None, "assignee_id": None, "author_id": user["id"], "done_at": None}
            ticket = self.make(
                "Ticket", org, site_id=site["id"], title="older", state="open", **of_ticket, **self.times_of_new()
            )
            self.make("Note", org, ticket_id=ticket["id"], text="an older one", author_id=None, created_at=self.now())

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.ways.clock(time.time()), UTC)

    def of(self, kind: str, org: str, **values: Any) -> list[Record]:
        """Return the records of an organization that have these values, in the order in which they were made."""
        return [
            record
            for record in self.kept[kind].values()
            if (record["org"] == org or self.bug == f"all organizations: {kind}")
            and all(record[name] == value for name, value in values.items())
        ]

    def get(self, kind: str, org: str, id: object, status: int = 404) -> Record:
        record = self.kept[kind].get(id)
        if record is None or (record["org"] != org and self.bug != f"others see: {kind}"):
            raise Refusal(status, f"no {kind} {id!r:.80}")
        return record

    def make(self, kind: str, org: str, **values: Any) -> Record:
        number = next(self.numbers[kind])
        if self.bug == "ids used again":
            number = max((one["number"] for one in self.kept[kind].values()), default=0) + 1
        if kind == "Ticket":
            id: Any = self.ways.ticket_number(number)
        else:
            id = self.ways.new_id(kind, number)
        record = {"id": id, "org": org, "number": number, "version": 1, **values}
        self.kept[kind][id] = record
        return record

    def change(self, record: Record, values: Record) -> None:
        """Change what a record holds, and when it was changed, where that is kept."""
        changed = any(record[name] != value for name, value in values.items())
        record.update(values)
        record["version"] += 1
        if "updated_at" in record and (changed or self.ways.changed_when_unchanged) and self.bug != "time of change stays":
            record["updated_at"] = self.now()
        if self.bug == "time of making moves":
            record["created_at"] = self.now()

    def drop(self, kind: str, record: Record) -> None:
        if self.bug != f"stays: {kind}":
            del self.kept[kind][record["id"]]

    def times_of_new(self) -> Record:
        now = self.now()
        return {"created_at": now, "updated_at": now if self.ways.changed_when_new else None}

    # How it is told

    def told(self, record: Record, **more: Any) -> Record:
        hidden = HIDDEN - {"password", "secret"} if self.bug == "secrets are shown" else HIDDEN
        shown = {name: self.value(value) for name, value in record.items() if name not in hidden}
        return {**shown, **more}

    def total(self, whole: list[Record], part: list[Record], kind: str) -> int:
        """Return how many there are of a list of which a part is shown."""
        if self.bug == "totals are of all organizations":
            return len(self.kept[kind])
        return len(part if self.bug == "totals are of the page" else whole)

    def value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return self.ways.time(value)
        return value.isoformat() if isinstance(value, date) else value

    def answer(self, value: Any, status: int = 200, **headers: str | None) -> Response:
        """Return an answer; of its headers, those that are None are left out."""
        value = {**self.ways.more, **value} if isinstance(value, dict) else value
        named = {name.replace("_", "-"): text for name, text in headers.items() if text is not None}
        return Response(self.ways.written(value), status, {**self.ways.headers, **named}, self.ways.media_type)

    def place(self, path: str) -> str:
        return f"https://works.example{path}" if self.ways.absolute_links else path

    def tag_of(self, record: Record, shown: Record) -> str:
        if self.bug == "tag of every answer is another":
            return f'"{secrets.token_hex(8)}"'
        if self.bug == "tag is of the id":
            return f'"{record["id"]}"'
        if self.bug == "tag knows nothing of notes":
            return f'"{record["id"]}-{record["version"]}"'
        if self.ways.tag == "version":
            return f'"{record["id"]}-{record["version"]}-{shown["notes"]}"'
        return f'"{hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:20]}"'


@dataclass(frozen=True)
class Caller:
    """Whoever calls: the works, the organization, and the session by whose token it was let in."""

    works: Works
    org: str
    session: Record

    @property
    def user(self) -> Record:
        return self.works.kept["User"][self.session["user_id"]]

    def has_to_be(self, *roles: str) -> None:
        if self.works.bug == "roles are not looked at":
            return
        if self.user["role"] not in (*roles, *(("worker",) if self.works.bug == "workers are managers" else ())):
            raise Refusal(404 if self.works.bug == "role is told as 404" else 403, f"not for a {self.user['role']}")


def works_of(request: Request) -> Works:
    works: Works = request.app.state.works
    return works


def caller_of(request: Request) -> Caller:
    works = works_of(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    for session in list(works.kept["Session"].values()):
        if works.bug == "any token lets in" or (
            scheme.lower() == "bearer" and secrets.compare_digest(session["token"].encode(), token.encode())
        ):
            ends = session["expires_at"]
            if session in works.late:
                works.late.remove(session)
                works.drop("Session", session)
            if ends is None or ends > works.now():
                return Caller(works, session["org"], session)
    raise Refusal(401, "who are you?")


Here = Annotated[Works, Depends(works_of)]
Calling = Annotated[Caller, Depends(caller_of)]
