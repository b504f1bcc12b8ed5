"""A lockstep that is told, by hand, what a target answered."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any

from contract_tests.oracle.hypotheses import Explanation, Hypothesis, Oracle
from contract_tests.oracle.initial_state import credentials_of, seed_of
from contract_tests.oracle.judging import read_body
from contract_tests.transport.tenants import Tenant
from contract_tests.transport.wire import WireRequest, WireResponse
from mock_server.contract.model import Contract

NORTHWIND = "/v2/partners/ptn_northwind/internal-contacts"
CONTOSO = "/v2/partners/ptn_contoso/internal-contacts"
TENANTS = {
    "Partner": (
        Tenant("acme", "acme-token", {"Partner": ("ptn_northwind", "ptn_contoso")}),
        Tenant("globex", "globex-token", {"Partner": ("ptn_initech",)}),
    ),
    "Book": (
        Tenant("town", "acme-token", {"Book": ("9780131103627", "9780201896831")}),
        Tenant("village", "globex-token", {"Book": ("9780131103627", "9780201896831")}),
    ),
}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()


def time(seconds: float = 0.0) -> str:
    """So many seconds after noon, as an answer shows it."""
    return datetime.fromtimestamp(NOON + seconds, UTC).isoformat("T", "microseconds").replace("+00:00", "Z")


class Held:
    """Everything has the choice of the document but for what is named: all choices of `open_names`, those of `fixed`."""

    def __init__(self, contract: Contract, *open_names: str, tag: str = "", **fixed: str) -> None:
        tenants = TENANTS["Partner" if "Partner" in contract.resources else "Book"]
        self.contract = contract
        self.tokens = {tenant.token: tenant.name for tenant in tenants}
        self.oracle = Oracle.of(contract, credentials_of(tenants), seed_of(contract, tenants))
        self.oracle.judge.tag = tag
        region = {name: (choice,) for name, choice in {**contract.defaults(), **fixed}.items()}
        for name in open_names:
            region[name] = tuple(contract.assumptions[name].choices)
        self.hypotheses: list[Hypothesis] = self.oracle.hypotheses([region])
        self.now = 0.0

    def call(self, method: str, path: str, body: Any = None, token: str = "acme-token") -> WireRequest:
        content = b"" if body is None else json.dumps(body).encode()
        headers = (("Authorization", f"Bearer {token}"), ("Content-Type", "application/json"))
        path, _, query = path.partition("?")
        return WireRequest(method, path, query, headers, content, None, self.tokens.get(token))

    def reply(
        self, status: int, body: Any = None, *, date: float | None = 0.0, media_type: str = "application/json"
    ) -> WireResponse:
        """An answer that takes a hundredth of a second; `date` is by how much the target's clock is ahead, None for no header."""
        headers = [("content-type", media_type)]
        if date is not None:
            headers.append(("date", formatdate(NOON + self.now + date, usegmt=True)))
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return WireResponse(status, tuple(headers), content, NOON + self.now, NOON + self.now + 0.01)

    def tell(self, call: WireRequest, reply: WireResponse) -> Explanation:
        following, followed = self.oracle.follow(self.hypotheses, call, reply, read_body(reply))
        if followed.explained:
            self.hypotheses = following
        return followed

    def asked(self, method: str, path: str, body: Any, status: int, answer: Any = None, **more: Any) -> Explanation:
        token = more.pop("token", "acme-token")
        self.now += 1
        return self.tell(self.call(method, path, body, token), self.reply(status, answer, **more))

    def choices(self, name: str) -> list[str]:
        left = {choice for hypothesis in self.hypotheses for choice in hypothesis.region[name]}
        return [choice for choice in self.contract.assumptions[name].choices if choice in left]

    # The partner API.

    def contact(self, number: int = 1, **made: Any) -> dict[str, Any]:
        known = {
            "object": "internal_contact",
            "id": f"ict_{number}",
            "email": f"ann{number}@example.com",
            "given_name": None,
            "family_name": None,
            "name": None,
            "phone": None,
            "job_title": None,
            "created_at": time(self.now),
            "modified_at": None,
        }
        return {**known, **made}

    def assignment(self, number: int = 1, contact: Any = None, **made: Any) -> dict[str, Any]:
        known = {
            "object": "internal_contact_assignment",
            "id": f"ica_{number}",
            "partner_id": "ptn_northwind",
            "internal_role": "csm",
            "remote_id": None,
            "internal_contact": self.contact(number) if contact is None else contact,
            "created_at": time(self.now),
            "modified_at": None,
        }
        return {**known, **made}

    def added(self, number: int = 1, sent: dict[str, Any] | None = None, **more: Any) -> tuple[Explanation, dict[str, Any]]:
        """Someone is added to Northwind, and the answer is right but for `contact` and what else is given."""
        self.now += 1
        date, contact = more.pop("date", 0.0), more.pop("contact", {})
        answer = self.assignment(more.pop("id_number", number), self.contact(number, **contact), **more)
        body = {"email": f"ann{number}@example.com", "internal_role": "csm", **(sent or {})}
        return self.tell(self.call("POST", NORTHWIND, body), self.reply(200, answer, date=date)), answer


def places(followed: Explanation) -> list[str]:
    """Where the nearest reading differs from the answer; nothing when some reading explains it."""
    if followed.explained:
        return []
    assert followed.nearest is not None
    return [difference.place for difference in followed.nearest.comparison.differences]
