"""Answers that are not performed: those that a request wishes for, and those of operations without a behaviour.

`success` says which response is given, `negotiation` in which of its media types, `document_bodies` and `documented_headers`
with which content.
"""

from __future__ import annotations

import re

from mock_server.contract.access.security import CHALLENGE_HEADER
from mock_server.contract.files.flaws import did_you_mean
from mock_server.contract.files.source import Json
from mock_server.contract.messages.codecs import codec_of, is_json
from mock_server.contract.messages.codecs.text import TextCodec
from mock_server.contract.messages.media import Media
from mock_server.contract.messages.model import Response
from mock_server.contract.model import Contract, Operation
from mock_server.contract.problems import KINDS, Refused
from mock_server.engine.choices import Choices
from mock_server.engine.execution import Execution
from mock_server.engine.values import ABSENT
from mock_server.exchange.document_bodies import MADE_HEADER, MADE_OF_SCHEMA, DocumentBodies, MadeBody
from mock_server.exchange.documented_headers import DocumentedHeaders
from mock_server.exchange.messages import BODILESS, Answer
from mock_server.exchange.negotiation import Offer, best_offer, types_on_offer
from mock_server.exchange.sample_files import as_file
from mock_server.exchange.success import success_of
from mock_server.exchange.wishes import NO_WISH, Wish

KIND_OF = {kind.status: kind for kind in KINDS.values() if not kind.own}
"""The kind of problem that an answer of a status tells of; the last one of the table, where several have it."""


class DocumentedAnswers:
    """Gives the documented responses of a contract, in the media type that a request accepts."""

    def __init__(self, contract: Contract, headers: DocumentedHeaders) -> None:
        self._bodies = DocumentBodies(contract)
        self._headers = headers
        self._schemas = contract.schemas

    def give(self, operation: Operation, status: int, response: Response, execution: Execution, wish: Wish = NO_WISH) -> Answer:
        """Return a response as the answer; raise `Refused` where nothing of it can be sent."""
        if response.unsupported:
            raise Refused(
                "not-implemented", f"The response {status} of {operation} cannot be given: {response.unsupported[0]}."
            )
        answer = Answer(status, ABSENT, "", [], execution.choices.rested_on, operation)
        content = [media for media in response.content if _in_use(media, execution.choices)]
        if content and status not in BODILESS:
            offer = _offer(operation, content, execution, wish)
            made = self._bodies.make(operation, offer.media, execution, example=wish.example, dynamic=wish.dynamic)
            answer.body, answer.media_type = self._sent(made, offer), codec_of(offer.type).sent_as(offer.type)
            answer.headers.append(made.header)
            if len(content) > 1:
                answer.headers.append(("Vary", "Accept"))
        elif wish.example is not None:
            raise _impossible(f"the response {status} of {operation} has no body", "leave `example` out")
        elif not operation.responses:
            answer.headers.append((MADE_HEADER, "nothing"))
        if missing := self._headers.add(answer, response, execution.request, execution.generator):
            detail = f"No valid value can be made for the required header {missing[0]} of {operation}; add an example."
            raise Refused("not-implemented", detail)
        return answer

    def _sent(self, made: MadeBody, offer: Offer) -> Json:
        """Return a body as it is sent: a text that was made is put into a file of its media type, where its schema lets it."""
        schema, text = offer.media.schema, made.value
        may_be_text = schema is None or "string" in schema.types
        if may_be_text and not isinstance(text, str) and isinstance(codec_of(offer.type), TextCodec):
            text = "text"
        if made.source != MADE_OF_SCHEMA or not isinstance(text, str) or is_json(offer.type):
            return made.value
        if schema is not None and ("base64" in schema.content_encodings or "byte" in schema.formats):
            return text
        file = as_file(text, offer.type)
        return file if schema is None or self._schemas.check(schema, "response").strictest.is_valid(file) else text


class DocumentResponder:
    """Answers an operation without a behaviour: with its example, or a sample of its schema."""

    def __init__(self, answers: DocumentedAnswers) -> None:
        self._answers = answers

    def respond(self, operation: Operation, execution: Execution) -> Answer:
        """Return what the document has for success; raise `Refused` where it has nothing that can be sent."""
        status, response = success_of(operation)
        return self._answers.give(operation, status, response, execution)


class WishResponder:
    """Answers what a request wishes for."""

    def __init__(self, answers: DocumentedAnswers, wish: Wish) -> None:
        self._answers = answers
        self._wish = wish

    def respond(self, operation: Operation, execution: Execution) -> Answer:
        """Return the answer that is wished for; raise `Refused` where the document has none such, or where it is a refusal."""
        wish = self._wish
        status, response = _wished(operation, wish.code) if wish.code is not None else success_of(operation)
        applied = ("Preference-Applied", str(wish))
        if status >= 400 and wish.example is None and not wish.dynamic:
            raise _refusal(operation, status, f"Prefer: {wish}", applied)
        answer = self._answers.give(operation, status, response, execution, wish)
        answer.headers.append(applied)
        return answer


class StatusResponder:
    """Answers with a status, whatever the state: as the document has it, else with problem details that say `why`."""

    def __init__(self, answers: DocumentedAnswers, status: int, why: str) -> None:
        self._answers = answers
        self._status = status
        self._why = why

    def respond(self, operation: Operation, execution: Execution) -> Answer:
        """Return the answer of the status; raise it as `Refused` where it is a refusal."""
        if self._status >= 400:
            raise _refusal(operation, self._status, self._why)
        return self._answers.give(operation, *_wished(operation, str(self._status)), execution)


def _refusal(operation: Operation, status: int, why: str, *headers: tuple[str, str]) -> Refused:
    """Return a refusal; one that the document has with a challenge gets one."""
    kind = KIND_OF.get(status, KINDS["asked-for"])
    response = operation.response(status)
    if response and any(header.name.lower() == CHALLENGE_HEADER.lower() for header in response.headers):
        headers += tuple((CHALLENGE_HEADER, scheme.word) for scheme in operation.security.schemes[:1] if scheme.word)
    return Refused(kind.name, why, headers=headers, status=status)


def _wished(operation: Operation, code: str) -> tuple[int, Response]:
    response = operation.response(int(code)) if re.fullmatch("[2-5][0-9]{2}", code) else None
    if response is None:
        documented = sorted(status for status in operation.responses if status.isdecimal())
        raise _impossible(f"{operation} documents no response {code!r:.40}", did_you_mean(code, documented))
    return int(code), response


def _offer(operation: Operation, content: list[Media], execution: Execution, wish: Wish) -> Offer:
    """Return what is sent of some media types: what the request accepts best, of those that have the example it wishes for."""
    if wish.example is not None:
        content = [media for media in content if wish.example in media.examples] or content
    accept = execution.request.headers.get(b"accept", b"") if execution.request else b""
    offer = best_offer(content, accept.decode("latin-1"))
    if offer is None:
        types = ", ".join(types_on_offer(content))
        if not types:
            raise Refused("not-implemented", f"No body of {content[0].type} can be made for {operation}; add an example.")
        detail = f"{operation} can be answered as {types}; the request accepts none of them."
        raise Refused("not-acceptable", detail)
    return offer


def _in_use(media: Media, choices: Choices) -> bool:
    return media.only_when is None or choices.of(media.only_when[0]) == media.only_when[1]


def _impossible(message: str, hint: str) -> Refused:
    told = f"{message}; {hint}" if hint else message
    return Refused("impossible-preference", told if told.endswith("?") else f"{told}.")
