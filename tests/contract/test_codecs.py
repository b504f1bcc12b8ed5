"""Bodies are read and written by the codec of their media type."""

from __future__ import annotations

import pytest

from mock_server.contract import codecs
from mock_server.contract.codecs import codec_of, value_of
from mock_server.exchange.messages import Answer, Request


@pytest.mark.parametrize("media_type", ["application/json", "Application/JSON; charset=utf-8", "application/problem+json"])
def test_what_has_the_structure_of_json_is_read_and_written_as_json(media_type):
    codec = codec_of(media_type)

    assert codec is not None
    assert codec.name == "JSON"
    assert codec.read(codec.write({"a": [1, None, "ü"]})) == {"a": [1, None, "ü"]}


@pytest.mark.parametrize("media_type", ["", "text/plain", "text/json", "image/svg+json", "application/xml", "+json"])
def test_nothing_else_has_a_codec(media_type):
    assert codec_of(media_type) is None


@pytest.mark.parametrize("content", [b'{"a": 1, "a": 2}', b"NaN", b"1e999", b'"\\ud800"', b"{", b""])
def test_what_two_parsers_might_read_differently_has_no_value(content):
    with pytest.raises(ValueError, match=r"."):
        value_of(content, "application/json")


def test_whole_numbers_of_any_size_come_out_as_they_went_in():
    number = 10**40

    assert value_of(str(number).encode(), "application/json") == number
    assert codecs.write_json({"n": number}) == b'{"n":' + str(number).encode() + b"}"


class Backwards:
    """A codec that the kit does not have."""

    name = "text that is read backwards"

    def takes(self, media_type):
        return media_type == "text/backwards"

    def read(self, content):
        return content.decode()[::-1]

    def write(self, value):
        return value[::-1].encode()


def test_another_codec_needs_nothing_but_its_place_in_the_table(monkeypatch):
    monkeypatch.setattr(codecs, "CODECS", (*codecs.CODECS, Backwards()))
    codec_of.cache_clear()
    try:
        request = Request("POST", "/", "", {b"content-type": b"text/backwards; a=b"}, b"abc")

        assert request.value() == "cba"
        assert Answer(200, "abc", "text/backwards", [], {}).content() == b"cba"
    finally:
        codec_of.cache_clear()
