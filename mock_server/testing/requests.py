"""What was asked of a mock, as tests look at it: typed, filtered, and asserted with the nearest request shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, overload
from urllib.parse import parse_qsl

from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.files.source import Json
from mock_server.contract.model import Operation
from mock_server.contract.schemas.checks import Violation
from mock_server.engine.values import ABSENT
from mock_server.exchange.messages import Request
from mock_server.server.differences import Difference, Wanted, differences
from mock_server.server.journal import Entry
from mock_server.testing.masking import Masking

MOST_SHOWN = 10
"""How many requests a failed assertion lists."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and how it was answered.

    `json` is None for a body that is not JSON, `answer` for an answer without one, `fault` where none was met.
    """

    number: int
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    json: Json
    organization: str | None
    operation: str | None
    status: int
    answer: Json
    rested_on: Mapping[str, str]
    problem: str | None
    detail: str
    violations: tuple[Violation, ...]
    fault: str | None

    def __str__(self) -> str:
        return f"{self.method} {self.path} -> {self.status}"

    def __repr__(self) -> str:
        return f"<Asked {self.number}. {self}>"  # nothing secret: pytest shows it of every failing test


def as_asked(number: int, entry: Entry) -> Asked:
    """Return an entry of the journal as tests see it; they count from the last reset."""
    request, answer = entry.request, entry.answer
    return Asked(
        number,
        request.method,
        request.path,
        dict(parse_qsl(request.query, keep_blank_values=True)),
        entry.headers,
        request.body or b"",
        _value(request, entry.answer.operation),
        entry.organization,
        entry.operation,
        entry.status,
        None if answer.body is ABSENT else answer.body,
        answer.rested_on,
        answer.problem,
        answer.detail,
        answer.violations,
        entry.fault,
    )


class Requests(Sequence[Asked]):
    """The requests since the last reset, oldest first."""

    def __init__(
        self,
        read: Callable[[], list[Asked]],
        clear: Callable[[], None],
        masking: Callable[[], Masking],
        check: Callable[[Wanted], None],
    ) -> None:
        self._read = read
        self._clear = clear
        self._masking = masking
        self._check = check

    def __repr__(self) -> str:
        return repr(self._read())

    @overload
    def __getitem__(self, index: int) -> Asked: ...
    @overload
    def __getitem__(self, index: slice) -> list[Asked]: ...
    def __getitem__(self, index: int | slice) -> Asked | list[Asked]:
        return self._read()[index]

    def __len__(self) -> int:
        return len(self._read())

    def __iter__(self) -> Iterator[Asked]:
        return iter(self._read())

    def filter(self, **wanted: Any) -> list[Asked]:
        """Return the requests that are as `assert_requested` describes them, with the same arguments."""
        __tracebackhide__ = True
        criteria = self._wanted(wanted)
        return [asked for asked in self if not any(differences(criteria, asked))]

    def clear(self) -> None:
        """Forget the requests so far; the state stays."""
        self._clear()

    def assert_requested(self, *, times: int | None = None, **wanted: Any) -> list[Asked]:
        """Return the requests that are as wanted; raise `AssertionError` unless there are `times`, or any where that is None.

        Arguments, all optional: `method`, `path` (as sent, or as the document writes it, with parameters in braces),
        `operation`, `organization`, `status`, `json` (the whole body), `containing` (members that the body has among others),
        `query` and `headers` (those that are sent among others). An operation or organization that the mock does not have
        is a mistake: `LookupError`.
        """
        __tracebackhide__ = True
        criteria, everything = self._wanted(wanted), self._read()
        compared = [(asked, list(differences(criteria, asked))) for asked in everything]
        found = [asked for asked, different in compared if not different]
        if (times is None and found) or len(found) == times:
            return found
        raise AssertionError(self._masking().text(_told(criteria, times, found, compared)))

    def assert_not_requested(self, **wanted: Any) -> None:
        """Raise `AssertionError` when a request is as described; the arguments are those of `assert_requested`."""
        __tracebackhide__ = True
        self.assert_requested(times=0, **wanted)

    def _wanted(self, wanted: Mapping[str, Any]) -> Wanted:
        __tracebackhide__ = True
        known = [field.name for field in fields(Wanted)]
        for name in wanted:
            if name not in known:
                raise TypeError(f"requests have no {piece(name)}; {did_you_mean(name, known)}")
        criteria = Wanted(**wanted)
        self._check(criteria)
        return criteria


def _told(wanted: Wanted, times: int | None, found: list[Asked], compared: list[tuple[Asked, list[Difference]]]) -> str:
    expected = "at least once" if times is None else "never" if times == 0 else f"{times} times"
    lines = [f"Expected {expected}: {wanted}", f"{len(found)} of {len(compared)} requests matched."]
    if found:
        lines += [f"  {asked.number}. {asked}" for asked in found[:MOST_SHOWN]]
    elif not compared:
        lines.append("The mock received no requests.")
    else:
        nearest, different = min(compared, key=lambda pair: sum(difference.weight for difference in pair[1]))
        lines.append(f"The nearest is {nearest.number}. {nearest}, which differs in")
        lines += [f"  {difference}" for difference in different]
        if nearest.problem:
            lines.append(f"  (it was rejected: {nearest.detail})")
        others = [asked for asked, _ in compared if asked is not nearest]
        if others:
            lines += ["Other requests:", *_listed(others)]
    return "\n".join(lines)


def _listed(several: Iterable[Asked]) -> list[str]:
    lines = [f"  {asked.number}. {asked}" for asked in several]
    return lines if len(lines) <= MOST_SHOWN else [*lines[:MOST_SHOWN], f"  … and {len(lines) - MOST_SHOWN} more"]


def _value(request: Request, operation: Operation | None) -> Json:
    try:
        return request.value(operation) if request.body else None
    except ValueError:
        return None
