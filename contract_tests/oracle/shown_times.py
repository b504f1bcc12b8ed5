"""The times of making that an answer shows of what its request made."""

from __future__ import annotations

from collections.abc import Iterator

from contract_tests.oracle.judging import read_body
from contract_tests.oracle.shapes import Shape, shown_records
from contract_tests.oracle.times import Window, in_full, precision, read_time
from contract_tests.transport.wire import WireResponse
from mock_server.contract.files.source import pointer_tokens
from mock_server.contract.model import Operation


def clock_shown(operation: Operation, shape: Shape, reply: WireResponse) -> Iterator[tuple[float, float]]:
    """Yield by how many seconds each time of making shows the clock of the target to be ahead of ours, at least and at most."""
    made = {step.resource.name for step in operation.steps if step.makes}
    window, body = Window.of(reply), read_body(reply) if reply.is_success and made else None
    for pointer, resource in shown_records(shape):
        if resource.name not in made or resource.created is None:
            continue
        value = body
        for token in pointer_tokens(pointer):
            value = value.get(token) if isinstance(value, dict) else None
        if not isinstance(value, dict):
            continue
        shown = in_full(value.get(resource.created), resource.time_form(resource.created))
        if (instant := read_time(shown)) is not None:
            yield window.is_ahead(instant, precision(shown))
