"""Tickets: their list beneath a site, and what is done to one."""

from __future__ import annotations

import asyncio
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
Expand = Annotated[str, Query(pattern="^(|(assignee|author)(,(assignee|author))*)$")]


def shown(works: Works, ticket: Record, expand: str = "") -> Record:
    asked = set(expand.split(",")) if expand else set()
    bug = works.bug
    if bug == "all is expanded":
        asked = {"assignee", "author"}
    if bug == "expand takes one":
        asked = set(expand.split(",")[:1]) if expand else set()
    if bug == "expand is ignored":
        asked = set()
    fields = {"author": "author_id", "assignee": "author_id" if bug == "the author is the assignee" else "assignee_id"}
    users = {name: works.kept["User"].get(ticket[fields[name]]) for name in sorted(asked)}
    told = {name: works.told(user) for name, user in users.items() if user is not None}
    return works.told(ticket, notes=len(works.of("Note", ticket["org"], ticket_id=ticket["id"])), **told)


def answer_of(works: Works, ticket: Record, status: int = 200, expand: str = "", **headers: str) -> Response:
    told = shown(works, ticket, expand)
    tag = ticket.setdefault("first_tag", works.tag_of(ticket, told)) if works.bug == "tag stays" else works.tag_of(ticket, told)
    return works.answer(told, status, ETag=None if works.bug == "no tag" else tag, **headers)


def check_match(request: Request, works: Works, ticket: Record) -> None:
    """Refuse a change of what has changed meanwhile."""
    header, bug = request.headers.get("if-match"), works.bug
    if header is None or header.strip() == "*" or bug == f"If-Match is ignored: {request.method}":
        return
    if bug == "weak tags match":
        header = header.replace("W/", "")
    if works.tag_of(ticket, shown(works, ticket)) not in [one.strip() for one in header.split(",")]:
        raise Refusal(412, "it has changed meanwhile")


def check_assignee(caller: Caller, sent: Record) -> None:
    bug, id = caller.works.bug, sent.get("assignee_id")
    if id is None or bug == "anybody is assigned" or (bug == "anybody is assigned later" and "state" in sent):
        return
    if bug == "others are assigned" and id in caller.works.kept["User"]:
        return
    caller.works.get("User", caller.org, id, 404 if bug == "unknown assignee is 404" else 422)


