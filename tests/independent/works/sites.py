"""Sites: their list in pages by cursor, and what is done to one."""

from __future__ import annotations

import base64
import secrets
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from .models import AskedNumber, SiteInput, Status
from .once import once
from .state import Caller, Calling, Record, Refusal, Works

router = APIRouter()


def told(works: Works, site: Record) -> Record:
    tickets = works.of("Ticket", site["org"], site_id=site["id"])
    return works.told(site, tickets=len(tickets), open_tickets=sum(ticket["state"] == "open" for ticket in tickets))


def check_name(caller: Caller, name: str, own: Record | None = None) -> None:
    fold = str.casefold if caller.works.ways.names_ignore_case else str
    if any(fold(site["name"]) == fold(name) and site is not own for site in caller.works.of("Site", caller.org)):
        raise Refusal(409, "there is a site of this name")


@router.get("/sites")
async def list_sites(
    caller: Calling,
    status: Annotated[list[Status] | None, Query()] = None,
    tag: str | None = None,
    sort: Literal["name", "-name", "created_at", "-created_at"] = "name",
    limit: Annotated[AskedNumber, Query(ge=1, le=100)] = 20,
    cursor: str | None = None,
) -> Response:
    works = caller.works
    sites = [
        site
        for site in works.of("Site", caller.org)
        if (not status or site["status"] in status)
        and (tag is None or any(tag.casefold() in one.casefold() for one in site["tags"]))
    ]
    key = sort.lstrip("-")
    sites.sort(key=lambda site: site[key], reverse=sort.startswith("-"))
    start = behind(works, sites, cursor) if cursor else 0
    page = sites[start : start + limit]
    more = start + limit < len(sites)
    items = [told(works, site) for site in page]
    return works.answer(
        {"items": items, "next_cursor": cursor_of(works, page[-1]) if more else None}, X_Total_Count=str(len(sites))
    )


def cursor_of(works: Works, site: Record) -> str:
    if works.ways.cursor == "kept":
        cursor = secrets.token_hex(8)
        works.cursors[cursor] = site["id"]
        return cursor
    return base64.urlsafe_b64encode(f"after {site['id']}".encode()).decode()


def behind(works: Works, sites: list[Record], cursor: str) -> int:
    id: Any
    if works.ways.cursor == "kept":
        id = works.cursors.get(cursor)
    else:
        try:
            _, _, id = base64.urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        except ValueError as error:
            raise Refusal(422, "no cursor of ours") from error
    place = next((number for number, site in enumerate(sites) if site["id"] == id), None)
    if place is None:
        raise Refusal(422, "no cursor of ours")
    return place + 1


@router.post("/sites")
async def add_site(request: Request, caller: Calling, body: SiteInput) -> Response:
    works = caller.works

    def add() -> Response:
        check_name(caller, body.name)
        site = works.make("Site", caller.org, **body.filled(), **works.times_of_new())
        return works.answer(told(works, site), 201, Location=works.place(f"/sites/{site['id']}"))

    return await once(request, caller, add)


@router.get("/sites/{site_id}")
async def get_site(caller: Calling, site_id: str) -> Response:
    return caller.works.answer(told(caller.works, caller.works.get("Site", caller.org, site_id)))


@router.put("/sites/{site_id}")
async def replace_site(caller: Calling, site_id: str, body: SiteInput) -> Response:
    works = caller.works
    site = works.get("Site", caller.org, site_id)
    check_name(caller, body.name, site)
    works.change(site, body.filled())
    return works.answer(told(works, site))


@router.delete("/sites/{site_id}")
async def remove_site(caller: Calling, site_id: str) -> Response:
    works = caller.works
    caller.has_to_be("manager")
    site = works.get("Site", caller.org, site_id)
    if works.of("Ticket", caller.org, site_id=site_id):
        raise Refusal(409, "it has tickets")
    for report in works.of("Report", caller.org, site_id=site_id):
        works.drop("Report", report)
    works.drop("Site", site)
    return Response(status_code=204)
