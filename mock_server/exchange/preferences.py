"""Answers that are not performed: those that a request asks for with `Prefer`, and those of operations without a behaviour.

`Prefer: code=404`, `Prefer: example=NAME` and `Prefer: dynamic=true` are what users of other mock servers know. Nothing is
stored, and what cannot be had is refused loudly. The header is that of RFC 7240; preferences of other names are ignored, as it
asks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mock_server.contract.codecs import codec_of
from mock_server.contract.flaws import did_you_mean
from mock_server.contract.model import Contract, Operation, Response
from mock_server.contract.problems import KINDS, Refused
from mock_server.contract.samples import sample
from mock_server.contract.schemas import Media, NoChoice
from mock_server.contract.security import CHALLENGE_HEADER
from mock_server.contract.source import Json
from mock_server.engine.choices import Choices
from mock_server.engine.engine import Performed
from mock_server.engine.execution import ABSENT, Absent
from mock_server.exchange.messages import Answer
from mock_server.exchange.refusals import Refusals

LONGEST_PREFERENCE = 1000
"""How many characters of a `Prefer` header are read."""

KIND_OF = {kind.status: kind for kind in KINDS.values()}
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


class Preferences:
    """Gives answers from the document alone."""

    def __init__(self, contract: Contract, refusals: Refusals) -> None:
        self._schemas = contract.schemas
        self._refusals = refusals
        self._usual_headers = {CHALLENGE_HEADER: contract.schemes[0].word, "Retry-After": "1"}
        """What documented headers of refusals hold when such an answer is asked for."""

    def answer(self, wish: Wish, operation: Operation, choices: Choices) -> Answer:
        """Return the answer that is wished for; raise `Refused` where the document has none such."""
        status, response = self._response(wish, operation)
        applied = ("Preference-Applied", str(wish))
        if status >= 400 and wish.example is None and not wish.dynamic:
            return self._refusal(status, response, operation, choices, f"Prefer: {wish}", applied)
        media = next((media for media in response.content if codec_of(media.type) and _in_use(media, choices)), None)
        body = self._body(operation, media, wish) if media else ABSENT
        return Answer(status, body, media.type if media else "", [applied], choices.rested_on, operation)

    def of_status(self, status: int, operation: Operation, choices: Choices, why: str) -> Answer:
        """Return the answer of a status, whatever the state: as the document has it, else as problem details that say `why`."""
        if status >= 400:
            return self._refusal(status, operation.response(status), operation, choices, why)
        answer = self.answer(Wish(code=str(status)), operation, choices)
        answer.headers = []
        return answer

    def _refusal(
        self,
        status: int,
        response: Response | None,
        operation: Operation,
        choices: Choices,
        why: str,
        *headers: tuple[str, str],
    ) -> Answer:
        kind = KIND_OF.get(status, KINDS["asked-for"])
        documented = response.headers if response else ()
        usual = [(name, value) for name, value in self._usual_headers.items() if name in documented]
        refused = Refused(kind.name, why, headers=(*headers, *usual), status=status)
        return self._refusals.answer(refused, operation, choices)

    def documented(self, operation: Operation) -> Performed:
        """Return what an operation without a behaviour answers: its example, or a sample of its schema."""
        status, response = self._response(Wish(), operation)
        media = response.media
        if media is None and response.content:
            raise Refused("not-implemented", f"{operation} declares no behaviour and documents no JSON response.")
        return Performed(status, self._body(operation, media, Wish()) if media else ABSENT, [])

    def _response(self, wish: Wish, operation: Operation) -> tuple[int, Response]:
        documented = sorted(status for status in operation.responses if status.isdecimal())
        if wish.code is not None:
            response = operation.response(int(wish.code)) if re.fullmatch("[1-5][0-9]{2}", wish.code) else None
            if response is None:
                raise _impossible(f"{operation} documents no response {wish.code!r:.40}", did_you_mean(wish.code, documented))
            return int(wish.code), response
        for status in documented:
            if status.startswith("2"):
                return int(status), operation.responses[status]
        raise Refused("not-implemented", f"{operation} documents no response with an exact success status.")

    def _body(self, operation: Operation, media: Media, wish: Wish) -> Json | Absent:
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
        if self._schemas.check(media.schema).violations(body, NoChoice()):
            raise Refused(
                "not-implemented", f"No valid sample can be generated from the response schema of {operation}; add an example."
            )
        return body


def _in_use(media: Media, choices: Choices) -> bool:
    return media.only_when is None or choices.of(media.only_when[0]) == media.only_when[1]


def _impossible(message: str, hint: str) -> Refused:
    told = f"{message}; {hint}" if hint else message
    return Refused("impossible-preference", told if told.endswith("?") else f"{told}.")
