"""Words by which APIs name what they all have: pages, times, states. Names are compared without case and separators."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

LIMITS = frozenset({"limit", "perpage", "pagesize", "size", "count", "maxresults", "maxitems", "first", "take", "pagelimit"})
OFFSETS = frozenset({"offset", "skip", "start", "startindex", "from"})
PAGES = frozenset({"page", "pagenumber", "pageno", "pageindex"})
CURSORS = frozenset({"cursor", "after", "startingafter", "pagetoken", "nexttoken", "nextpagetoken", "startcursor"})
AFTER, BEFORE = frozenset({"startingafter", "afterid"}), frozenset({"endingbefore", "beforeid"})
"""Parameters that hold the id of the record beside which a page is."""

SEARCHES = frozenset({"q", "query", "search", "searchterm", "keyword"})
SORTS = frozenset({"sort", "sortby", "orderby", "ordering", "order"})
DIRECTIONS = frozenset({"direction", "dir", "order", "sortorder", "sortdirection", "sortdir", "orderdirection"})
LATER = ("after", "since", "from", "gte", "gt", "min", "start")
EARLIER = ("before", "until", "to", "lte", "lt", "max", "end")

TOTALS = frozenset({"total", "totalcount", "totalitems", "totalresults", "totalelements", "totalrecords", "resultcount"})
MADE_WHEN = frozenset({"date", "time", "created", "newest", "latest", "recent", "registered", "registereddate", "age"})
"""What an order by the time of making is called, where it has not the name of the field."""

COUNTS = frozenset({"count", "size", "itemcount"})
NEXT = frozenset({"nextcursor", "next", "nextpagetoken", "nexttoken", "cursor", "endcursor"})
PREVIOUS = frozenset({"previouscursor", "prevcursor", "previous", "prev"})
MORE = frozenset({"hasmore", "hasnext", "hasnextpage", "more"})
FIRST, LAST = frozenset({"firstid"}), frozenset({"lastid"})
PAGE_COUNTS = frozenset({"pages", "totalpages", "pagecount", "lastpage"})
PAGE_NUMBERS = frozenset({"page", "currentpage", "pagenumber"})

CREATED = (
    "createdat", "created", "createdon", "createddate", "creationdate", "creationtime", "createtime", "datecreated",
    "createdtime", "insertedat", "createdatutc",
)  # fmt: skip
MODIFIED = (
    "updatedat", "updated", "modifiedat", "modified", "lastmodified", "lastmodifiedat", "lastupdated", "lastupdatedat",
    "updatedon", "modifiedon", "updateddate", "modifieddate", "updatetime", "dateupdated", "datemodified", "lasteditedtime",
)  # fmt: skip
IDS = ("id", "uuid", "guid", "sid", "uid", "key", "code", "number", "name", "slug", "identifier")
UNIQUE = ("email", "emailaddress", "username", "login", "handle", "slug", "sku", "isbn", "code", "externalid", "name", "title")
NAMES = ("name", "title", "label", "displayname", "headline", "subject")
"""What things are called by; a slug is made of it."""

STATES = ("status", "state", "phase", "stage")
BEGINNINGS = ("new", "draft", "todo", "open", "pending", "created", "queued", "submitted", "placed", "received", "active")
"""Values that the state of something new may have, the most telling first."""

ENDS: Mapping[str, tuple[str, ...]] = {
    "complete": ("completed", "complete", "done", "finished"),
    "finish": ("finished", "done", "completed"),
    "close": ("closed",),
    "open": ("open",),
    "reopen": ("open", "reopened"),
    "cancel": ("canceled", "cancelled"),
    "archive": ("archived",),
    "activate": ("active", "activated"),
    "deactivate": ("inactive", "deactivated"),
    "publish": ("published",),
    "unpublish": ("draft", "unpublished"),
    "approve": ("approved",),
    "reject": ("rejected",),
    "start": ("started", "running", "inprogress", "doing"),
    "stop": ("stopped",),
    "pause": ("paused",),
    "suspend": ("suspended",),
    "resolve": ("resolved",),
    "accept": ("accepted",),
    "decline": ("declined",),
    "submit": ("submitted",),
    "ship": ("shipped",),
    "deliver": ("delivered",),
    "confirm": ("confirmed",),
    "revoke": ("revoked",),
    "expire": ("expired",),
    "void": ("void", "voided"),
    "disable": ("disabled",),
    "enable": ("enabled",),
    "lock": ("locked",),
    "refund": ("refunded",),
    "pay": ("paid",),
}
"""The states that something is in after an action, by the word of the action's path."""


def plain(name: str) -> str:
    """Return a name without case and separators: `taskId`, `task_id` and `TaskID` are one."""
    return re.sub("[^a-z0-9]", "", name.lower())


def singular(name: str) -> str:
    """Return what one of a plural is called."""
    word = plain(name)
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    for ending in ("sses", "shes", "ches", "xes", "zes", "uses"):
        if word.endswith(ending):
            return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return {"people": "person", "children": "child"}.get(word, word)


def named(names: Iterable[str], wanted: Iterable[str]) -> str | None:
    """Return the name that is the first of those wanted; None where none is."""
    known = {plain(name): name for name in names}
    return next((known[word] for word in wanted if word in known), None)


def kebab(*names: str) -> str:
    """Return names as one of words with hyphens between: `TaskList` is task-list."""
    parts = (re.sub("(?<=[a-z0-9])(?=[A-Z])", "-", name) for name in names)
    return "-".join(re.sub("[^a-z0-9]+", "-", part.lower()).strip("-") for part in parts)
