"""Serves the mock without journal and events: what `watching.py` compares with. Arguments are those of `mock-server`."""

from __future__ import annotations

from mock_server.engine.choices import Choices
from mock_server.exchange.messages import Answer, Request
from mock_server.server.cli import main
from mock_server.server.mock import Mock


def answer(mock: Mock, request: Request) -> tuple[Answer, bytes]:
    """Do what `Mock.answer` does, less what it notes and tells."""
    made = mock.exchange.answer(request, mock.store, Choices(mock._choices), mock.generator)
    return made, made.content()


if __name__ == "__main__":
    Mock.answer = answer  # type: ignore[method-assign]
    raise SystemExit(main())
