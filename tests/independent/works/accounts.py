"""Who may call: users, logins and logouts."""

from __future__ import annotations

import secrets
from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import Response

from .models import Credentials, NewUser
from .state import Calling, Here, Refusal

router = APIRouter()


@router.post("/login")
async def login(works: Here, body: Credentials) -> Response:
    for user in works.kept["User"].values():
        if user["email"] == body.email and user["password"] == body.password:
            ends = works.now() + timedelta(hours=2)
            session = works.make("Session", user["org"], token=secrets.token_urlsafe(24), user_id=user["id"], expires_at=ends)
            return works.answer({"token": session["token"], "expires_at": works.value(ends)})
    raise Refusal(401, "the address or the password is wrong")


@router.post("/logout")
async def logout(caller: Calling) -> Response:
    caller.works.drop("Session", caller.session)
    return Response(status_code=204)


@router.post("/users")
async def add_user(caller: Calling, body: NewUser) -> Response:
    works = caller.works
    if works.of("User", caller.org, email=body.email):
        raise Refusal(409, "the address is taken")
    user = works.make("User", caller.org, **body.filled(), created_at=works.now())
    return works.answer(works.told(user), 201, Location=works.place(f"/users/{user['id']}"))


@router.get("/users/{user_id}")
async def get_user(caller: Calling, user_id: str) -> Response:
    return caller.works.answer(caller.works.told(caller.works.get("User", caller.org, user_id)))


@router.delete("/users/{user_id}")
async def remove_user(caller: Calling, user_id: str) -> Response:
    works = caller.works
    caller.has_to_be("manager")
    user = works.get("User", caller.org, user_id)
    for ticket in works.of("Ticket", caller.org):
        for name in ("assignee_id", "author_id"):
            if ticket[name] == user_id:
                ticket[name] = None
                ticket["version"] += 1
    for note in works.of("Note", caller.org, author_id=user_id):
        note["author_id"] = None
    for session in works.of("Session", caller.org, user_id=user_id):
        works.drop("Session", session)
    works.drop("User", user)
    return Response(status_code=204)
