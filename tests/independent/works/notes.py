"""What is written to tickets, what is found, and reports that take a while."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from .models import AskedNumber, NewNote, NewReport, NoteChange
from .state import Calling, Record, Refusal, Works
from .tickets import TicketId

router = APIRouter()


@router.get("/tickets/{ticket_id}/notes")
async def list_notes(
    caller: Calling,
    ticket_id: TicketId,
    limit: Annotated[AskedNumber, Query(ge=1, le=50)] = 10,
    offset: Annotated[AskedNumber, Query(ge=0)] = 0,
) -> Response:
    works = caller.works
    bug = works.bug
    works.get("Ticket", caller.org, ticket_id)
    notes = works.of("Note", caller.org) if bug == "notes of all tickets" else works.of("Note", caller.org, ticket_id=ticket_id)
    if bug != "the oldest notes come first":
        notes.reverse()
    first = {"offset is ignored": 0, "offset is a page": offset * limit, "offset is from 1": max(offset - 1, 0)}.get(
        bug, offset
    )
    page = notes[first : first + limit]
    more = offset + limit < len(notes) + (bug == "there is more at the very end")
    items = [works.told(note) for note in page]
    return works.answer({"items": items, "total": works.total(notes, page, "Note"), "has_more": more})


@router.post("/tickets/{ticket_id}/notes")
async def add_note(caller: Calling, ticket_id: TicketId, body: NewNote) -> Response:
    works = caller.works
    works.get("Ticket", caller.org, ticket_id)
    author = None if works.bug == "notes have no author" else caller.session["user_id"]
    note = works.make("Note", caller.org, ticket_id=ticket_id, text=body.text, author_id=author, created_at=works.now())
    return works.answer(works.told(note), 201)


@router.patch("/notes/{note_id}")
async def change_note(caller: Calling, note_id: str, body: NoteChange) -> Response:
    works = caller.works
    note = works.get("Note", caller.org, note_id)
    if note["author_id"] != caller.session["user_id"] and works.bug != "anybody changes notes":
        raise Refusal(403, "it is of somebody else")
    works.change(note, body.sent())
    return works.answer(works.told(note))


@router.get("/search")
async def search(caller: Calling, q: Annotated[str, Query(min_length=1)]) -> Response:
    works, bug = caller.works, caller.works.bug

    def fits(text: str | None) -> bool:
        if text is None:
            return False
        if bug == "case of searches counts":
            return q in text
        return (
            text.casefold().startswith(q.casefold())
            if bug == "searches are for beginnings"
            else q.casefold() in text.casefold()
        )

    sites, tickets = works.of("Site", caller.org), works.of("Ticket", caller.org)
    if bug == "searches look everywhere":
        sites, tickets = list(works.kept["Site"].values()), list(works.kept["Ticket"].values())
    found: list[Record] = [{"kind": "site", "id": site["id"], "name": site["name"]} for site in sites if fits(site["name"])]
    also = [
        {"kind": "ticket", "id": ticket["id"], "title": ticket["title"], "href": href(works, ticket)}
        for ticket in tickets
        if fits(ticket["title"]) or (fits(ticket["text"]) and bug != "only titles are searched")
    ]
    if bug == "only sites are found":
        also = []
    return works.answer({"hits": also + found if bug == "tickets are found first" else found + also})


def href(works: Works, ticket: Record) -> str:
    return f"/sites/{ticket['site_id']}" if works.bug == "hits lead to the site" else f"/tickets/{ticket['id']}"


def report_told(works: Works, report: Record) -> dict[str, Any]:
    age = (works.now() - report["created_at"]).total_seconds()
    if works.bug == "reports are never ready":
        age = 0
    if works.bug == "reports are ready at once":
        age = 3
    return works.told(report, status="waiting" if age < 1 else "making" if age < 3 else "ready")


@router.get("/notes/{note_id}")
async def get_note(caller: Calling, note_id: str) -> Response:
    return caller.works.answer(caller.works.told(caller.works.get("Note", caller.org, note_id)))


@router.post("/reports")
async def start_report(caller: Calling, body: NewReport) -> Response:
    works = caller.works
    if works.bug != "reports of no site":
        works.get("Site", caller.org, body.site_id, 422)
    report = works.make("Report", caller.org, **body.filled(), created_at=works.now())
    status = 200 if works.bug == "reports are answered 200" else 202
    return works.answer(report_told(works, report), status, Location=works.place(f"/reports/{report['id']}"))


@router.get("/reports/{report_id}")
async def get_report(caller: Calling, report_id: str) -> Response:
    return caller.works.answer(report_told(caller.works, caller.works.get("Report", caller.org, report_id)))
