"""Answers that are not performed: those that a request asks for with `Prefer`, and those of operations without a behaviour.

`Prefer: code=404`, `Prefer: example=NAME` and `Prefer: dynamic=true` are what users of other mock servers know. Nothing is
stored, and what cannot be had is refused loudly. The header is that of RFC 7240; preferences of other names are ignored, as it
asks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mock_server.contract.bodies import violations_of
from mock_server.contract.codecs import codec_of
from mock_server.contract.flaws import did_you_mean
from mock_server.contract.media import Media
from mock_server.contract.model import Contract, Operation, Response
from mock_server.contract.problems import KINDS, Refused
from mock_server.contract.samples import sample
from mock_server.contract.schemas import NoChoice
from mock_server.contract.security import CHALLENGE_HEADER
from mock_server.contract.source import Json
from mock_server.engine.choices import Choices
from mock_server.engine.execution import Execution
from mock_server.engine.values import ABSENT
from mock_server.exchange.messages import Answer

LONGEST_PREFERENCE = 1000
"""How many characters of a `Prefer` header are read."""

KIND_OF = {kind.status: kind for kind in KINDS.values() if not kind.own}
"""The kind of problem that an answer of a status tells of; the last one of the table, where several have it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request prefers to be answered."""

    code: str | None = None
    example: str | None = None
    dynamic: bool = False

    @classmethod
    def from_header(cls, value: str) -> Wish | None:
        """Return what a `Prefer` header wishes of a mock; None when it wishes nothing of the kind."""
        found = {}
        for preference in value[:LONGEST_PREFERENCE].replace(";", ",").split(","):
            name, _, wished = preference.partition("=")
            found[name.strip().lower()] = wished.strip().strip('"')
        wish = cls(found.get("code"), found.get("example"), found.get("dynamic") == "true")
        return wish if wish != cls() else None

    def __str__(self) -> str:
        told = [f"{name}={value}" for name, value in (("code", self.code), ("example", self.example)) if value is not None]
        return ", ".join([*told, "dynamic=true"] if self.dynamic else told)


class DocumentResponder:
    """Answers an operation without a behaviour: with its example, or a sample of its schema."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    def respond(self, operation: Operation, execution: Execution) -> Answer:
        """Return what the document has for success; raise `Refused` where it has nothing that can be sent."""
        status, response = _success(operation)
        if response.unsupported:
            raise Refused("not-implemented", f"{operation} is not supported: {'; '.join(response.unsupported)}.")
        return _answer(self._contract, operation, execution.choices, status, response.media, Wish())


class WishResponder:
    """Answers what a request wishes for."""

    def __init__(self, contract: Contract, wish: Wish) -> None:
        self._contract = contract
        self._wish = wish

    def respond(self, operation: Operation, execution: Execution) -> Answer:
        """Return the answer that is wished for; raise `Refused` where the document has none such, or where it is a refusal."""
        wish, choices = self._wish, execution.choices
        status, response = _wished(operation, wish.code) if wish.code is not None else _success(operation)
        applied = ("Preference-Applied", str(wish))
        if status >= 400 and wish.example is None and not wish.dynamic:
            raise _refusal(self._contract, status, response, f"Prefer: {wish}", applied)
        media = next((media for media in response.content if _in_use(media, choices)), None)
        answer = _answer(self._contract, operation, choices, status, media, wish)
        answer.headers.append(applied)
        return answer


class StatusResponder:
    """Answers with a status, whatever the state: as the document has it, else with problem details that say `why`."""

    def __init__(self, contract: Contract, status: int, why: str) -> None:
        self._contract = contract
        self._status = status
        self._why = why

    def respond(self, operation: Operation, execution: Execution) -> Answer:
        """Return the answer of the status; raise it as `Refused` where it is a refusal."""
        if self._status >= 400:
            raise _refusal(self._contract, self._status, operation.response(self._status), self._why)
        answer = WishResponder(self._contract, Wish(code=str(self._status))).respond(operation, execution)
        answer.headers.clear()  # nobody wished for it
        return answer


def _refusal(contract: Contract, status: int, response: Response | None, why: str, *headers: tuple[str, str]) -> Refused:
    """Return a refusal with the headers that the document has for it."""
    kind = KIND_OF.get(status, KINDS["asked-for"])
    documented = response.headers if response else ()
    usual = {CHALLENGE_HEADER: contract.schemes[0].word, "Retry-After": "1"}
    more = [(name, usual[name]) for name in documented if usual.get(name)]
    return Refused(kind.name, why, headers=(*headers, *more), status=status)


def _wished(operation: Operation, code: str) -> tuple[int, Response]:
    response = operation.response(int(code)) if re.fullmatch("[1-5][0-9]{2}", code) else None
    if response is None:
        documented = sorted(status for status in operation.responses if status.isdecimal())
        raise _impossible(f"{operation} documents no response {code!r:.40}", did_you_mean(code, documented))
    return int(code), response


def _success(operation: Operation) -> tuple[int, Response]:
    for status in sorted(operation.responses):
        if status.isdecimal() and status.startswith("2"):
            return int(status), operation.responses[status]
    raise Refused("not-implemented", f"{operation} documents no response with an exact success status.")


def _answer(contract: Contract, operation: Operation, choices: Choices, status: int, media: Media | None, wish: Wish) -> Answer:
    body = _body(contract, operation, media, wish) if media else ABSENT
    return Answer(status, body, media.sent_as if media else "", [], choices.rested_on, operation)


def _body(contract: Contract, operation: Operation, media: Media, wish: Wish) -> Json:
    if wish.example is not None:
        if wish.example not in media.examples:
            hint = did_you_mean(wish.example, media.examples) or "it has no examples"
            raise _impossible(f"this response of {operation} has no example {wish.example!r:.40}", hint)
        return media.examples[wish.example]
    if media.examples and not wish.dynamic:
        return next(iter(media.examples.values()))
    if media.schema is None:
        return {}
    body = sample(media.schema)
    codec = codec_of(media.type)
    if codec.holds(media.schema) and violations_of(body, contract.schemas.check(media.schema, "response"), codec, NoChoice()):
        detail = f"No valid sample can be generated from the response schema of {operation}; add an example."
        raise Refused("not-implemented", detail)
    return body


def _in_use(media: Media, choices: Choices) -> bool:
    return media.only_when is None or choices.of(media.only_when[0]) == media.only_when[1]


def _impossible(message: str, hint: str) -> Refused:
    told = f"{message}; {hint}" if hint else message
    return Refused("impossible-preference", told if told.endswith("?") else f"{told}.")
