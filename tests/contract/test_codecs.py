"""Bodies are read and written by the codec of their media type."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest

from mock_server.contract.messages import codecs
from mock_server.contract.messages.codecs import codec_of, value_of
from mock_server.contract.messages.codecs.codec import Codec
from mock_server.contract.messages.codecs.compression import TooLargeError, decompressed
from mock_server.contract.messages.content_types import content_type
from mock_server.contract.messages.media import Media
from mock_server.exchange.messages import Answer, Request


def written(value, media_type):
    return codec_of(media_type).write(value, Media(media_type, None))


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/problem+json",
        "application/vnd.x.y+json;v=1",
        "model/gltf+json",
        "text/json",
        "application/*+json",
        "application/*",
        "*/*",
    ],
)
def test_what_has_the_structure_of_json_is_read_and_written_as_json(media_type):
    codec = codec_of(media_type)

    assert codec.name == "JSON"
    assert codec.read(codec.write({"a": [1, None, "ü"]}), content_type(media_type)) == {"a": [1, None, "ü"]}


@pytest.mark.parametrize(
    ("media_type", "name"),
    {
        "application/x-www-form-urlencoded": "a form",
        "multipart/form-data; boundary=x": "a form with files",
        "application/x-ndjson": "lines of JSON",
        "application/jsonl": "lines of JSON",
        "application/geo+json-seq": "lines of JSON",
        "text/xml": "XML",
        "application/soap+xml; charset=utf-8": "XML",
        "text/csv": "CSV",
        "text/event-stream": "events",
        "text/html": "text",
        "text/*": "text",
        "image/svg+xml": "octets",  # which often has a document type
        "image/*": "octets",
        "application/pdf": "octets",
        "application/vnd.own": "octets",
        "+json": "octets",
        "": "octets",
    }.items(),
)
def test_every_other_media_type_has_a_codec_too(media_type, name):
    assert codec_of(media_type).name == name


@pytest.mark.parametrize("content", [b'{"a": 1, "a": 2}', b"NaN", b"1e999", b'"\\ud800"', b"{", b""])
def test_what_two_parsers_might_read_differently_has_no_value(content):
    with pytest.raises(ValueError, match=r"."):
        value_of(content, "application/json")


def test_whole_numbers_of_any_size_come_out_as_they_went_in():
    number = 10**40

    assert value_of(str(number).encode(), "application/json") == number
    assert codecs.write_json({"n": number}) == b'{"n":' + str(number).encode() + b"}"


class Backwards(Codec):
    """A codec that the kit does not have."""

    name = "text that is read backwards"

    def takes(self, essence):
        return essence == "text/backwards"

    def read(self, content, given, media=None):
        return content.decode()[::-1]

    def write(self, value, media=None):
        return value[::-1].encode()


def test_another_codec_needs_nothing_but_its_place_in_the_table(monkeypatch):
    monkeypatch.setattr(codecs, "CODECS", (Backwards(), *codecs.CODECS))
    codec_of.cache_clear()
    try:
        request = Request("POST", "/", "", {b"content-type": b"text/backwards; a=b"}, b"abc")

        assert request.value() == "cba"
        assert Answer(200, "abc", "text/backwards", [], {}).content() == b"cba"
    finally:
        codec_of.cache_clear()


@pytest.mark.parametrize("media_type", ["application/x-ndjson", "application/json-seq"])
def test_lines_of_json_are_a_list(media_type):
    content = written([{"a": "\n"}, 2, [3]], media_type)

    assert content.count(b"\n") == 3
    assert value_of(content, media_type) == [{"a": "\n"}, 2, [3]]
    assert value_of(b'{"a":1}\r\n\r\n2', media_type) == [{"a": 1}, 2]
    with pytest.raises(ValueError, match=r"^line 2: "):
        value_of(b"1\n{\n3", media_type)


def test_records_of_json_stand_behind_separators():
    assert written([1, {}], "application/json-seq") == b"\x1e1\n\x1e{}\n"


def test_text_is_in_the_charset_that_its_type_names():
    assert value_of(b"\xfc", "text/plain; charset=ISO-8859-1") == "ü"
    assert value_of("ü".encode("utf-16"), "text/plain; charset=utf-16") == "ü"
    assert written("ü€", "text/plain; charset=iso-8859-1") == b"\xfc?"
    assert written("ü€", "text/plain") == "ü€".encode()
    with pytest.raises(ValueError, match="can't decode"):
        value_of(b"\xfc", "text/plain")


@pytest.mark.parametrize("charset", ["rot13", "zlib", "unicode_escape", "idna", "nothing", "\0", "a" * 1000])
def test_what_python_can_decode_and_is_no_charset_is_not_read(charset):
    assert codec_of("text/plain").unreadable(content_type(f'text/plain; charset="{charset}"'))


def test_a_list_is_written_as_a_table():
    assert written([{"a": 1, "b": "x, y"}, {"b": None, "c": True}, {"a": {"d": 1}}], "text/csv") == (
        b'a,b,c\r\n1,"x, y",\r\n,,true\r\n"{""d"":1}",,\r\n'
    )
    assert written([["a", 1], ["b"]], "text/csv") == b"a,1\r\nb\r\n"
    assert written("a;b", "text/csv") == b"a;b"


def test_a_list_is_written_as_events():
    assert written([{"event": "a", "data": {"n": 1}, "retry": 5}, {"n": 2}, "one\ntwo", 3], "text/event-stream") == (
        b'event: a\nretry: 5\ndata: {"n":1}\n\ndata: {"n":2}\n\ndata: one\ndata: two\n\ndata: 3\n\n'
    )
    assert written("data: as it is\n\n", "text/event-stream") == b"data: as it is\n\n"


def test_octets_come_out_as_they_went_in():
    octets = bytes(range(256))

    assert written(value_of(octets, "image/png"), "image/png") == octets
    assert written("€", "image/png") == "€".encode()


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [("gzip", gzip.compress), ("X-GZIP", gzip.compress), ("deflate", zlib.compress), ("identity", bytes), ("", bytes)],
)
def test_a_body_is_decompressed_up_to_a_limit(encoding, encode):
    assert decompressed(encode(b"x" * 1000), encoding, 1000) == b"x" * 1000
    if encoding not in ("identity", ""):
        with pytest.raises(TooLargeError):
            decompressed(encode(b"x" * 1001), encoding, 1000)
        with pytest.raises(ValueError, match=r"."):
            decompressed(encode(b"x" * 1000)[:-5], encoding, 1000)
        with pytest.raises(ValueError, match=r"."):
            decompressed(b"no", encoding, 1000)


def test_of_a_bomb_no_more_is_made_than_the_limit():
    bomb = gzip.compress(bytes(50_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError):
            decompressed(bomb, "gzip", 1000)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_deflate_without_its_frame_is_read_as_some_clients_send_it():
    stream = zlib.compressobj(wbits=-15)

    assert decompressed(stream.compress(b"abc") + stream.flush(), "deflate", 10) == b"abc"


def test_several_members_of_gzip_are_one_body_and_many_are_refused():
    assert decompressed(gzip.compress(b"a") + gzip.compress(b"b"), "gzip", 2) == b"ab"
    with pytest.raises(ValueError, match="more than 100 members"):
        decompressed(gzip.compress(b"") * 101, "gzip", 2)
    with pytest.raises(LookupError):
        decompressed(b"", "br", 2)
