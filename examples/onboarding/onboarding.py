"""Brings the people of an organization together with its partners."""

from __future__ import annotations

import time
from dataclasses import dataclass

import httpx

TRIES = 3


@dataclass(frozen=True)
class Person:
    """Somebody to introduce to a partner."""

    email: str
    role: str
    given_name: str | None = None


class Onboarding:
    """Assigns people to partners through the partner API."""

    def __init__(self, url: str, token: str, pause: float = 0.5) -> None:
        self._client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, trust_env=False)
        self._pause = pause

    def introduce(self, person: Person, partner: str) -> str | None:
        """Assign a person to a partner and return the id of the assignment; None when it was made before."""
        body = {"email": person.email, "internal_role": person.role, "given_name": person.given_name}
        answer = self._send("POST", f"/v2/partners/{partner}/internal-contacts", body)
        if answer.status_code == httpx.codes.CONFLICT:
            return None
        answer.raise_for_status()
        return str(answer.json()["id"])

    def promote(self, assignment: str, partner: str) -> None:
        """Make a person the lead of a partner."""
        body = {"internal_role": "lead"}
        self._send("PATCH", f"/v2/partners/{partner}/internal-contacts/{assignment}", body).raise_for_status()

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _send(self, method: str, path: str, body: dict[str, str | None]) -> httpx.Response:
        """Send a request; one that meets an overloaded server is sent again."""
        for _ in range(TRIES):
            answer = self._client.request(method, path, json=body)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            time.sleep(self._pause)
        return answer
