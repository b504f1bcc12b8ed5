"""Which of its documented responses an operation without a behaviour gives to a request that is in order."""

from __future__ import annotations

from mock_server.contract.messages.model import Response
from mock_server.contract.model import Operation
from mock_server.contract.problems import Refused

UNDOCUMENTED = Response(status="200", assumed=True, content=(), headers=())
"""What is answered where the document has no responses at all."""

USUAL_OF_RANGE = {"2XX": 200, "3XX": 302, "4XX": 400, "5XX": 500}
"""The status that is sent for a range of statuses."""

NOT_MODIFIED = 304
OF_VALID_REQUESTS = frozenset({401, 403, 404, 409, 410, 429})
"""Refusals that say nothing against a request itself."""


def success_of(operation: Operation) -> tuple[int, Response]:
    """Return the documented response that success most likely is, and the status that it is sent with.

    That is the lowest exact status of success; else the range 2XX, as 200; else a redirection; else the default, as 200. An
    operation that documents refusals alone gives one of those: that is what the document has of it.
    """
    ranked = [(rank, operation.responses[key]) for key in operation.responses if (rank := _rank(key)) is not None]
    if ranked:
        (*_, status), response = min(ranked, key=lambda one: one[0])
        return status, response
    if not operation.responses:
        return 200, UNDOCUMENTED
    documented = ", ".join(operation.responses)
    raise Refused("not-implemented", f"{operation} documents no response that can end a request, only {documented}.")


def _rank(key: str) -> tuple[int, bool, int] | None:
    """Return a key by which documented responses are sorted, with the status of each last; None for one that is none."""
    if key == "default":
        return 3, False, 200
    is_range = not key.isdecimal()
    status = USUAL_OF_RANGE.get(key.upper(), 0) if is_range else int(key)
    if 200 <= status < 300:
        return 1, is_range, status
    if 300 <= status < 400:
        return (2 if status != NOT_MODIFIED else 4), is_range, status
    if 400 <= status < 600:
        return 5, status not in OF_VALID_REQUESTS, status
    return None
