"""Faults: what is to go wrong, with which requests, how often. Plain data, read from a file or a request and checked at once.

    faults:
      - name: overloaded
        match: {operation: createInternalContact, organization: acme, body: {/email: ada@acme.example}}
        status: 503
        retry-after: 2
        times: 3

What goes wrong is any of `status`, `retry-after`, `delay`, `break` and `drip`, where they do not contradict each other.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from mock_server.contract.behaviours.declarations import Declaration, read_declaration
from mock_server.contract.files.flaws import Flaws, did_you_mean, piece
from mock_server.contract.files.source import Json, Source, pointer_to, pointer_tokens
from mock_server.contract.model import Contract, Operation
from mock_server.contract.problems import Refused
from mock_server.engine.values import part, same_value
from mock_server.exchange.messages import Request

HEADER = b"x-mock-fault"

LONGEST_DELAY = 600_000
"""Milliseconds that a fault may take."""

ALWAYS = frozenset({429, 500, 502, 503, 504})
"""Statuses that what stands before an API answers, whether or not its document says so."""

PARTS_OF_HEADER = ("status", "retry-after", "delay", "break", "drip")


class Break(Enum):
    """How an answer is broken.

    `close` performs nothing and closes the connection; `lose-answer` performs the request and closes it; `truncate` closes it
    amid the body; `malformed` sends a body that is no JSON.
    """

    CLOSE = "close"
    LOSE_ANSWER = "lose-answer"
    TRUNCATE = "truncate"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Delay:
    """Milliseconds by their percentiles, from the 0th to the 100th; between two of them as on a line."""

    percentiles: tuple[tuple[float, float], ...]

    @classmethod
    def between(cls, least: float, most: float) -> Delay:
        """Return a delay that is equally likely to be anything from `least` to `most`."""
        return cls(((0, least), (100, most)))

    def seconds(self, chance: float) -> float:
        """Return the delay at a chance from 0 to 1."""
        at = chance * 100
        before = self.percentiles[0]
        for after in self.percentiles[1:]:
            if at <= after[0]:
                share = (at - before[0]) / (after[0] - before[0])
                return (before[1] + share * (after[1] - before[1])) / 1000
            before = after
        return before[1] / 1000


@dataclass(frozen=True, slots=True)
class Match:
    """Which requests a fault is for; what is None or empty is left open. `body` has values by JSON Pointer."""

    operation: str | None = None
    organization: str | None = None
    header: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Json] = field(default_factory=dict)

    def takes(self, request: Request, operation: Operation | None, organization: str | None) -> bool:
        """Say whether the fault is for a request."""
        if self.operation is not None and (operation is None or operation.id != self.operation):
            return False
        if self.organization is not None and self.organization != organization:
            return False
        if any(request.header(name.lower().encode()) != value for name, value in self.header.items()):
            return False
        return not self.body or self._takes_body(request, operation)

    def _takes_body(self, request: Request, operation: Operation | None) -> bool:
        try:
            body = request.value(operation)
        except ValueError:
            return False
        return all(same_value(part(body, tuple(pointer_tokens(pointer))), value) for pointer, value in self.body.items())


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong. `declared` is how it was written."""

    name: str
    match: Match = Match()
    status: int | None = None
    retry_after: int | None = None
    delay: Delay | None = None
    break_: Break | None = None
    drip: float | None = None
    times: int | None = None
    probability: float = 1
    declared: Mapping[str, Json] = field(default_factory=dict, compare=False)

    def suits(self, operation: Operation | None) -> bool:
        """Say whether an operation can be answered so: with a status that it documents."""
        if self.status is None:
            return True
        return operation is not None and (self.status in ALWAYS or operation.response(self.status) is not None)


@dataclass(slots=True)
class Planned:
    """A fault that waits for its requests: how often it still comes (None: always), and how often it came."""

    fault: Fault
    left: int | None
    injected: int = 0


class Faults:
    """The faults that are planned, in the order in which they were. The first one that is for a request is the one it meets.

    `planned` is all that a request looks at when there is none.
    """

    def __init__(self, random_seed: int | None = None) -> None:
        self.planned: list[Planned] = []
        self._random_seed = random_seed
        self._random = random.Random(random_seed)

    def add(self, *faults: Fault) -> None:
        """Plan faults; one takes the place of another of its name."""
        for fault in faults:
            planned = Planned(fault, fault.times)
            names = [known.fault.name for known in self.planned]
            if fault.name in names:
                self.planned[names.index(fault.name)] = planned
            else:
                self.planned.append(planned)

    def list(self) -> list[Planned]:
        """Return what is planned, and what was and came as often as it should."""
        return list(self.planned)

    def remove(self, name: str) -> bool:
        """Plan a fault no more; return whether it was planned."""
        before = len(self.planned)
        self.planned = [planned for planned in self.planned if planned.fault.name != name]
        return len(self.planned) < before

    def clear(self) -> None:
        """Plan nothing; chances repeat from here on under a random seed."""
        self.planned = []
        self._random.seed(self._random_seed)

    def choose(self, request: Request, operation: Operation | None, organization: str | None) -> Fault | None:
        """Return the fault that a request meets, if any; raise `Refused` where the request asks for one that cannot be."""
        if HEADER in request.headers:
            return _from_header(request.header(HEADER), operation)
        for planned in self.planned:
            fault = planned.fault
            if planned.left == 0 or not fault.suits(operation) or not fault.match.takes(request, operation, organization):
                continue
            if fault.probability < 1 and self._random.random() >= fault.probability:
                continue
            planned.injected += 1
            planned.left = None if planned.left is None else planned.left - 1
            return fault
        return None

    def seconds(self, delay: Delay) -> float:
        """Return how long a delay is this time."""
        return delay.seconds(self._random.random())


