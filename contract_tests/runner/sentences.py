"""The title of a finding, and where a developer of the API would look first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contract_tests.oracle.mismatch import Mismatch
from contract_tests.runner.causes import ACROSS, REMOVED, WRONG_RECORDS, main_differences
from contract_tests.runner.failures import Failure
from mock_server.contract.behaviours.expressions import FromParameter
from mock_server.contract.model import Operation, Resource
from mock_server.engine.verbs import FindOrCreate, List

ACCEPTED: Mapping[str, str] = {
    "unauthenticated": "accepts a request without valid credentials",
    "forbidden": "accepts a request that its caller has no permission for",
    "not-found": "accepts a request for a record that does not exist",
    "invalid": "accepts an invalid request",
    "malformed": "accepts a body that cannot be read",
    "unsupported-media-type": "accepts a media type that is not documented",
    "conflict": "accepts a request that conflicts with a stored record",
    "precondition-failed": "carries out a request whose precondition is not met",
    "precondition-required": "carries out a request without the precondition that it requires",
    "method-not-allowed": "accepts a method that is not documented",
    "too-large": "accepts a body that is too large",
}
"""What an operation does wrong that should refuse a request with a problem of this kind."""

CHECKED: Mapping[str, str] = {
    "unauthenticated": "the authentication of {operation}: which credentials it lets through, and that it comes first",
    "forbidden": "the permission check of {operation}",
    "not-found": "the lookup in {operation}: whether it answers 404 for a record that is not there",
    "invalid": "the validation of the request in {operation}",
    "malformed": "how {operation} parses the body: it has to stop at the first error",
    "unsupported-media-type": "the check of Content-Type in {operation}",
    "conflict": "the check for other records before {operation} stores anything (a unique constraint, a state)",
    "precondition-failed": "how {operation} compares If-Match with the current entity tag",
    "precondition-required": "whether {operation} requires the header If-Match",
}
"""Where that is decided."""

LISTS: Mapping[str, tuple[str, str]] = {
    "extra": ("returns records that do not belong to the list", "the condition of the query: {conditions}"),
    "gap": ("leaves out records", "the condition of the query, and where a page ends: {conditions}"),
    "count": ("returns the wrong number of records", "which records the query selects"),
    "end": ("leaves out the last records", "where the query stops: its limit, and its condition"),
    "order": ("returns records in the wrong order", "the order of the query{order}"),
    "size": ("returns more items than the page may have", "how the query applies the page size"),
    "start": ("starts a page at the wrong record", "how the cursor, offset or page number becomes the first record of a page"),
    "walk": ("repeats or skips records from page to page", "how a page continues where the one before it ended"),
    "repeats": ("returns a record twice on one page", "a join of the query that repeats records"),
    "total of a list": ("reports a wrong total", "what the total counts: all matching records, not those of the page"),
    "pages of a list": ("reports a wrong number of pages", "how the number of pages is worked out from the total"),
    "count of a list": ("reports a wrong count", "what is counted: the items of this page"),
    "has-more of a list": ("is wrong about whether there are more records", "how the end of the list is recognized"),
    "next of a list": ("is wrong about the next page", "how the end of the list is recognized, and the next cursor made"),
    "link of a list": ("is wrong about the next page", "how the header Link is built, and the end of the list recognized"),
}
"""What is wrong with a list, and where that is decided."""


LONGEST_NOTE = 100
"""How many characters of a note stand in a title at most."""


def title_of(failure: Failure, under: str = "") -> str:
    """Say in a line what an operation does wrong, and with which request; `under` is the circumstance."""
    note = f" ({_short(failure.planned.note)})" if failure.planned.note else ""
    return f"{failure.operation} {_deed(failure, under)}{note}"


def _short(note: str) -> str:
    return note if len(note) <= LONGEST_NOTE else f"{note[: LONGEST_NOTE - 1]}…"


def _deed(failure: Failure, under: str) -> str:
    status = failure.received_status
    if failure.kind == "trouble":
        return "returns no complete response"
    if failure.kind == "error":
        return f"fails with {status}"
    if failure.kind == "shape":
        return _misshapen(failure)
    if failure.is_accepted:
        return _accepts(failure, under)
    if failure.is_refused:
        if not failure.expected_success:
            return f"rejects a request with {status}, which is the wrong status for it"
        return f"rejects a valid request with {status}"
    if failure.has_wrong_status:
        return f"returns the wrong status {status}"
    return _answers(failure)


def _accepts(failure: Failure, under: str) -> str:
    if under == ACROSS and failure.expected_problem == "invalid":
        return "accepts a reference to a record of another organization"
    if under == ACROSS and failure.expected_problem in ("not-found", "forbidden"):
        return "gives an organization access to a record of another one"
    if under == REMOVED and failure.expected_problem == "not-found":
        return "still finds a record that was removed"
    return ACCEPTED.get(failure.expected_problem or "", "accepts a request that it has to reject")


def _misshapen(failure: Failure) -> str:
    first, status = failure.differences[0], failure.received_status
    if first.is_status:
        return f"returns the status {status}, which is not documented"
    if first.place == "header Content-Type":
        return f"returns a Content-Type that is not documented: {first.received}"
    if first.place == "the body" and not first.expected.startswith("a value that"):
        return f"returns a body that is not {first.expected}"
    return f"returns a response that its schema does not allow: {places_of(failure.differences)}"


def _answers(failure: Failure) -> str:
    first = main_differences(failure.differences)[0]
    if first.kind in LISTS:
        query = _conditions_asked(failure)
        if first.kind == "extra" and query:
            return f"returns records that the query parameter {' or '.join(query)} excludes"
        return LISTS[first.kind][0]
    if other := next((one for one in failure.differences if one.kind in WRONG_RECORDS), None):
        if other.kind == "reused record":
            return "reuses an existing record where it has to create a new one"
        return "returns another record than the existing one"
    if first.place.startswith("webhook"):
        return f"sends a wrong message: {first.place}" if first.received != "none" else f"does not send the {first.place}"
    if first.expected.startswith("nothing that only another"):
        return "shows an organization what only another one may see"
    if first.is_value and first.received in ("null", "nothing: the property is absent") and len(failure.differences) == 1:
        return f"returns {'null' if first.received == 'null' else 'nothing'} for {first.place}"
    return (
        f"returns {'a wrong value' if len(failure.differences) == 1 else 'wrong values'} for {places_of(failure.differences)}"
    )


def places_of(differences: Sequence[Mismatch], most: int = 3) -> str:
    """Return the places of the first differences, as `/name, /phone and /email`."""
    named = list(dict.fromkeys(difference.place for difference in differences))[:most]
    return " and ".join(", ".join(named).rsplit(", ", 1))


def look_at(failure: Failure, under: str, resource: Resource | None, *, together: bool = False) -> str:
    """Say where a developer of the API would look first. `together` tells that the requests were sent simultaneously."""
    operation = failure.operation
    if together and failure.kind == "answer":
        return (
            f"the transaction of {operation}, and the unique constraints of what it stores: simultaneous requests have to come "
            "to the same as some order of them"
        )
    if failure.kind == "trouble":
        return "the connection, and the log of the server at this request"
    if failure.kind == "error":
        return f"the log of the server at this request: {operation} has to answer it without an error of its own"
    if failure.kind == "shape":
        return f"what {operation} writes for {places_of(failure.differences)} into a response of {failure.received_status}"
    if under == ACROSS and (failure.has_wrong_status or failure.differences[0].kind == "extra"):
        return f"the lookups of {operation}: each has to be limited to the organization of the caller"
    if failure.is_accepted:
        return _unchecked(failure, under)
    if failure.is_refused:
        return f"why {operation} refuses this request: the message of its response, and the check that sends it"
    return _stored(failure, resource)


def _unchecked(failure: Failure, under: str) -> str:
    if under == REMOVED and failure.expected_problem == "not-found":
        return f"whether the record is really removed, and whether {failure.operation} looks for removed ones too"
    where = CHECKED.get(failure.expected_problem or "", "the checks of {operation} before it does anything")
    why = f" ({failure.expected_why})" if failure.expected_problem == "invalid" and failure.expected_why else ""
    return where.format(operation=failure.operation) + why


def _stored(failure: Failure, resource: Resource | None) -> str:
    operation, first = failure.operation, main_differences(failure.differences)[0]
    if first.kind in LISTS:
        lists = [step for step in operation.steps if isinstance(step, List)]
        by = ", ".join(str(by) for step in lists for order in step.order.possible() for by in order)
        query = ", ".join(_conditions_asked(failure))
        conditions = f"how it applies {query}" if query else "the organization, and the parent in the path"
        return LISTS[first.kind][1].format(conditions=conditions, order=f", here {by}" if by else "")
    if any(one.kind in WRONG_RECORDS for one in failure.differences):
        keys = [" and ".join(step.resource.key) for step in operation.steps if isinstance(step, FindOrCreate)]
        if keys:
            return f"the lookup by {' or '.join(keys)} in {operation}: what it takes for equal (case, spaces, the organization)"
        return f"which record {operation} selects"
    if first.place == "header ETag":
        return "what the entity tag is made of: it has to change with every change of the record, and only then"
    if first.place.startswith("header "):
        return f"how {operation} sets the {first.place}"
    if first.place.startswith("webhook"):
        return f"the code that sends the {first.place.partition('/')[0]} after {operation}: when, to whom, with what"
    name = first.place.rpartition("/")[2]
    if resource is not None and name in (resource.created, resource.modified):
        return f"when {name} is set, and by which clock"
    if operation.method == "GET":
        return f"what is stored as {name} by the requests before, and what {operation} reads"
    return f"how {operation} stores and returns {name}"


def _conditions_asked(failure: Failure) -> list[str]:
    """Return the query parameters of the request that ask for certain records."""
    return [name for name in failure.planned.query if name not in paging_of(failure.operation)]


def paging_of(operation: Operation) -> frozenset[str]:
    """Return the names of the parameters that ask for a part or an order of a list, and not for certain records."""
    lists = [step for step in operation.steps if isinstance(step, List)]
    values = [one for step in lists for one in (step.limit, step.start, step.after, step.before, step.sort, step.direction)]
    made = [made for one in values if one is not None for made in one.possible()]
    return frozenset(one.name for one in made if isinstance(one, FromParameter))
