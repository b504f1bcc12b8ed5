"""A tour through an application: what a visitor sees, with ids and times made comparable.

Two tours through sound applications of one variant see the same; a tour through one with an observable fault does not.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import httpx

from .faults import FAULTS
from .partner_api import create_app
from .variants import VARIANTS

NORTHWIND, CONTOSO = "/v2/partners/ptn_northwind/internal-contacts", "/v2/partners/ptn_contoso/internal-contacts"
INITECH, FLOATING = "/v2/partners/ptn_initech/internal-contacts", "/v2/internal-contacts"
ROLES = ["account_manager", "account_executive", "csm", "lead", "co_lead", "practice_lead"]
FULL = {
    "email": "ada@acme.example",
    "internal_role": "csm",
    "given_name": "Ada",
    "family_name": "Byron",
    "name": "Countess Lovelace",
    "phone": "+44 20 7946-0001",
    "job_title": "Customer Success Manager",
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


class Visitor:
    def __init__(self, app: Any) -> None:
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://partner-api")
        self.seen: list[Any] = []

    async def send(
        self, method: str, path: str, body: Any = None, token: str = "acme-token", note: bool = True, **options: Any
    ) -> Any:
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json", **options.pop("headers", {})}
        headers = {name: value for name, value in headers.items() if value is not None}
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = await self._client.request(method, path, content=raw, headers=headers)
        try:
            content = json.loads(answer.content)
        except ValueError:
            content = answer.text
        if note:
            self.seen.append((answer.status_code, answer.headers.get("content-type"), content))
        return content if isinstance(content, dict) else {}

    async def add(self, path: str = NORTHWIND, token: str = "acme-token", **fields: Any) -> Any:
        return await self.send("POST", path, {"internal_role": "csm", **fields}, token)

    async def update(self, contact: Any, token: str = "acme-token", **fields: Any) -> Any:
        return await self.send("PATCH", f"{FLOATING}/{self.id(contact)}", fields, token)

    async def change_role(self, assignment: Any, role: str, path: str = NORTHWIND, token: str = "acme-token") -> Any:
        identifier = assignment.get("id", "none") if isinstance(assignment, dict) else "none"
        return await self.send("PATCH", f"{path}/{identifier}", {"internal_role": role}, token)

    @staticmethod
    def id(answer: Any) -> str:
        contact = answer.get("internal_contact", answer) if isinstance(answer, dict) else {}
        return str(contact.get("id", "none")) if isinstance(contact, dict) else "none"

    def note(self, *what: Any) -> None:
        self.seen.append(what)

    def comparable(self) -> str:
        """What was seen; ids as numbers in the order in which they came, times as their ranks."""
        text = json.dumps(self.seen)
        ranks = {time: rank for rank, time in enumerate(sorted({match[0] for match in TIME.finditer(text)}))}
        text = TIME.sub(lambda match: f"time {ranks[match[0]]}", text)
        numbers: dict[str, int] = {}
        return re.sub(r"(ict|ica)_[0-9a-f]{16}|[0-9a-f]{32}", lambda m: f"#{numbers.setdefault(m[0], len(numbers))}", text)


async def shape(visitor: Visitor) -> None:
    ada = await visitor.add(**FULL)
    await visitor.add(email="short@acme.example")
    await visitor.add(FLOATING, **{**FULL, "email": "floating@acme.example", "phone": "0123456"})
    for role in ROLES:
        await visitor.change_role(ada, role)
    await visitor.update(ada, job_title='She said "Zoë",\nthen 😀')
    await visitor.add(email="zoë@acme.example", name="x" * 1200)


ALIKE = [
    ["ada@acme.example", "bob@acme.example", "ada@acme.example", "ada@globex.example", "ada@mail.acme.example", "ada@acme.test"],
    ["a@acme.exampl", "a@acme.example", "a@acme.exam", "grüße@x.example", "grüsse@x.example", "é@x.example", "e\u0301@x.example", "e@x.example"],
    ["%@x.example", "_@x.example", "1000", "1e3", "x@y", "xx@y", "x@y.", "x y@z", "xy@z", "x+y@z", "x%2By@z", "x+@z", "x.y@z", "x-y@z"],
    ["o'x@y", "ox@y", "zero\u200bwidth@x", "zerowidth@x", "\uff41@x", "a@x", "😀@x", "😁@x", "mailto:a@x", "A@x", "<a>&@x"],
    ["l" * 64 + "1@x", "l" * 64 + "2@x", "m" * 100 + "1@x", "m" * 100 + "2@x", "n" * 255 + "1@x", "n" * 255 + "2@x", "u@xn--bcher-kva.example"],
]  # fmt: skip


async def find(visitor: Visitor) -> None:
    ada = await visitor.add(**FULL)
    await visitor.add(email="ada@acme.example", job_title="Other", given_name="Other")
    await visitor.add(FLOATING, email="ada@acme.example")
    await visitor.add(CONTOSO, email="ada@acme.example", internal_role="lead")
    await visitor.add(INITECH, "globex-token", email="ada@acme.example", given_name="Globex")
    await visitor.add(email="byron@acme.example", given_name="Ada", family_name="Byron")
    await visitor.add(email="countess@acme.example", name="Countess Lovelace", phone="+44 20 7946-0001")
    await visitor.update(ada, given_name="Augusta")
    for _ in range(9):
        await visitor.add(email="ada@acme.example")
        await visitor.add(email="byron@acme.example")
    await visitor.update(ada, email="augusta@acme.example")
    await visitor.add(email="augusta@acme.example")
    bob = await visitor.add(email="bob@acme.example", name="Bob")
    await visitor.update(bob, email="ada@acme.example")
    await visitor.add(email="ada@acme.example")
    for emails in ALIKE:
        for email in emails:
            await visitor.add(email=email)
            await visitor.add(FLOATING, email=email)


TEXTS = [
    " a b ", "a  b", "e\u0301", "é", "ﬁ", "<b>x</b>", "a & b", "&amp;", "O'Brien", '"quoted"', "\u2019", "a\u2013b", "McDonald", "van Gogh",
    "CEO", "(020) 7946-00", "+49", "0049 1", "007", "x" * 60, "x" * 110, "x" * 300, "é" * 200, "x" * 90, "+1 234 567 890 123 456 789", "a😀b", "łódź",
    "", "null", "None", "undefined", "N/A", "   ", "%41", "100%%", "a+b", "C:\\new", "a\r\nb", "a\nb", "a\tb", "a\x07b", "1e5", "1/2", "true", "no",
    "{{ x }}", "${x}", "a { b", "zero\u200bwidth", "\u200fx", "a\u00a0b", "=1+1", "Hopper, Grace", "a; b", "Jr.", "a -- b", "Dr. Who", "VP Sales",
]  # fmt: skip


async def text(visitor: Visitor) -> None:
    fields = ("given_name", "family_name", "name", "phone", "job_title")
    await visitor.add(**FULL)
    for number, value in enumerate(TEXTS):
        await visitor.add(email=f"{number}@acme.example", **dict.fromkeys(fields, value))
    await visitor.add(email="none@acme.example")
    await visitor.add(email="family@acme.example", family_name="Alone")
    await visitor.add(email="title@acme.example", job_title="Alone")
    await visitor.add(email="name@acme.example", name="Two Parts")
    await visitor.add(email="both@acme.example", given_name="Both", family_name="Parts")
    await visitor.add(email="all@acme.example", **dict.fromkeys(fields))
    for email in ("Case@Acme.example", "a&b@x", "e" * 120, "mailto:a@x", "a+b@x", "u@xn--bcher-kva.example"):
        await visitor.add(email=email)


async def update(visitor: Visitor) -> None:
    ada = await visitor.add(**FULL)
    bob = await visitor.add(CONTOSO, email="bob@acme.example", family_name="Byron", name="Bob", phone="1")
    eve = await visitor.add(FLOATING, email="eve@acme.example", name="Eve")
    await visitor.update(ada, given_name="Augusta", family_name="King")
    for email in ("ada@acme.example", "bob@acme.example", "eve@acme.example"):
        await visitor.add(email=email, internal_role="lead")
        await visitor.add(FLOATING, email=email)
    await visitor.update(ada, phone="2", job_title="")
    await visitor.update(ada, job_title=None, phone=None)
    await visitor.add(email="ada@acme.example")
    await visitor.update(ada, family_name="Byron")
    await visitor.update(ada, family_name="Lovelace")
    await visitor.update(ada, email="ada@acme.example")
    await visitor.update(ada, email="bob@acme.example", name="Taken")
    await visitor.update(bob, name="Bob again")
    await visitor.update(ada, email="augusta@acme.example")
    for email in ("ada@acme.example", "augusta@acme.example", "bob@acme.example", "eve@acme.example"):
        await visitor.add(email=email)
    await visitor.update({"id": "ict_0"}, name="Nobody")
    first, second = await visitor.add(**FULL), await visitor.add(**{**FULL, "internal_role": "lead"})
    await visitor.update(first, given_name="Changed")
    for assignment in (second, first, first):
        await visitor.change_role(assignment, "co_lead")
    await visitor.change_role(bob, "co_lead", CONTOSO)
    await visitor.change_role(bob, "lead", CONTOSO)
    await visitor.add(CONTOSO, email="bob@acme.example", internal_role="csm")
    await visitor.add(CONTOSO, email="bob@acme.example", internal_role="lead")
    await visitor.change_role(eve, "co_lead")
    await visitor.add(email="ada@acme.example")


async def tenants(visitor: Visitor) -> None:
    ada = await visitor.add(**FULL)
    globex = await visitor.add(INITECH, "globex-token", **{**FULL, "name": "Globex"})
    token = "acme-token"
    credentials = [
        None,
        "Bearer",
        "Bearer ",
        f"Basic {token}",
        token,
        "Bearer wrong-token",
        "Bearer nonsense",
        f"Bearer {token.upper()}",
    ]
    credentials += [f"Bearer {token[:6]}", f"Bearer {token}x", "Bearer acme-tokee", "Bearer null", "Bearer acme-expired-token"]
    for number, credential in enumerate(credentials):
        headers = {"authorization": credential}
        body = {"email": f"{number}@acme.example", "internal_role": "csm", "name": str(number)}
        for path in (NORTHWIND, FLOATING):
            await visitor.send("POST", path, body, headers=headers)
        await visitor.send("PATCH", f"{NORTHWIND}/{ada.get('id')}", {"internal_role": "lead"}, headers=headers)
        await visitor.send("PATCH", f"{FLOATING}/{visitor.id(ada)}", {"job_title": str(number)}, headers=headers)
        await visitor.add(email=f"{number}@acme.example", name="Later")
        await visitor.add(email=FULL["email"])
    await visitor.update(globex, name="Foreign")
    await visitor.update(ada, "globex-token", name="Foreign")
    await visitor.change_role(globex, "lead", INITECH)
    await visitor.change_role(globex, "lead")
    await visitor.add(INITECH, email="new@acme.example")
    await visitor.add("/v2/partners/ptn_unknown/internal-contacts", email="new@acme.example")
    await visitor.add(NORTHWIND, "globex-token", email="new@acme.example")
    await visitor.add(FLOATING, "globex-token", email="only@globex.example")
    await visitor.add(FLOATING, email="only@globex.example")
    await visitor.update(ada, email="only@globex.example")
    await visitor.add(FLOATING, "globex-token", email="second@globex.example")
    await visitor.update(ada, email="second@globex.example")
    await visitor.update(ada, email="ada@acme.example")
    await visitor.update(ada, name="Changed")
    await visitor.add(INITECH, "globex-token", email="ada@acme.example")
    await visitor.add(email="ada@acme.example")


BODIES: list[Any] = [
    {}, [], None, "x", 1, [FULL], {"data": FULL}, json.dumps(FULL), {"email": "a@x"}, {"internal_role": "csm"}, {"email": "r@x", "internalRole": "csm"},
    *({**FULL, "email": "role@x", "internal_role": role} for role in ("boss", "CSM", " csm", "co-lead", None, ["csm"], "practice_lead", "co_lead")),
    *({**FULL, "email": email} for email in ("", None, 1, ["a@x"], {"a": 1}, True, "a+b@x", "o'x@y", "a@x-y.example", "A@x", "1@x", "a@x.international", "l" * 80)),
    *({"email": "text@x", "internal_role": "csm", "job_title": value, "phone": value} for value in (1, True, False, ["x"], {"a": 1}, None, "", "1")),
    *({"email": "name@x", "internal_role": "csm", "name": value, "job_title": value} for value in
      ("x" * 70, "x" * 300, "O'Brien", "Anne-Marie", "Zoë", "R2", "😀", "X", "a\nb", "<a", "Drop", "x; drop table")),
    {**FULL, "email": "extra@x", "more": 1, "id": "ict_1", "created_at": "2020-01-01T00:00:00Z", "remote_id": "r1", "partner_id": "ptn_contoso"},
]  # fmt: skip
RAW = [
    b"",
    b"{",
    b"{,}",
    b'{"email": "raw@x", "internal_role": "csm",}',
    b'{"email": "raw@x", "internal_role": "csm"} rest',
    b"{'email': 'raw@x', 'internal_role': 'csm'}",
]
RAW += [b'{"email": "raw@x", /* no */ "internal_role": "csm"}', b'{"email": "raw@x", "internal_role": "csm"']


async def validation(visitor: Visitor) -> None:
    ada = await visitor.add(**FULL)
    for body in [*BODIES, *RAW]:
        for path in (NORTHWIND, FLOATING):
            await visitor.send("POST", path, body)
        await visitor.send("PATCH", f"{FLOATING}/{visitor.id(ada)}", body)
        await visitor.add(email="role@x", name="Later")
    ada = await visitor.add(**{**FULL, "email": "half@x"})
    await visitor.update(ada, name="Half", phone=1)
    await visitor.add(**{**FULL, "email": "half@x"})
    for media_type in ("text/plain", "application/json; charset=utf-8", None):
        await visitor.send("PATCH", f"{FLOATING}/{visitor.id(ada)}", {"name": "Typed"}, headers={"content-type": media_type})
        await visitor.add(**FULL)
    form = {"content-type": "application/x-www-form-urlencoded"}
    await visitor.send("POST", NORTHWIND, b"email=form%40x&internal_role=csm", headers=form)
    await visitor.add("/v2/partners/ptn_unknown/internal-contacts", email="unknown@x", name="First")
    await visitor.add(email="unknown@x", name="Second")
    for identifier in ("ict_0", ada.get("id"), visitor.id(ada)[:9], visitor.id(ada).upper(), "ada@acme.example"):
        await visitor.update({"id": identifier}, job_title=str(identifier)[:3])
    await visitor.change_role({"id": "ica_0"}, "lead")


async def races(visitor: Visitor) -> None:
    for number in range(3):
        email = {"email": f"race{number}@acme.example"}
        for path in (NORTHWIND, FLOATING):
            bodies = [{**email, "internal_role": role} for role in ROLES] + [{**email, "internal_role": "csm"}] * 2
            answers = await asyncio.gather(*(visitor.send("POST", path, body, note=False) for body in bodies))
            visitor.note(len({visitor.id(answer) for answer in answers}), len({answer.get("id") for answer in answers}))
            visitor.note([answer.get("internal_role") for answer in answers])
        ada = await visitor.add(**email)
        fields = ("given_name", "family_name", "name", "phone", "job_title")
        await asyncio.gather(
            *(visitor.send("PATCH", f"{FLOATING}/{visitor.id(ada)}", {name: "new"}, note=False) for name in fields)
        )
        await visitor.add(**email)
        people = [await visitor.add(email=f"p{number}{other}@x") for other in range(4)]
        taken = {"email": f"taken{number}@x"}
        answers = await asyncio.gather(
            *(visitor.send("PATCH", f"{FLOATING}/{visitor.id(person)}", taken, note=False) for person in people)
        )
        visitor.note(sum("email" in answer for answer in answers))
        both = [("acme-token", f"b{number}@x"), ("globex-token", f"b{number}@x")] * 3
        answers = await asyncio.gather(
            *(visitor.send("POST", FLOATING, {"email": e, "internal_role": "csm"}, token, note=False) for token, e in both)
        )
        visitor.note(len({visitor.id(answer) for answer in answers}))


async def reliability(visitor: Visitor) -> None:
    contacts = [await visitor.add(email=f"{number}@x") for number in range(90)]
    for number in range(90):
        await visitor.add(email=f"{number}@x")
    for contact in contacts[:50]:
        await visitor.update(contact, name="Changed")
    for number in range(50):
        await visitor.add(email=f"{number}@x")


TOURS: dict[str, Callable[[Visitor], Coroutine[Any, Any, None]]] = {
    "shape": shape,
    "find-or-create": find,
    "text": text,
    "update": update,
    "tenants": tenants,
    "validation": validation,
    "races": races,
    "reliability": reliability,
}


def tour(family: str, base: str = "default", fault: str | None = None) -> str:
    """What a visitor sees who tries what the faults of a family spoil."""
    visitor = Visitor(create_app(VARIANTS[base], fault))
    asyncio.run(TOURS[family](visitor))
    return visitor.comparable()


def hidden_faults(family: str) -> list[str]:
    """The faults of a family that a tour does not see."""
    expected = {base: tour(family, base) for base in {fault.base for fault in FAULTS.values() if fault.family == family}}
    return [
        name
        for name, fault in FAULTS.items()
        if fault.family == family and tour(family, fault.base, name) == expected[fault.base]
    ]


def main() -> None:
    """Name the faults that the tours do not see."""
    for family in TOURS:
        for name in hidden_faults(family):
            sys.stdout.write(f"{family}: {name}{'' if FAULTS[name].observable else ' (not observable)'}\n")


if __name__ == "__main__":
    main()
