"""Parameters of every style, sent by a client to a served mock that answers with what it has read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import httpx
import pytest

import mock_server

HEAD = """\
openapi: 3.1.0
info: {title: An echo, version: '1'}
components:
  schemas:
    Echo:
      type: object
      properties: {id: {type: string}, value: {}}
      x-resource: {id-prefix: echo_}
paths:
"""
OPERATION = """\
  %s:
    put:
      parameters: [%s]
      responses: {'200': {description: What was read., content: {application/json: {schema: {}}}}}
      x-behaviour:
        - create: Echo
          set: {value: $request.%s.p}
          as: echo
        - {answer: {read: $echo.value}, status: 200}
"""
TEXT, NUMBER, LIST = "{type: string}", "{type: integer}", "{type: array, items: {type: string}}"
NUMBERS = "{type: array, items: {type: integer}}"
COLOR = "{type: object, properties: {R: {type: integer}, G: {type: integer}, name: {type: string}}}"
FREE = "{type: object, additionalProperties: {type: integer}}"
TREE = "{type: object, properties: {a: {type: object, properties: {b: {type: integer}}}, n: %s, o: {type: array, items: %s}}}" % (
    NUMBERS,
    COLOR,
)
RGB = {"R": 100, "G": 200}


@pytest.fixture
def echo(tmp_path) -> Iterator[Callable[..., httpx.Response]]:
    """Send a request to a mock whose one operation has these parameters, and answers what it has read for the one named `p`."""
    servers = []

    def echo(target: str, *parameters: str, location: str = "query", path: str = "/", **options) -> httpx.Response:
        document = tmp_path / "echo.yaml"
        document.write_text(HEAD + OPERATION % (path, ", ".join(parameters), location))
        running = mock_server.running(document=document)
        servers.append(running)
        served = running.__enter__()
        with httpx.Client() as client:
            url = httpx.URL(served.url).copy_with(raw_path=target.encode())
            return client.put(url, **options)

    yield echo
    for running in servers:
        running.__exit__(None, None, None)


def value(answer: httpx.Response):
    assert answer.status_code == 200, answer.text
    return answer.json().get("read", "absent")


def rules(answer: httpx.Response) -> list[tuple[str, str, str]]:
    assert answer.status_code == 422, answer.text
    return [(one["location"], one["pointer"], one["rule"]) for one in answer.json()["violations"]]


def declared(location: str, schema: str, more: str = "") -> str:
    required = ", required: true" if location == "path" else ""
    return f"{{name: p, in: {location}{required}, schema: {schema}{more}}}"


# location, schema, style and explode, target, value
READ = {
    "path, simple, text": ("path", TEXT, "", "/blue", "blue"),
    "path, simple, list": ("path", LIST, "", "/blue,black", ["blue", "black"]),
    "path, simple, list, exploded": ("path", LIST, "explode: true", "/blue,black", ["blue", "black"]),
    "path, simple, list with an encoded comma": ("path", LIST, "", "/a%2Cb,c", ["a,b", "c"]),
    "path, simple, numbers with an encoded comma": ("path", NUMBERS, "", "/1%2C2", [1, 2]),
    "path, simple, object": ("path", COLOR, "", "/R,100,G,200", RGB),
    "path, simple, object, exploded": ("path", COLOR, "explode: true", "/R=100,G=200", RGB),
    "path, label, text": ("path", TEXT, "style: label", "/.blue", "blue"),
    "path, label, list": ("path", LIST, "style: label", "/.blue,black", ["blue", "black"]),
    "path, label, list as OpenAPI 3.0.3 has it": ("path", LIST, "style: label", "/.blue.black", ["blue", "black"]),
    "path, label, list, exploded": ("path", LIST, "style: label, explode: true", "/.blue.black", ["blue", "black"]),
    "path, label, object": ("path", COLOR, "style: label", "/.R,100,G,200", RGB),
    "path, label, object, exploded": ("path", COLOR, "style: label, explode: true", "/.R=100.G=200", RGB),
    "path, matrix, text": ("path", TEXT, "style: matrix", "/;p=blue", "blue"),
    "path, matrix, empty": ("path", TEXT, "style: matrix", "/;p", ""),
    "path, matrix, empty, exploded": ("path", TEXT, "style: matrix, explode: true", "/;p", ""),
    "path, matrix, list": ("path", LIST, "style: matrix", "/;p=blue,black", ["blue", "black"]),
    "path, matrix, list, exploded": ("path", LIST, "style: matrix, explode: true", "/;p=blue;p=black", ["blue", "black"]),
    "path, matrix, object": ("path", COLOR, "style: matrix", "/;p=R,100,G,200", RGB),
    "path, matrix, object, exploded": ("path", COLOR, "style: matrix, explode: true", "/;R=100;G=200", RGB),
    "query, form, text": ("query", TEXT, "", "/?p=a%26b+c", "a&b c"),
    "query, form, number": ("query", NUMBER, "", "/?p=12345678901234567890", 12345678901234567890),
    "query, form, list": ("query", LIST, "", "/?p=blue&p=black", ["blue", "black"]),
    "query, form, list of one empty text": ("query", LIST, "", "/?p=", [""]),
    "query, form, list, in one": ("query", LIST, "explode: false", "/?p=blue,black", ["blue", "black"]),
    "query, form, empty list, in one": ("query", LIST, "explode: false", "/?p=", []),
    "query, form, numbers, in one, encoded": ("query", NUMBERS, "explode: false", "/?p=1%2C2", [1, 2]),
    "query, form, text with a comma, in one": ("query", LIST, "explode: false", "/?p=a%2Cb", ["a,b"]),
    "query, form, object": ("query", COLOR, "", "/?R=100&x=1&G=200", RGB),
    "query, form, free object": ("query", FREE, "", "/?R=100&other=a&G=200", RGB),
    "query, form, object, in one": ("query", COLOR, "explode: false", "/?p=R,100,G,200", RGB),
    "query, spaceDelimited, list": ("query", LIST, "style: spaceDelimited", "/?p=blue%20black", ["blue", "black"]),
    "query, spaceDelimited, list with plus": ("query", LIST, "style: spaceDelimited", "/?p=blue+black", ["blue", "black"]),
    "query, spaceDelimited, list, exploded": ("query", LIST, "style: spaceDelimited, explode: true", "/?p=a&p=b", ["a", "b"]),
    "query, spaceDelimited, object": ("query", COLOR, "style: spaceDelimited", "/?p=R%20100%20G%20200", RGB),
    "query, pipeDelimited, list": ("query", LIST, "style: pipeDelimited", "/?p=blue|black", ["blue", "black"]),
    "query, pipeDelimited, list, encoded": ("query", LIST, "style: pipeDelimited", "/?p=blue%7Cblack", ["blue", "black"]),
    "query, pipeDelimited, object": ("query", COLOR, "style: pipeDelimited", "/?p=R%7C100%7CG%7C200", RGB),
    "query, deepObject": ("query", COLOR, "style: deepObject, explode: true", "/?p[R]=100&p%5BG%5D=200&q[R]=1", RGB),
    "query, deepObject in depth": ("query", TREE, "style: deepObject", "/?p[a][b]=1", {"a": {"b": 1}}),
    "query, deepObject, list": ("query", TREE, "style: deepObject", "/?p[n][]=1&p[n][]=2", {"n": [1, 2]}),
    "query, deepObject, list by number": ("query", TREE, "style: deepObject", "/?p[n][1]=2&p[n][0]=1", {"n": [1, 2]}),
    "query, deepObject, list repeated": ("query", TREE, "style: deepObject", "/?p[n]=1&p[n]=2", {"n": [1, 2]}),
    "query, deepObject, objects": ("query", TREE, "style: deepObject", "/?p[o][0][R]=1&p[o][1][R]=2", {"o": [{"R": 1}, {"R": 2}]}),
    "query, deepObject, list alone": ("query", LIST, "style: deepObject", "/?p[]=a&p[]=b", ["a", "b"]),
    "query, deepObject, or a number": ("query", "{anyOf: [%s, {type: integer}]}" % COLOR, "style: deepObject", "/?p=5", 5),
    "query, deepObject, or an object": ("query", "{anyOf: [%s, {type: integer}]}" % COLOR, "style: deepObject", "/?p[R]=5", {"R": 5}),
    "query, reserved": ("query", TEXT, "allowReserved: true", "/?p=a/b:c?d@e", "a/b:c?d@e"),
    "query, union": ("query", "{anyOf: [{type: integer}, {enum: [all]}]}", "", "/?p=5", 5),
    "query, union, text": ("query", "{anyOf: [{type: integer}, {enum: [all]}]}", "", "/?p=all", "all"),
    "query, one or several": ("query", "{anyOf: [{type: integer}, %s]}" % NUMBERS, "explode: false", "/?p=1,2", [1, 2]),
    "query, objects in a list": ("query", "{type: array, items: %s}" % COLOR, "", "/?p=%7B%22R%22:1%7D", [{"R": 1}]),
    "query, null": ("query", "{type: [integer, 'null']}", "", "/?p=null", None),
}  # fmt: skip


@pytest.mark.parametrize(("location", "schema", "style", "target", "read"), READ.values(), ids=READ)
def test_a_parameter_of_any_style_is_read(echo, location, schema, style, target, read):
    parameters = [declared(location, schema, f", {style}" if style else "")]
    if "other=" in target:
        parameters.append("{name: other, in: query, schema: {type: string}}")

    answer = echo(target, *parameters, location=location, path="/{p}" if location == "path" else "/")

    assert value(answer) == read
    assert json.dumps(value(answer)) == json.dumps(read)
