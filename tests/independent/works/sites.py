"""Sites: their list in pages by cursor, and what is done to one."""

from __future__ import annotations

import asyncio
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
    states = ("open", "started") if works.bug == "started tickets are open ones" else ("open",)
    counts = {"tickets": len(tickets), "open_tickets": sum(ticket["state"] in states for ticket in tickets)}
    if works.bug == "counts are kept":
        counts = site.setdefault("counts", counts)
    if works.bug == "counts are of all sites":
        counts["tickets"] = len(works.of("Ticket", site["org"]))
    return works.told(site, **counts)


def check_name(caller: Caller, name: str, own: Record | None = None) -> None:
    fold = str.casefold if caller.works.ways.ignores_case_of_names else str
    bug, sites = caller.works.bug, caller.works.of("Site", caller.org)
    if bug == "names of other organizations are taken":
        sites = list(caller.works.kept["Site"].values())
    if bug == "names may be taken twice" or (bug == "names may be taken by a change" and own):
        return
    if bug == "its own name is taken":
        own = None
    if any(fold(site["name"]) == fold(name) and site is not own for site in sites):
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
    bug = works.bug
    if status and bug == "the last status counts":
        status = status[-1:]
    sites = [
        site
        for site in works.of("Site", caller.org)
        if (not status or site["status"] in status or bug == "status is ignored")
        and (tag is None or any(has_tag(works, tag, one) for one in site["tags"]) or bug == "tag is ignored")
    ]
    key = sort.lstrip("-")
    if bug != "sites are in the order of making":
        sites.sort(key=lambda site: site[key], reverse=sort.startswith("-") and bug != "minus is ignored")
    start = behind(works, sites, cursor) if cursor and bug != "cursor is ignored" else 0
    end = start + limit + (bug == "a page has one more") - (bug == "a page has one less")
    page = sites[start:end]
    more = (start + limit < len(sites) or bug == "there is always a next page") and bug != "there is never a next page"
    items = [told(works, site) for site in page]
    next_cursor = cursor_of(works, page[-1]) if more and page else None
    total = str(works.total(sites, page, "Site"))
    return works.answer({"items": items, "next_cursor": next_cursor}, X_Total_Count=None if bug == "no total" else total)


def has_tag(works: Works, asked: str, tag: str) -> bool:
    if works.bug == "case of tags is ignored":
        return asked.casefold() == tag.casefold()
    return asked in tag if works.bug == "a part of a tag does" else asked == tag


def cursor_of(works: Works, site: Record) -> str:
    if works.ways.cursor == "kept":
        cursor = secrets.token_hex(8)
        works.cursors[cursor] = site["id"]
        return cursor
    padding = " " * 300 if works.ways.cursor == "long" else ""
    return base64.urlsafe_b64encode(f"after {site['id']}{padding}".encode()).decode()


def behind(works: Works, sites: list[Record], cursor: str) -> int:
    id: Any
    if works.ways.cursor == "kept":
        id = works.cursors.get(cursor)
    else:
        try:
            _, _, id = base64.urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        except ValueError as error:
            raise Refusal(422, "no cursor of ours") from error
    place = next((number for number, site in enumerate(sites) if site["id"] == (id or "").strip()), None)
    if place is None:
        raise Refusal(422, "no cursor of ours")
    return place + {"cursor repeats": 0, "cursor skips": 2}.get(works.bug, 1)


@router.post("/sites")
async def add_site(request: Request, caller: Calling, body: SiteInput) -> Response:
    works = caller.works
    if works.bug == "names are looked up too early":
        check_name(caller, body.name)
        await asyncio.sleep(0.002)

    def add() -> Response:
        if works.bug != "names are looked up too early":
            check_name(caller, body.name)
        filled = body.filled()
        if works.bug == "names are trimmed":
            filled["name"] = filled["name"].strip()
        if works.bug == "new sites are active":
            filled["status"] = "active"
        site = works.make("Site", caller.org, **filled, **works.times_of_new())
        path = {"Location of the list": "/sites", "Location is elsewhere": f"/site/{site['id']}"}.get(works.bug)
        location = None if works.bug == "no Location" else works.place(path or f"/sites/{site['id']}")
        return works.answer(told(works, site), 200 if works.bug == "200 for 201" else 201, Location=location)

    return await once(request, caller, add)


@router.get("/sites/{site_id}")
async def get_site(caller: Calling, site_id: str) -> Response:
    return caller.works.answer(told(caller.works, caller.works.get("Site", caller.org, site_id)))


@router.put("/sites/{site_id}")
async def replace_site(caller: Calling, site_id: str, body: SiteInput) -> Response:
    works = caller.works
    site = works.get("Site", caller.org, site_id)
    check_name(caller, body.name, site)
    if works.bug == "what is left out stays":
        works.change(site, body.sent())
    elif works.bug == "null stays":
        works.change(site, {name: value for name, value in body.filled().items() if value is not None})
    elif works.bug == "status is never replaced":
        works.change(site, {**body.filled(), "status": site["status"]})
    elif works.bug == "a replaced site is answered and not kept":
        return works.answer(told(works, {**site, **body.filled()}))
    else:
        works.change(site, body.filled())
    return works.answer(told(works, site))


@router.delete("/sites/{site_id}")
async def remove_site(caller: Calling, site_id: str) -> Response:
    works = caller.works
    caller.has_to_be("manager")
    site = works.get("Site", caller.org, site_id)
    tickets = works.of("Ticket", caller.org, site_id=site_id)
    if works.bug == "only open tickets keep a site":
        tickets = [ticket for ticket in tickets if ticket["state"] == "open"]
    if works.bug == "tickets go with their site":
        for ticket in tickets:
            works.drop("Ticket", ticket)
    elif (tickets and works.bug != "sites with tickets go") or works.bug == "no site goes":
        raise Refusal(409, "it has tickets")
    for report in works.of("Report", caller.org, site_id=site_id):
        if works.bug != "reports stay":
            works.drop("Report", report)
    works.drop("Site", site)
    return Response(status_code=204)