def read_faults(source: Source, contract: Contract, organizations: Iterable[str] | None) -> list[Fault]:
    """Return the faults that a file holds; raise `FlawedInput` with every flaw when they do not fit the contract.

    `organizations` is None where they could not be read.
    """
    reader = _FaultReader(source, contract, None if organizations is None else list(organizations))
    declaration = read_declaration("faults", source.value, source, "", reader.flaws)
    found = [
        reader.read(raw, pointer_to("faults", index), f"fault-{index + 1}")
        for index, raw in enumerate(declaration["faults"] if declaration else ())
    ]
    names: set[str] = set()
    for index, fault in enumerate(found):
        if fault is not None and fault.name in names:
            reader.flaws.add(source, pointer_to("faults", index), f"the name {piece(fault.name)} stands twice")
        names.update([fault.name] if fault else [])
    reader.flaws.raise_if_any()
    return [fault for fault in found if fault is not None]


def read_fault(source: Source, contract: Contract, organizations: Iterable[str], default_name: str) -> Fault:
    """Return the one fault that `source` holds; raise `FlawedInput` as `read_faults` does."""
    __tracebackhide__ = True  # a test is shown its own line
    reader = _FaultReader(source, contract, list(organizations))
    fault = reader.read(source.value, "", default_name)
    reader.flaws.raise_if_any()
    if fault is None:
        raise LookupError("a fault that is wrong has a flaw")
    return fault


class _FaultReader:
    def __init__(self, source: Source, contract: Contract, organizations: list[str] | None) -> None:
        self.source = source
        self.contract = contract
        self.organizations = organizations
        self.flaws = Flaws()

    def read(self, raw: Json, pointer: str, default_name: str) -> Fault | None:
        before = len(self.flaws)
        declared = read_declaration("fault", raw, self.source, pointer, self.flaws)
        if declared is None:
            return None
        delay = self.read_delay(declared["delay"], pointer + "/delay")
        self.check_match(declared["match"], pointer + "/match")
        self.check_status(declared, pointer)
        self.check_effects(declared, pointer)
        if len(self.flaws) > before:
            return None
        match, status, retry_after = declared["match"], _whole(declared["status"]), _whole(declared["retry-after"])
        name = declared["name"] or default_name
        return Fault(
            name=name,
            match=Match(match.get("operation"), match.get("organization"), match.get("header", {}), match.get("body", {})),
            status=429 if status is None and retry_after is not None else status,
            retry_after=retry_after,
            delay=delay,
            break_=Break(declared["break"]) if declared["break"] else None,
            drip=declared["drip"],
            times=_whole(declared["times"]),
            probability=declared["probability"],
            declared={"name": name, **raw},
        )

    def read_delay(self, raw: Json, pointer: str) -> Delay | None:
        if raw is None:
            return None
        if not isinstance(raw, dict):
            fixed = read_declaration("fixed-delay", {"delay": raw}, self.source, pointer[: -len("/delay")], self.flaws)
            return Delay.between(raw, raw) if fixed else None
        declared = read_declaration("delay", raw, self.source, pointer, self.flaws)
        if declared is None:
            return None
        least, most, percentiles = declared["from"], declared["to"], declared["percentiles"]
        if percentiles and least is most is None:
            return self.read_percentiles(percentiles, pointer + "/percentiles")
        if percentiles or least is None or most is None or least > most:
            hint = "write a number of milliseconds, {from: 100, to: 300} or {percentiles: {50: 100, 99: 900}}"
            self.flaws.add(self.source, pointer, f"{piece(raw)} is no delay", hint)
            return None
        return Delay.between(least, most)

    def read_percentiles(self, raw: Mapping[str, float], pointer: str) -> Delay | None:
        points: dict[float, float] = {}
        for text, milliseconds in raw.items():
            percentile = float(text) if text.replace(".", "", 1).isdecimal() and text.isascii() and len(text) < 10 else -1
            if not 0 <= percentile <= 100:
                self.flaws.add(self.source, pointer + pointer_to(text), f"{piece(text)} is not a percentile from 0 to 100")
            points[percentile] = milliseconds
        ordered = sorted(points.items())
        if [milliseconds for _, milliseconds in ordered] != sorted(points.values()):
            self.flaws.add(self.source, pointer, "a higher percentile has a shorter delay")
        if ordered[0][0] > 0:
            ordered.insert(0, (0, 0))
        return Delay((*ordered, *([(100.0, ordered[-1][1])] if ordered[-1][0] < 100 else [])))

    def check_match(self, match: Mapping[str, Json], pointer: str) -> None:
        operations = [operation.id for operation in self.contract.operations]
        operation, organization = match.get("operation"), match.get("organization")
        if operation is not None and operation not in operations and operation not in self.contract.unread.operations:
            hint = did_you_mean(operation, operations)
            self.flaws.add(self.source, pointer + "/operation", f"there is no operation {piece(operation)}", hint)
        if organization is not None and self.organizations is not None and organization not in self.organizations:
            hint = did_you_mean(organization, self.organizations)
            self.flaws.add(self.source, pointer + "/organization", f"there is no organization {piece(organization)}", hint)
        for place in match.get("body", ()):
            if place and not place.startswith("/"):
                hint = f"did you mean {'/' + place!r}?"
                self.flaws.add(self.source, pointer + pointer_to("body", place), f"{piece(place)} is no JSON Pointer", hint)

    def check_status(self, declared: Declaration, pointer: str) -> None:
        status = _whole(declared["status"])
        if status is None or status in ALWAYS:
            return
        wanted = declared["match"].get("operation")
        meant = [operation for operation in self.contract.operations if wanted in (None, operation.id)]
        if any(operation.id in self.contract.unread.responses for operation in meant):
            return
        if meant and not any(operation.response(status) for operation in meant):
            known = {text for operation in meant for text in operation.responses} | {str(number) for number in ALWAYS}
            told = f"{wanted or 'no operation'} {'does not document' if wanted else 'documents'} an answer {status}"
            self.flaws.add(self.source, pointer + "/status", told, f"it may be one of: {', '.join(sorted(known))}")

    def check_effects(self, declared: Declaration, pointer: str) -> None:
        ways, broken, drip = [way.value for way in Break], declared["break"], declared["drip"]
        if broken is not None and broken not in ways:
            self.flaws.add(self.source, pointer + "/break", f"{piece(broken)} is not known here", did_you_mean(broken, ways))
        answered = declared["status"] is not None or declared["retry-after"] is not None
        if broken in ("close", "lose-answer") and (answered or drip is not None):
            message = f"{broken} answers nothing, so there is no status, retry-after or drip"
            self.flaws.add(self.source, pointer + "/break", message)
        if not answered and declared["delay"] is broken is drip is None:
            self.flaws.add(self.source, pointer, "nothing goes wrong", f"give one of: {', '.join(PARTS_OF_HEADER)}")


