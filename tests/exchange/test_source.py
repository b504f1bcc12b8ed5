"""The source that error bodies are compiled to."""

from __future__ import annotations

import traceback

import pytest

from mock_server.exchange.source import Source


def test_names_that_would_collide_are_told_apart():
    source = Source("find", "store, body")
    names = [source.variable(hint) for hint in ("body", "InternalContact", "internal-contact", "class", "list", "1st", "")]
    assert names == ["body_2", "internal_contact", "internal_contact_2", "class_", "list_2", "_1st", "it"]
    assert all(name.isidentifier() for name in names)


def test_text_of_a_document_stays_text():
    text = "'); raise SystemExit('"
    source = Source("echo", "")
    source.line(f"return {source.constant(text)}, {source.constant([1.5])}")
    assert source.function()() == (text, [1.5])


def test_a_traceback_shows_the_compiled_line():
    source = Source("fails", "")
    source.line("return 1 / 0")
    with pytest.raises(ZeroDivisionError) as raised:
        source.function()()

    assert "return 1 / 0" in "".join(traceback.format_exception(raised.value))
