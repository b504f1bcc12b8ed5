"""Tickets: their list beneath a site, and what is done to one."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from .hooks import tell
from .models import AskedNumber, Day, NewTicket, NewTickets, State, TicketChange
from .once import once
from .state import Caller, Calling, Record, Refusal, Works

router = APIRouter()
FOLLOWING = {
    "open": ("started", "done", "dropped"),
    "started": ("open", "done", "dropped"),
    "done": ("started",),
    "dropped": (),
}
TicketId = Annotated[AskedNumber, Path(ge=1)]
Expand = Annotated[str, Query()]


def shown(works: Works, ticket: Record, expand: str = "") -> Record:
    asked = set(expand.split(",")) if expand else set()
    if asked - {"assignee", "author"}:
        raise Refusal(422, "what is that?")
    users = {name: works.kept["User"].get(ticket[f"{name}_id"]) for name in sorted(asked)}
    told = {name: works.told(user) for name, user in users.items() if user is not None}
    return works.told(ticket, notes=len(works.of("Note", ticket["org"], ticket_id=ticket["id"])), **told)


def answer_of(works: Works, ticket: Record, status: int = 200, expand: str = "", **headers: str) -> Response:
    told = shown(works, ticket, expand)
    return works.answer(told, status, ETag=works.tag_of(ticket, told), **headers)


def check_match(request: Request, works: Works, ticket: Record) -> None:
    """Refuse a change of what has changed meanwhile."""
    header = request.headers.get("if-match")
    if header is None or header.strip() == "*":
        return
    if works.tag_of(ticket, shown(works, ticket)) not in [one.strip() for one in header.split(",")]:
        raise Refusal(412, "it has changed meanwhile")


def check_assignee(caller: Caller, sent: Record) -> None:
    if sent.get("assignee_id") is not None:
        caller.works.get("User", caller.org, sent["assignee_id"], 422)


def new_ticket(caller: Caller, site: Record, body: NewTicket) -> Record:
    check_assignee(caller, body.filled())
    return caller.works.make(
        "Ticket",
        caller.org,
        site_id=site["id"],
        state="open",
        author_id=caller.session["user_id"],
        done_at=None,
        **body.filled(),
        **caller.works.times_of_new(),
    )


@router.get("/sites/{site_id}/tickets")
async def list_tickets(
    request: Request,
    caller: Calling,
    site_id: str,
    state: Annotated[list[State] | None, Query()] = None,
    assignee_id: str | None = None,
    unassigned: Literal["true", "false"] | None = None,
    min_priority: AskedNumber | None = None,
    max_priority: AskedNumber | None = None,
    due_from: Day = None,
    due_before: Day = None,
    sort: Literal["created_at", "-created_at", "priority", "-priority", "urgent"] = "created_at",
    page: Annotated[AskedNumber, Query(ge=1)] = 1,
    per_page: Annotated[AskedNumber, Query(ge=1, le=50)] = 10,
    expand: Expand = "",
) -> Response:
    works = caller.works
    works.get("Site", caller.org, site_id)
    tickets = [
        ticket
        for ticket in works.of("Ticket", caller.org, site_id=site_id)
        if (not state or ticket["state"] in state)
        and (assignee_id is None or ticket["assignee_id"] == assignee_id)
        and (unassigned is None or (ticket["assignee_id"] is None) == (unassigned == "true"))
        and (min_priority is None or ticket["priority"] >= min_priority)
        and (max_priority is None or ticket["priority"] <= max_priority)
        and is_between(ticket["due"], due_from, due_before)
    ]
    if sort == "urgent":
        tickets.sort(key=lambda ticket: (ticket["priority"], ticket["created_at"], ticket["id"]), reverse=True)
    else:
        tickets.sort(key=lambda ticket: ticket[sort.lstrip("-")], reverse=sort.startswith("-"))
    first = (page - 1) * per_page
    part = tickets[first : first + per_page]
    link = link_of(request, works, page, -(-len(tickets) // per_page))
    told = [shown(works, ticket, expand) for ticket in part]
    return works.answer(told, X_Total_Count=str(len(tickets)), Link=link)


def is_between(due: date | None, least: date | None, end: date | None) -> bool:
    if least is None and end is None:
        return True
    return due is not None and (least is None or due >= least) and (end is None or due < end)


def link_of(request: Request, works: Works, page: int, pages: int) -> str | None:
    wanted = {"next": page + 1} if page < pages else {}
    if works.ways.all_links:
        wanted |= {"first": 1, "last": max(pages, 1), **({"prev": page - 1} if page > 1 else {})}
    url = request.url.include_query_params
    links = [
        f'<{url(page=number) if works.ways.absolute_links else "?" + url(page=number).query}>; rel="{name}"'
        for name, number in wanted.items()
    ]
    return ", ".join(links) or None


@router.post("/sites/{site_id}/tickets")
async def add_ticket(request: Request, caller: Calling, site_id: str, body: NewTicket) -> Response:
    works = caller.works
    made: list[Record] = []

    def add() -> Response:
        ticket = new_ticket(caller, works.get("Site", caller.org, site_id), body)
        made.append(ticket)
        return answer_of(works, ticket, 201, Location=works.place(f"/tickets/{ticket['id']}"))

    answer = await once(request, caller, add)
    for ticket in made:
        await tell(caller, "ticket.added", shown(works, ticket))
    return answer


@router.post("/sites/{site_id}/tickets/bulk")
async def add_tickets(caller: Calling, site_id: str, body: NewTickets) -> Response:
    works = caller.works
    site = works.get("Site", caller.org, site_id)
    for one in body.tickets:
        check_assignee(caller, one.filled())
    return works.answer({"tickets": [shown(works, new_ticket(caller, site, one)) for one in body.tickets]}, 201)


@router.get("/tickets/{ticket_id}")
async def get_ticket(request: Request, caller: Calling, ticket_id: TicketId, expand: Expand = "") -> Response:
    works = caller.works
    answer = answer_of(works, works.get("Ticket", caller.org, ticket_id), expand=expand)
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if answer.headers["etag"] in known or known == ["*"]:
        return Response(status_code=304, headers={"ETag": answer.headers["etag"]})
    return answer


@router.patch("/tickets/{ticket_id}")
async def change_ticket(request: Request, caller: Calling, ticket_id: TicketId, body: TicketChange) -> Response:
    works, sent = caller.works, body.sent()
    ticket = works.get("Ticket", caller.org, ticket_id)
    check_match(request, works, ticket)
    check_assignee(caller, sent)
    state: Any = sent.get("state", ticket["state"])
    if state != ticket["state"] and state not in FOLLOWING[ticket["state"]]:
        raise Refusal(409, f"what is {ticket['state']} does not become {state}")
    works.change(ticket, sent)
    return answer_of(works, ticket)


@router.delete("/tickets/{ticket_id}")
async def remove_ticket(request: Request, caller: Calling, ticket_id: TicketId) -> Response:
    works = caller.works
    caller.has_to_be("manager", "worker")
    ticket = works.get("Ticket", caller.org, ticket_id)
    check_match(request, works, ticket)
    for note in works.of("Note", caller.org, ticket_id=ticket_id):
        works.drop("Note", note)
    works.drop("Ticket", ticket)
    return Response(status_code=204)


@router.post("/tickets/{ticket_id}/complete")
async def complete_ticket(request: Request, caller: Calling, ticket_id: TicketId) -> Response:
    works = caller.works
    ticket = works.get("Ticket", caller.org, ticket_id)
    if ticket["state"] not in ("open", "started"):
        raise Refusal(409, f"it is {ticket['state']}")
    check_match(request, works, ticket)
    works.change(ticket, {"state": "done", "done_at": works.now()})
    answer = answer_of(works, ticket)
    await tell(caller, "ticket.completed", shown(works, ticket))
    return answer
