"""The kinds of problems that a request can meet: one table, which is also their documentation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mock_server.contract.schemas.checks import Violation


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its name, the usual status, and its title.

    `own` tells that the mock or its document is to blame, not the request: no document says how that is answered.
    """

    name: str
    status: int
    title: str
    own: bool = False


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("malformed", 400, "The request cannot be read"),
        Kind("unauthenticated", 401, "A valid credential is required"),
        Kind("forbidden", 403, "The credential does not grant access"),
        Kind("impossible-preference", 400, "The requested response is not available"),
        Kind("unknown-path", 404, "The path does not exist"),
        Kind("not-found", 404, "The resource does not exist"),
        Kind("method-not-allowed", 405, "The path does not support this method"),
        Kind("not-acceptable", 406, "Nothing that the request accepts can be sent"),
        Kind("conflict", 409, "The request conflicts with stored data"),
        Kind("precondition-failed", 412, "The resource is not the one that the request expects"),
        Kind("too-large", 413, "The body is too large"),
        Kind("unsupported-media-type", 415, "The media type is not supported"),
        Kind("asked-for", 400, "This response was requested"),
        Kind("invalid", 422, "The request violates the contract"),
        Kind("precondition-required", 428, "The request has to say which state it expects"),
        Kind("unfit-response", 500, "The mock's response would break its schema", own=True),
        Kind("handler-failed", 500, "A handler of the test failed", own=True),
        Kind("not-implemented", 501, "The mock cannot answer this operation"),
    )
}


class Refused(Exception):  # noqa: N818 (a refusal is an answer, not an error of the program)
    """Raised to leave the story of a request early: it is refused, and nothing is stored.

    `status` goes before the status that the contract has for this kind of problem. `about` names it more closely than its kind,
    for documents that have a code of its own for it.
    """

    def __init__(
        self,
        kind: str,
        detail: str,
        violations: tuple[Violation, ...] = (),
        *,
        headers: tuple[tuple[str, str], ...] = (),
        status: int | None = None,
        about: str = "",
    ) -> None:
        super().__init__(detail)
        self.about = about
        self.headers = headers
        self.status = status
        self.kind = kind
        self.detail = detail
        self.violations = violations
