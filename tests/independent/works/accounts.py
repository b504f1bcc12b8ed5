"""Who may call: users, logins and logouts."""

from __future__ import annotations

import secrets
from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import Response

from .models import Credentials, NewUser
from .state import Calling, Here, Refusal, Works

router = APIRouter()


@router.post("/login")
async def login(works: Here, body: Credentials) -> Response:
    bug = works.bug
    for user in works.kept["User"].values():
        if user["email"] == body.email and is_right(works, user["password"], body.password):
            ends = works.now() + timedelta(hours=0 if bug == "tokens end at once" else 2)
            session = works.make("Session", user["org"], token=secrets.token_urlsafe(24), user_id=user["id"], expires_at=ends)
            if bug == "all tokens are of one organization":
                session["org"] = "home"
            return works.answer({"token": session["token"], "expires_at": works.value(ends)})
    raise Refusal(403 if bug == "a wrong password is forbidden" else 401, "the address or the password is wrong")


def is_right(works: Works, password: str, sent: str) -> bool:
    if works.bug == "case of passwords is ignored":
        return password.lower() == sent.lower()
    if works.bug == "passwords are cut":
        return password[:16] == sent[:16]
    return password == sent or works.bug == "passwords are not looked at"


@router.post("/logout")
async def logout(caller: Calling) -> Response:
    works = caller.works
    if works.bug == "logout ends all sessions of the user":
        for session in works.of("Session", caller.org, user_id=caller.session["user_id"]):
            works.drop("Session", session)
    elif works.bug == "logout ends it one request later":
        works.late.append(caller.session)
    elif works.bug != "logout ends nothing":
        works.drop("Session", caller.session)
    return Response(status_code=204)


@router.post("/users")
async def add_user(caller: Calling, body: NewUser) -> Response:
    works = caller.works
    taken = works.of("User", caller.org, email=body.email)
    if taken and works.bug != "addresses may be taken twice":
        raise Refusal(409, "the address is taken")
    filled = {**body.filled(), **({"role": "worker"} if works.bug == "everybody is a worker" else {})}
    user = works.make("User", caller.org, **filled, created_at=works.now())
    return works.answer(works.told(user), 201, Location=works.place(f"/users/{user['id']}"))


@router.get("/users/{user_id}")
async def get_user(caller: Calling, user_id: str) -> Response:
    return caller.works.answer(caller.works.told(caller.works.get("User", caller.org, user_id)))


@router.delete("/users/{user_id}")
async def remove_user(caller: Calling, user_id: str) -> Response:
    works = caller.works
    caller.has_to_be("manager")
    user = works.get("User", caller.org, user_id)
    if works.bug == "users with tickets cannot go" and works.of("Ticket", caller.org, assignee_id=user_id):
        raise Refusal(409, "has tickets")
    for ticket in works.of("Ticket", caller.org):
        for name in ("assignee_id", "author_id"):
            if ticket[name] == user_id and works.bug != f"stays of who is gone: {name}":
                ticket[name] = None
                ticket["version"] += 1
    for note in works.of("Note", caller.org, author_id=user_id):
        note["author_id"] = None
    for session in works.of("Session", caller.org, user_id=user_id):
        if works.bug != "sessions of who is gone":
            works.drop("Session", session)
    works.drop("User", user)
    return Response(status_code=204)
