"""Scenarios of requests that are deep, large or long: a server may refuse them, and must not fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from contract_tests.scenarios.builder import ScenarioBuilder
from contract_tests.scenarios.invalid_bodies import refused_body
from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import Mangled, media_type_of
from mock_server.contract.messages.codecs import is_json

LONG_TEXT = 70_000
"""How many characters a text has that no column of 16 bits of length takes."""

LONG_LINE = 20_000
"""How many characters a header or an address has that many servers refuse (RFC 9110 section 5.4, 414 and 431)."""


def _more(member: str) -> Callable[[str], bytes]:
    """Return what adds a member to the text of a JSON object."""
    return lambda text: f"{text[:-1]}{', ' if len(text) > 2 else ''}{member}}}".encode()


def _deep(depth: int) -> str:
    return f'"x_more": {"[" * depth}{"]" * depth}'


SIZES: Mapping[str, Callable[[str], bytes]] = {
    "lists within lists, 1,000 of them": _more(_deep(1_000)),
    "lists within lists, 100,000 of them": _more(_deep(100_000)),
    "objects within objects, 5,000 of them": _more('"x_more": ' + '{"a":' * 5_000 + "1" + "}" * 5_000),
    "900 kilobytes": _more(f'"x_more": "{"x" * 900_000}"'),  # usual limits are a megabyte: what lies below reaches the code
    "10,000 properties": _more(", ".join(f'"x_{number}": {number}' for number in range(10_000))),
    "a number of 5,000 digits": _more(f'"x_more": {"9" * 5_000}'),
}
"""What is added to a body that its schema refuses anyhow, so that nothing comes of it."""


@dataclass(frozen=True, slots=True)
class SizeCases:
    """Writes the scenarios. Where they are `spread`, what is alike for all operations is tried with one of them."""

    subject: Subject
    spread: bool = False

    def writers(self) -> Iterator[Callable[[], ScenarioBuilder]]:
        """Yield what writes each scenario."""
        taking = [
            one for one in self.subject.signatures if one.operation.body is not None and is_json(media_type_of(one.operation))
        ]
        for signature in taking[:1] if self.spread else taking:
            yield partial(self.bodies, signature)
        for signature in self.subject.signatures[:1] if self.spread else self.subject.signatures:
            yield partial(self.lines, signature)

    def bodies(self, signature: Signature) -> ScenarioBuilder:
        """Bodies that are deep or large."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: deep and large bodies", "refusals")
        builder.prepare(signature)
        builder.call(signature, "", variant=3, fill="full")
        body = refused_body(signature, builder.requests.pop().body)
        if body is None:
            return builder
        for note, mangle in SIZES.items():
            builder.call(signature, note, body=Mangled(body, mangle), unjudged=True)
        for slot in [
            slot for slot in signature.free if slot.location == "body" and slot.is_text and slot.accepts("x" * LONG_TEXT)
        ][:1]:
            values = {slot.name: "x" * LONG_TEXT}
            builder.call(
                signature, f"{slot.name} of {LONG_TEXT:,} characters", key=30, values=values, may_refuse="very long texts"
            )
        return builder

    def lines(self, signature: Signature) -> ScenarioBuilder:
        """A header and an address that are long."""
        builder = ScenarioBuilder(self.subject, f"{signature.operation}: long headers and addresses", "refusals")
        if signature.deletes:
            return builder
        builder.prepare(signature)
        builder.call(signature, "a long header", variant=3, headers={"X-More": "x" * LONG_LINE}, may_refuse="long headers")
        builder.call(signature, "a long address", variant=3, query={"x_more": "x" * LONG_LINE}, may_refuse="long addresses")
        return builder
