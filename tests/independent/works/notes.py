"""What is written to tickets, what is found, and reports that take a while."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from .models import AskedNumber, NewNote, NewReport
from .state import Calling, Record, Works
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
    works.get("Ticket", caller.org, ticket_id)
    notes = works.of("Note", caller.org, ticket_id=ticket_id)[::-1]
    items = [works.told(note) for note in notes[offset : offset + limit]]
    return works.answer({"items": items, "total": len(notes), "has_more": offset + limit < len(notes)})


@router.post("/tickets/{ticket_id}/notes")
async def add_note(caller: Calling, ticket_id: TicketId, body: NewNote) -> Response:
    works = caller.works
    works.get("Ticket", caller.org, ticket_id)
    author = caller.session["user_id"]
    note = works.make("Note", caller.org, ticket_id=ticket_id, text=body.text, author_id=author, created_at=works.now())
    return works.answer(works.told(note), 201)


@router.get("/search")
async def search(caller: Calling, q: Annotated[str, Query(min_length=1)]) -> Response:
    works, wanted = caller.works, q.casefold()
    hits: list[Record] = [
        {"kind": "site", "id": site["id"], "name": site["name"]}
        for site in works.of("Site", caller.org)
        if wanted in site["name"].casefold()
    ]
    hits += [
        {"kind": "ticket", "id": ticket["id"], "title": ticket["title"], "href": f"/tickets/{ticket['id']}"}
        for ticket in works.of("Ticket", caller.org)
        if wanted in ticket["title"].casefold() or wanted in (ticket["text"] or "").casefold()
    ]
    return works.answer({"hits": hits})


def report_told(works: Works, report: Record) -> dict[str, Any]:
    age = (works.now() - report["created_at"]).total_seconds()
    return works.told(report, status="waiting" if age < 1 else "making" if age < 3 else "ready")


@router.post("/reports")
async def start_report(caller: Calling, body: NewReport) -> Response:
    works = caller.works
    works.get("Site", caller.org, body.site_id, 422)
    report = works.make("Report", caller.org, **body.filled(), created_at=works.now())
    return works.answer(report_told(works, report), 202, Location=works.place(f"/reports/{report['id']}"))


@router.get("/reports/{report_id}")
async def get_report(caller: Calling, report_id: str) -> Response:
    return caller.works.answer(report_told(caller.works, caller.works.get("Report", caller.org, report_id)))
