"""Messages that an API sends of itself once it has answered: webhooks and callbacks."""

from __future__ import annotations

from typing import NamedTuple

from mock_server.contract.files.source import Json


class Outgoing(NamedTuple):
    """A message to be sent: the name of its event, to where, with what. `problem` says why it may not be sent, if so.

    `secret` is what it is signed with; None where it is not signed. `organization` is whose subscriber gets it.
    """

    event: str
    method: str
    url: str
    body: Json
    secret: str | None
    organization: str | None
    problem: str = ""
