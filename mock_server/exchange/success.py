"""Which of its documented responses an operation without a behaviour gives to a request that is in order."""

from __future__ import annotations

from mock_server.contract.model import Operation, Response
from mock_server.contract.problems import Refused

UNDOCUMENTED = Response(status="200", assumed=True, content=(), headers=())
"""What is answered where the document has no responses at all."""

NOT_MODIFIED = 304
USUAL_OF_RANGE = {"2XX": 200, "3XX": 302, "4XX": 400, "5XX": 500}
"""The status that is sent for a range of statuses."""


def success_of(operation: Operation) -> tuple[int, Response]:
    """Return the documented response that success most likely is, and the status that it is sent with.

    That is the lowest exact status of success; else the range 2XX, as 200; else a redirection; else the default, as 200. An
    operation that documents refusals alone gives the lowest of those: that is what the document has of it.
    """
    ranked = [(rank, operation.responses[key]) for key in operation.responses if (rank := _rank(key)) is not None]
    if ranked:
        (_, status), response = min(ranked, key=lambda one: one[0])
        return status, response
    if not operation.responses:
        return 200, UNDOCUMENTED
    documented = ", ".join(operation.responses)
    raise Refused("not-implemented", f"{operation} documents no response that can end a request, only {documented}.")


def _rank(key: str) -> tuple[int, int] | None:
    """Return a key by which documented responses are sorted, and the status of each; None for one that is none."""
    status = USUAL_OF_RANGE.get(key.upper(), int(key) if key.isdecimal() else 0)
    is_exact = key.isdecimal()
    if key == "default":
        return 3, 200
    if 200 <= status < 300:
        return (0 if is_exact else 1), status
    if 300 <= status < 400:
        return (2 if status != NOT_MODIFIED else 4), status
    return ((5 if is_exact else 6), status) if 400 <= status < 600 else None