def _whole(number: float | None) -> int | None:
    """Return 503 for 503.0: JSON Schema takes them for the same."""
    return None if number is None else int(number)


def _from_header(text: str, operation: Operation | None) -> Fault:
    """Return the fault that a request asks for itself: `delay=100-300, status=503`; raise `Refused` where it cannot be."""
    given: dict[str, str] = {}
    for pair in text.split(","):
        name, _, value = (piece.strip() for piece in pair.partition("="))
        if name not in PARTS_OF_HEADER:
            raise _impossible(f"{name!r:.40} is not a fault", did_you_mean(name, PARTS_OF_HEADER))
        given[name] = value
    delay = _delay_in(given["delay"]) if "delay" in given else None
    status = _number_in(given, "status", 599)
    retry_after = _number_in(given, "retry-after", 86_400)
    ways = [way.value for way in Break]
    if given.get("break", ways[0]) not in ways:
        raise _impossible(f"{given['break']!r:.40} is not a way to break a response", did_you_mean(given["break"], ways))
    fault = Fault(
        name=", ".join(f"{name}={value}" for name, value in given.items()),
        status=429 if status is None and retry_after is not None else status,
        retry_after=retry_after,
        delay=delay,
        break_=Break(given["break"]) if "break" in given else None,
        drip=_number_in(given, "drip", LONGEST_DELAY),
    )
    if not fault.suits(operation):
        raise _impossible(f"{operation or 'an unknown operation'} documents no response {status}", "")
    return fault


def _number_in(given: Mapping[str, str], name: str, most: int) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) <= most):
        raise _impossible(f"{name} is a whole number up to {most}, not {text!r:.40}", "")
    return int(text)


def _delay_in(text: str) -> Delay:
    least, _, most = text.partition("-")
    numbers = {"delay": least.strip(), "to": (most or least).strip()}
    return Delay.between(*sorted(_number_in(numbers, name, LONGEST_DELAY) or 0 for name in numbers))


def _impossible(message: str, hint: str) -> Refused:
    return Refused("impossible-preference", f"X-Mock-Fault: {message}; {hint}." if hint else f"X-Mock-Fault: {message}.")


def shown(planned: Planned) -> Mapping[str, Json]:
    """Return a planned fault as JSON: as it was declared, how often it came, and how often it still will."""
    return {**planned.fault.declared, "name": planned.fault.name, "injected": planned.injected, "left": planned.left}
