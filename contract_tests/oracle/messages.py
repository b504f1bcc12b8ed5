"""Comparing the messages that had to be sent with those that came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contract_tests.oracle.mismatch import Mismatch
from contract_tests.oracle.placeholders import is_placeholder
from contract_tests.oracle.plain_values import same_json, shown_value
from contract_tests.oracle.times import read_time
from contract_tests.transport.inbox import Arrived
from mock_server.contract.behaviours.webhooks import SignatureForm
from mock_server.contract.files.source import Json, pointer_to
from mock_server.contract.messages.codecs import read_json
from mock_server.engine.outgoing import Outgoing
from mock_server.exchange.signing import is_signed

Sent = tuple[Sequence[Outgoing], Mapping[Json, Json]]
"""The messages of one reading, and what was found in place of its stand-ins."""


def expected_at(url: str, messages: Sequence[Outgoing]) -> list[Outgoing]:
    """Return the messages that go to an inbox."""
    return [message for message in messages if message.url.startswith(url) and not message.problem]


def compared(readings: Sequence[Sent], arrived: Sequence[Arrived], url: str, form: SignatureForm | None) -> list[Mismatch]:
    """Return what differs from the reading that comes nearest; nothing where one explains all that came."""
    found = [_compared(expected_at(url, messages), bindings, arrived, url, form) for messages, bindings in readings]
    return min(found, key=len, default=[])


def _compared(
    messages: Sequence[Outgoing],
    bindings: Mapping[Json, Json],
    arrived: Sequence[Arrived],
    url: str,
    form: SignatureForm | None,
) -> list[Mismatch]:
    differences: list[Mismatch] = []
    left = list(arrived)
    for message in messages:
        here = [one for one in left if url + one.path == message.url]
        if not here:
            differences.append(Mismatch(f"webhook {message.event}", "one message to each subscriber", "none"))
            continue
        nearest = min(here, key=lambda one: len(_differences(message, bindings, one, form)))
        left.remove(nearest)
        differences += _differences(message, bindings, nearest, form)
    for one in left:
        again = any(url + one.path == message.url for message in messages)
        expected = "one message to each subscriber" if again else "no message here"
        differences.append(Mismatch("webhook", expected, f"{'another one' if again else 'one'}: {one.body[:200]!r}"))
    return differences


def _differences(
    message: Outgoing, bindings: Mapping[Json, Json], arrived: Arrived, form: SignatureForm | None
) -> list[Mismatch]:
    try:
        body = read_json(arrived.body)
    except ValueError:
        return [Mismatch(f"webhook {message.event}", "a body of JSON", repr(arrived.body[:100]))]
    found = [
        Mismatch(f"webhook {message.event}{one.place}", one.expected, one.received)
        for one in _walk(message.body, body, bindings)
    ]
    secret, headers = message.secret, arrived.headers
    if form and secret and "\0" not in secret and not is_signed(form, secret, headers, arrived.body):
        shown = headers.get(form.header.lower())
        found.append(Mismatch(f"webhook {message.event} header {form.header}", "the signature of the body", shown or "none"))
    return found


def _walk(predicted: Json, found: Json, bindings: Mapping[Json, Json], place: str = "") -> list[Mismatch]:
    if isinstance(predicted, dict) and isinstance(found, dict):
        return [
            mismatch
            for name, value in predicted.items()
            for mismatch in (
                _walk(value, found[name], bindings, place + pointer_to(name))
                if name in found
                else [Mismatch(place + pointer_to(name), shown_value(value), "nothing")] * (value is not None)
            )
        ]
    if isinstance(predicted, list) and isinstance(found, list) and len(predicted) == len(found):
        pairs = enumerate(zip(predicted, found, strict=True))
        return [one for index, (left, right) in pairs for one in _walk(left, right, bindings, place + pointer_to(index))]
    if is_placeholder(predicted) or (isinstance(predicted, str) and "\0" in predicted):
        is_right = found is not None and (predicted not in bindings or _same(bindings[predicted], found))
    else:
        is_right = _same(predicted, found)
    expected = bindings.get(predicted, predicted) if isinstance(predicted, (str, int)) else predicted
    return [] if is_right else [Mismatch(place, shown_value(expected), shown_value(found))]


def _same(one: Json, other: Json) -> bool:
    if same_json(one, other):
        return True
    times = [read_time(value) if isinstance(value, str) else None for value in (one, other)]
    return times[0] is not None and times[1] is not None and abs(times[0] - times[1]) < 1
