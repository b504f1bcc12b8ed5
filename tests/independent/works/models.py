"""What requests may say, as the document has it: types are strict, and a whole number may be written as 3.0."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

Role = Literal["manager", "worker", "viewer"]
Status = Literal["active", "closed"]
State = Literal["open", "started", "done", "dropped"]
Event = Literal["ticket.added", "ticket.completed"]


def whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def day(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        return date.fromisoformat(value)
    if value is None or isinstance(value, date):
        return value
    raise ValueError("a day is written as 2026-03-01")


def asked_number(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"-?\d+", value, re.ASCII):
        raise ValueError("a whole number")
    return value


Priority = Annotated[int, BeforeValidator(whole), Field(ge=1, le=5)]
Day = Annotated[date | None, BeforeValidator(day)]
AskedNumber = Annotated[int, BeforeValidator(asked_number)]


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)

    def sent(self) -> dict[str, Any]:
        """Return what was sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}

    def filled(self) -> dict[str, Any]:
        """Return what was sent, and the defaults."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class Credentials(Strict):
    email: str
    password: str


class NewUser(Strict):
    email: Annotated[str, Field(min_length=3, max_length=200)]
    password: Annotated[str, Field(min_length=8)]
    name: Annotated[str, Field(max_length=80)] | None = None
    role: Role = "worker"


class SiteInput(Strict):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    description: str | None = None
    status: Status = "active"
    tags: list[str] = []


Title = Annotated[str, Field(min_length=1, max_length=120)]


class NewTicket(Strict):
    title: Title
    text: str | None = None
    priority: Priority = 3
    due: Day = None
    assignee_id: str | None = None


class NewTickets(Strict):
    tickets: Annotated[list[NewTicket], Field(min_length=1, max_length=20)]


class TicketChange(Strict):
    title: Title = ""
    text: str | None = None
    priority: Priority = 3
    due: Day = None
    assignee_id: str | None = None
    state: State = "open"


class NewNote(Strict):
    text: Annotated[str, Field(min_length=1)]


class NoteChange(Strict):
    text: Annotated[str, Field(min_length=1)] = ""


def address(value: str) -> str:
    if not re.fullmatch(r"https?://[\w.-]+(:\d+)?(/[!-~]*)?", value, re.ASCII):
        raise ValueError("an address of the web")
    return value


class NewHook(Strict):
    url: Annotated[str, AfterValidator(address)]
    events: list[Event] = ["ticket.added", "ticket.completed"]
    secret: Annotated[str, Field(min_length=16)] | None = None


class NewReport(Strict):
    site_id: str
    format: Literal["csv", "pdf"] = "csv"
