"""A form with files is cut into its parts; each is what its own type and the schema say."""

from __future__ import annotations

import httpx
import pytest
from test_forms import NUMBERS, POINT, media

from mock_server.contract.messages.codecs import codec_of
from mock_server.contract.messages.codecs.multipart import parts_of
from mock_server.contract.messages.content_types import MULTIPART, content_type
from mock_server.contract.messages.media import Encoding

CODEC = codec_of(MULTIPART)
FILE = {"type": "string", "format": "binary"}


def sent(data, files):
    request = httpx.Request("POST", "http://mock", data=data, files=files)
    return request.read(), content_type(request.headers["content-type"])


def part(*lines, body="x", boundary="b"):
    return f"--{boundary}\r\n{''.join(line + chr(13) + chr(10) for line in lines)}\r\n{body}\r\n".encode()


def read(content, properties=None, encoding=None):
    return CODEC.read(content, content_type(f"{MULTIPART}; boundary=b"), media(properties or {}, encoding))


NAMED = 'Content-Disposition: form-data; name="a"'


def test_fields_are_typed_and_files_are_text_or_stand_for_their_octets():
    data = {"n": "5", "t": "5", "l": ["1", "2"], "p[x]": "1"}
    files = [
        ("scan", ("a.png", bytes(range(256)), "image/png")),
        ("more", ("a.txt", "ü".encode(), "text/plain")),
        ("more", ("b.txt", b"\xfc", "text/plain; charset=latin-1")),
        ("o", ("o.json", b'{"x": 1}', "application/json")),
        ("number", ("n.txt", b"7", "text/plain")),
    ]
    properties = {
        "n": {"type": "integer"},
        "t": {},
        "l": NUMBERS,
        "p": POINT,
        "scan": FILE,
        "more": {"type": "array", "items": FILE},
        "number": {"type": "integer"},
    }

    assert CODEC.read(*sent(data, files), media(properties)) == {
        "n": 5,
        "t": "5",
        "l": [1, 2],
        "p": {"x": 1},
        "scan": bytes(range(256)).decode("latin-1"),
        "more": ["ü", "ü"],
        "o": {"x": 1},
        "number": "7",  # a file is no number
    }


def test_a_single_part_of_a_list_and_a_field_of_octets_are_read():
    files = [("files", ("a", b"\xff", "application/octet-stream"))]

    assert CODEC.read(*sent({}, files), media({"files": {"type": "array", "items": FILE}})) == {"files": ["ÿ"]}
    assert read(part(NAMED, body="1") + b"--b--", {"a": FILE}) == {"a": "1"}
    assert read(part(NAMED, body="") + b"--b--") == {"a": ""}


def test_an_object_is_json_whether_or_not_its_part_says_so():
    assert read(part(NAMED, body='{"x": 1}') + b"--b--", {"a": POINT}) == {"a": {"x": 1}}
    assert read(part(NAMED, "Content-Type: application/json", body="[1]") + b"--b--", {}) == {"a": [1]}
    with pytest.raises(ValueError, match="the part 'a' is not JSON"):
        read(part(NAMED, "Content-Type: application/json", body="{") + b"--b--", {})


def test_names_may_be_escaped_and_headers_folded():
    content = part('content-DISPOSITION: form-data;\r\n name="a %22b\\"%0D%0A"; filename="c;d"', "X-Y: z") + b"--b--"
    (found,) = parts_of(content, b"b")

    assert (found.name, found.filename, found.type, found.headers["x-y"]) == ('a "b"\r\n', "c;d", None, "z")


def test_what_stands_around_the_parts_means_nothing():
    content = b"preamble\r\n" + part(NAMED).replace(b"--b\r\n", b"--b \t\r\n") + b"--b--\r\nepilogue\r\n--b\r\n"

    assert read(content) == {"a": "x"}
    assert read(b"--b--") == {}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "does not begin with its boundary"),
        (b"--c\r\n", "does not begin with its boundary"),
        (b"x--b\r\n", "does not begin with its boundary"),
        (part(NAMED), "has no end"),
        (part(NAMED)[:-2], "has no end"),
        (b"--b\r\n\r\nx\r\n--b--", "no end, or are too long"),
        (b"--b\r\n" + NAMED.encode() + b"\r\n--b--", "no end, or are too long"),
        (part(NAMED, "X: " + "y" * 9000) + b"--b--", "no end, or are too long"),
        (part("X: y") + b"--b--", "no header Content-Disposition"),
        (part("Content-Disposition: form-data") + b"--b--", "no header Content-Disposition"),
        (part('Content-Disposition: attachment; name="a"') + b"--b--", "no header Content-Disposition"),
        (part(NAMED, boundary="bc") + b"--b--", "behind a boundary stands something else"),
        (part(NAMED) * 1001 + b"--b--", "more than 1000 parts"),
        (part(NAMED) * 10_000 + b"--b--", "more than 1000 parts"),
    ],
)
def test_what_is_not_made_of_parts_with_names_has_no_value(content, message):
    with pytest.raises(ValueError, match=message):
        read(content)


@pytest.mark.parametrize("header", [MULTIPART, f"{MULTIPART}; boundary=", f"{MULTIPART}; boundary={'b' * 71}"])
def test_without_a_boundary_nothing_is_read(header):
    assert "boundary" in CODEC.unreadable(content_type(header))


def test_a_part_has_one_of_the_types_and_all_of_the_headers_that_its_encoding_asks_for():
    encoding = {"a": Encoding(content_types=("image/*", "application/pdf"), required_headers=("x-shelf",))}
    end = b"--b--"

    assert read(part(NAMED, "Content-Type: image/png", "X-Shelf: 1") + end, {"a": FILE}, encoding) == {"a": "x"}
    assert read(part(NAMED, "X-Shelf: 1") + end, {"a": FILE}, encoding) == {"a": "x"}
    with pytest.raises(ValueError, match="the part 'a' is text/plain, and has to be image/"):
        read(part(NAMED, "Content-Type: text/plain", "X-Shelf: 1") + end, {"a": FILE}, encoding)
    with pytest.raises(ValueError, match="the part 'a' has no header x-shelf"):
        read(part(NAMED, "Content-Type: image/png") + end, {"a": FILE}, encoding)


def test_what_is_written_is_read_as_it_was():
    properties = {"n": {"type": "integer"}, "l": NUMBERS, "o": POINT, "f": FILE, "d": POINT, 'q"': {"type": "string"}}
    encoding = {"f": Encoding(content_types=("image/*",), required_headers=("x-y",)), "d": Encoding("deepObject", True)}
    value = {"n": 5, "l": [1, 2], "o": {"x": 1}, "f": "text", "d": {"x": 2}, 'q"': "ü"}
    how = media(properties, encoding)
    header = CODEC.sent_as(MULTIPART)
    written = CODEC.write(value, how)

    assert CODEC.read(written, content_type(header), how) == value
    assert b'name="f"; filename="f"\r\nContent-Type: image/png\r\n' in written