def new_ticket(caller: Caller, site: Record, body: NewTicket) -> Record:
    check_assignee(caller, body.filled())
    return caller.works.make(
        "Ticket",
        caller.org,
        site_id=site["id"],
        state="open",
        author_id=None if caller.works.bug == "tickets have no author" else caller.session["user_id"],
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
    bug = works.bug
    if bug != "no site has no tickets":
        works.get("Site", caller.org, site_id)
    if state and bug == "the first state counts":
        state = state[:1]
    tickets = [
        ticket
        for ticket in works.of("Ticket", caller.org)
        if (ticket["site_id"] == site_id or bug == "tickets of all sites")
        and (not state or ticket["state"] in state or bug == "state is ignored")
        and (assignee_id is None or ticket["assignee_id"] == assignee_id or bug == "assignee is ignored")
        and (unassigned is None or (ticket["assignee_id"] is None) == is_true(works, unassigned))
        and (min_priority is None or ticket["priority"] >= min_priority + (bug == "least is not included"))
        and (max_priority is None or ticket["priority"] <= max_priority or bug == "most is ignored")
        and is_between(works, ticket["due"], due_from, due_before)
    ]
    if sort == "urgent":
        tickets.sort(key=lambda ticket: ticket["created_at"], reverse=bug != "urgent has the oldest first")
        tickets.sort(key=lambda ticket: ticket["priority"], reverse=True)
    elif bug != "tickets are in the order of making":
        tickets.sort(key=lambda ticket: ticket[sort.lstrip("-")], reverse=sort.startswith("-"))
    if bug == "the newest tickets come first" and sort == "created_at":
        tickets.reverse()
    first = (page - (bug != "pages begin with 0")) * per_page
    part = tickets[first : first + per_page]
    pages = page + 1 if bug == "there is always a next page" else -(-len(tickets) // per_page)
    link = None if bug == "no Link" else link_of(request, works, page, pages)
    told = [shown(works, ticket, expand if bug != "lists are never expanded" else "") for ticket in part]
    return works.answer(told, X_Total_Count=str(works.total(tickets, part, "Ticket")), Link=link)


def is_true(works: Works, text: str) -> bool:
    return text == "true" or works.bug == "false is true"


def is_between(works: Works, due: date | None, least: date | None, end: date | None) -> bool:
    if least is None and end is None:
        return True
    if due is None:
        return works.bug == "no day fits every range"
    if end is not None and due == end:
        return works.bug == "the end of a range is included"
    return (least is None or due >= least or works.bug == "due_from is ignored") and (end is None or due < end)


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
    told = made or ([] if works.bug != "what is repeated is told again" else works.of("Ticket", caller.org)[-1:])
    for ticket in told if answer.status_code == 201 else ():
        await tell(caller, "ticket.added", shown(works, ticket))
    return answer


@router.post("/sites/{site_id}/tickets/bulk")
async def add_tickets(caller: Calling, site_id: str, body: NewTickets) -> Response:
    works = caller.works
    bug, site = works.bug, works.get("Site", caller.org, site_id)
    for one in body.tickets if bug != "the first of many are kept" else ():
        check_assignee(caller, one.filled())
    wanted = {"only one of many": body.tickets[:1], "many come backwards": body.tickets[::-1]}.get(bug, body.tickets)
    made = [new_ticket(caller, site, one) for one in wanted]
    for ticket in made if bug == "priorities of many are lost" else ():
        ticket["priority"] = 3
    return works.answer({"tickets": [shown(works, ticket) for ticket in made]}, 201)


@router.get("/tickets/{ticket_id}")
async def get_ticket(request: Request, caller: Calling, ticket_id: TicketId, expand: Expand = "") -> Response:
    works = caller.works
    answer = answer_of(works, works.get("Ticket", caller.org, ticket_id), expand=expand)
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if works.bug == "If-None-Match is ignored":
        return answer
    if answer.headers.get("etag") in known or known == ["*"] or (known != [""] and works.bug == "nothing ever changed"):
        return Response(status_code=304, headers={"ETag": answer.headers.get("etag", "")})
    return answer


@router.patch("/tickets/{ticket_id}")
async def change_ticket(request: Request, caller: Calling, ticket_id: TicketId, body: TicketChange) -> Response:
    works, sent, bug = caller.works, body.sent(), caller.works.bug
    ticket = works.get("Ticket", caller.org, ticket_id)
    if bug == "null changes nothing":
        sent = {name: value for name, value in sent.items() if value is not None}
    if bug == "what is not sent is cleared":
        sent = {"text": None, "due": None, **sent}
    if bug == "state is not changed":
        sent.pop("state", None)
    check_match(request, works, ticket)
    check_assignee(caller, sent)
    state: Any = sent.get("state", ticket["state"])
    if state != ticket["state"] and state not in FOLLOWING[ticket["state"]] and bug != "any state follows":
        raise Refusal(works.ways.refuses_a_step_with, f"what is {ticket['state']} does not become {state}")
    if bug == "changes are answered and not kept":
        return answer_of(works, {**ticket, **sent})
    works.change(ticket, sent)
    return answer_of(works, ticket)


@router.delete("/tickets/{ticket_id}")
async def remove_ticket(request: Request, caller: Calling, ticket_id: TicketId) -> Response:
    works = caller.works
    caller.has_to_be("manager", "worker")
    ticket = works.get("Ticket", caller.org, ticket_id)
    check_match(request, works, ticket)
    notes = works.of("Note", caller.org, ticket_id=ticket_id)
    if works.bug == "tickets with notes stay" and notes:
        raise Refusal(409, "it has notes")
    for note in works.of("Note", caller.org) if works.bug == "all notes go" else notes:
        if works.bug != "notes stay":
            works.drop("Note", note)
    works.drop("Ticket", ticket)
    return Response(status_code=204)


@router.post("/tickets/{ticket_id}/complete")
async def complete_ticket(request: Request, caller: Calling, ticket_id: TicketId) -> Response:
    works = caller.works
    ticket = works.get("Ticket", caller.org, ticket_id)
    bug, before = works.bug, shown(works, ticket)
    if bug == "states are looked up too early":
        was = ticket["state"]
        await asyncio.sleep(0.002)
        ticket["state"] = was
    allowed = {"completed twice": ("open", "started", "done"), "dropped is completed": ("open", "started", "dropped")}
    if ticket["state"] not in allowed.get(bug, ("started",) if bug == "only started is completed" else ("open", "started")):
        if bug == "told though refused":
            await tell(caller, "ticket.completed", before)
        raise Refusal(409, f"it is {ticket['state']}")
    check_match(request, works, ticket)
    done_at = {"done_at is not set": None, "done_at is when it was made": ticket["created_at"]}.get(bug, works.now())
    works.change(ticket, {"state": "started" if bug == "completed is started" else "done", "done_at": done_at})
    answer = answer_of(works, ticket)
    await tell(caller, "ticket.completed", before if bug == "what was before is told" else shown(works, ticket))
    return answer
