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
      properties: {id: {type: string}, value: {default: nothing}}
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
COLORS = f"{{type: array, items: {COLOR}}}"
TREE = f"{{type: object, properties: {{a: {{type: object, properties: {{b: {NUMBER}}}}}, n: {NUMBERS}, o: {COLORS}}}}}"
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
    return answer.json()["read"]


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
    "query, deepObject, or a number": ("query", f"{{anyOf: [{COLOR}, {{type: integer}}]}}", "style: deepObject", "/?p=5", 5),
    "query, deepObject, or an object": ("query", f"{{anyOf: [{COLOR}, {{type: integer}}]}}", "style: deepObject", "/?p[R]=5", {"R": 5}),
    "query, reserved": ("query", TEXT, "allowReserved: true", "/?p=a/b:c?d@e", "a/b:c?d@e"),
    "query, union": ("query", "{anyOf: [{type: integer}, {enum: [all]}]}", "", "/?p=5", 5),
    "query, union, text": ("query", "{anyOf: [{type: integer}, {enum: [all]}]}", "", "/?p=all", "all"),
    "query, one or several": ("query", f"{{anyOf: [{{type: integer}}, {NUMBERS}]}}", "explode: false", "/?p=1,2", [1, 2]),
    "query, objects in a list": ("query", f"{{type: array, items: {COLOR}}}", "", "/?p=%7B%22R%22:1%7D", [{"R": 1}]),
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


HEADERS = {
    "text": (TEXT, "", "a b, c", "a b, c"),
    "number": (NUMBER, "", "5", 5),
    "list": (LIST, "", "blue,  black", ["blue", "black"]),
    "list that is not decoded": (LIST, "", "a%2Cb", ["a%2Cb"]),
    "empty list": (LIST, "", "", []),
    "object": (COLOR, "", "R,100,G,200", RGB),
    "object, exploded": (COLOR, "explode: true", "R=100, G=200", RGB),
}


@pytest.mark.parametrize(("schema", "style", "sent", "read"), HEADERS.values(), ids=HEADERS)
def test_a_header_is_read_as_its_schema_has_it(echo, schema, style, sent, read):
    parameter = declared("header", schema, f", {style}" if style else "")

    assert value(echo("/", parameter, location="header", headers={"P": sent})) == read


def test_a_header_that_comes_several_times_is_one_list(echo):
    fields = [("p", "a"), ("x", "y"), ("P", "b, c")]

    assert value(echo("/", declared("header", LIST), location="header", headers=fields)) == ["a", "b", "c"]


COOKIES = {
    "text": (TEXT, "a=1; p=blue%20; b=2", ()),
    "number": ("{type: integer}", "p=5", ()),
    "no number": ("{type: integer}", "a=1; p=five", ("/p", "type")),
    "list": (LIST, "p=a; p=b", ()),
    "list, joined by &": (f"{{type: array, minItems: 2, items: {NUMBER}}}", "p=1&p=2", ()),
    "list, in one": (f"{{type: array, minItems: 2, items: {NUMBER}}}, explode: false", "p=1,2", ()),
    "list, in one, too short": (f"{{type: array, minItems: 2, items: {NUMBER}}}, explode: false", "p=1", ("/p", "minItems")),
    "object": (f"{{type: object, required: [R], properties: {{R: {NUMBER}}}}}", "a=b; R=5", ()),
    "object, wrong": (f"{{type: object, required: [R], properties: {{R: {NUMBER}}}}}", "R=five", ("/p/R", "type")),
    "given twice": (TEXT, "p=1; p=2", ("/p", "repeated")),
    "missing": (TEXT, "q=1", ("/p", "required")),
}


@pytest.mark.parametrize(("schema", "sent", "broken"), COOKIES.values(), ids=COOKIES)
def test_a_cookie_is_held_to_its_schema(echo, schema, sent, broken):
    answer = echo("/", declared("cookie", f"{schema}, required: true"), "{name: p, in: query}", headers={"Cookie": sent})

    if broken:
        assert rules(answer) == [("cookie", *broken)]
    else:
        assert value(answer) == "nothing"


CONTENT = "{name: p, in: %s, required: true, content: {application/json: {schema: %s}}}"


@pytest.mark.parametrize(
    ("target", "location", "headers"),
    [
        ("/?p=%7B%22R%22%3A100%2C%22G%22:200%7D", "query", {}),
        ("/%7B%22R%22%3A100%2C%22G%22:200%7D", "path", {}),
        ("/", "header", {"p": '{"R": 100, "G": 200}'}),
    ],
)
def test_a_parameter_may_be_json(echo, target, location, headers):
    path = "/{p}" if location == "path" else "/"

    answer = echo(target, CONTENT % (location, COLOR), location=location, path=path, headers=headers)

    assert value(answer) == RGB


def test_json_that_cannot_be_read_is_told(echo):
    answer = echo("/?p=%7B", CONTENT % ("query", COLOR))

    assert rules(answer) == [("query", "/p", "style")]
    assert "'p' is not JSON" in answer.text


def test_a_parameter_without_a_schema_takes_any_text(echo):
    assert value(echo("/?p=a", "{name: p, in: query}")) == "a"


def test_a_parameter_of_another_media_type_takes_any_text(echo):
    assert value(echo("/?p=a", "{name: p, in: query, content: {text/plain: {}}}")) == "a"


WRONG = {
    "a list twice, in one": ("query", LIST, "explode: false", "/?p=a&p=b", "repeated", "is given 2 times"),
    "an object of odd length": ("query", COLOR, "explode: false", "/?p=R,100,G", "style", "written as NAME,VALUE,NAME,VALUE"),
    "a member without a value": ("path", COLOR, "explode: true", "/R=100,G", "style", "written as NAME=VALUE,NAME=VALUE"),
    "a label without its point": ("path", TEXT, "style: label", "/blue", "style", "has to begin with ."),
    "a matrix of another name": ("path", LIST, "style: matrix", "/;q=a", "style", "has to begin with ;p="),
    "a matrix of a longer name": ("path", TEXT, "style: matrix", "/;pp=a", "style", "has to begin with ;p="),
    "text and members": ("query", TREE, "style: deepObject", "/?p[a]=1&p[a][b]=1", "style", "is given both as a whole and in parts"),
    "members too deep": ("query", TREE, "style: deepObject", "/?p" + "[a]" * 21 + "=1", "style", "lie too deep"),
    "text for an object": ("query", COLOR, "style: deepObject", "/?p=1", "type", "this value is not of type"),
    "a member twice": ("query", COLOR, "style: deepObject", "/?p[R]=1&p[R]=2", "repeated", "is given 2 times"),
    "a path that does not fit": ("path", NUMBERS, "", "/1,two", "type", "this value is not of type"),
}  # fmt: skip


@pytest.mark.parametrize(("location", "schema", "style", "target", "rule", "told"), WRONG.values(), ids=WRONG)
def test_what_is_not_written_in_its_style_is_told(echo, location, schema, style, target, rule, told):
    path = "/{p}" if location == "path" else "/"

    answer = echo(target, declared(location, schema, f", {style}" if style else ""), location=location, path=path)

    assert rules(answer)[0][0] == location
    assert rules(answer)[0][2] == rule
    assert told in answer.text


def test_the_members_of_an_object_are_no_other_parameters(echo):
    others = "{name: other, in: query, schema: {type: string}}"

    assert value(echo("/?a=1&other=2", declared("query", FREE), others)) == {"a": 1}


EMPTY = {
    "a text may be empty": (TEXT, "", "/?p=", ""),
    "a number may not": (NUMBER, "", "/?p=", "type"),
    "unless that is allowed": (NUMBER, "allowEmptyValue: true", "/?p=", "nothing"),
    "a flag": ("{type: boolean}", "allowEmptyValue: true", "/?p", "nothing"),
    "an empty value that fits": (TEXT, "allowEmptyValue: true", "/?p", ""),
    "the default stands for an empty value": ("{type: integer, default: 7}", "allowEmptyValue: true", "/?p=", 7),
    "no members": (COLOR, "", "/?x=1", "nothing"),
    "nothing": (LIST, "", "/", "nothing"),
    "the default stands for nothing": ("{type: array, items: {type: string}, default: [a]}", "", "/", ["a"]),
    "a default that does not fit stands for nothing": ("{type: integer, default: many}", "", "/", "nothing"),
}


@pytest.mark.parametrize(("schema", "more", "target", "read"), EMPTY.values(), ids=EMPTY)
def test_what_is_empty_or_not_sent(echo, schema, more, target, read):
    answer = echo(target, declared("query", schema, f", {more}" if more else ""))

    if read == "type":
        assert rules(answer) == [("query", "/p", "type")]
    else:
        assert value(answer) == read


def test_a_default_of_a_required_parameter_stands_for_nothing(echo):
    assert rules(echo("/", declared("query", "{type: integer, default: 7}, required: true"))) == [("query", "/p", "required")]


def test_an_operation_goes_before_its_path(tmp_path):
    text = HEAD + OPERATION % ("/", declared("query", NUMBER), "query") + f"    parameters: [{declared('query', LIST)}]\n"
    (tmp_path / "api.yaml").write_text(text)

    with mock_server.running(document=tmp_path / "api.yaml") as served:
        assert value(httpx.put(served.url, params={"p": "5"})) == 5


def test_what_is_no_utf_8_is_malformed(echo):
    for target, location, path in (("/?p=%FF", "query", "/"), ("/?%FF=1", "query", "/"), ("/%FF", "path", "/{p}")):
        assert echo(target, declared(location, TEXT), location=location, path=path).status_code == 400


def test_a_query_of_too_many_fields_is_malformed(echo):
    assert echo("/?" + "p=1&" * 1001, declared("query", LIST)).status_code == 400


def test_names_and_values_that_come_as_bytes_are_utf_8(echo):
    assert value(echo("/caf%C3%A9", declared("path", TEXT), location="path", path="/{p}")) == "café"
    assert value(echo("/caf%C3%A9?p=%C3%A9", declared("query", TEXT), path="/café")) == "é"


STYLED = """\
openapi: 3.1.0
info: {title: Every style, version: '1'}
security: [{key: []}]
paths:
  /files/{name}.json/{point}/{matrix}:
    get:
      parameters:
        - {name: name, in: path, required: true, schema: {type: string}, example: a b}
        - {name: point, in: path, required: true, style: label, schema: {type: array, items: {type: integer}}, example: [1, 2]}
        - {name: matrix, in: path, required: true, style: matrix, explode: true, schema: {$ref: '#/components/schemas/Size'}}
        - {name: filter, in: query, required: true, style: deepObject, schema: {$ref: '#/components/schemas/Size'}}
        - {name: ids, in: query, required: true, explode: false, schema: {type: array, minItems: 1, items: {type: integer}}}
        - {name: x-sort, in: header, required: true, schema: {type: array, items: {enum: [up, down]}}}
        - {name: session, in: cookie, required: true, schema: {type: string}, examples: {one: {value: a;b}}}
        - {name: api_key, in: query, required: true, schema: {type: string}}
        - {name: page, in: query, required: true, content: {application/json: {schema: {type: object, required: [n]}}}, example: {n: 1}}
        - {name: more, in: query, style: deepObject, schema: {$ref: '#/components/schemas/Size'}}
      responses: {'200': {description: All fits., content: {application/json: {schema: {const: all}}}}}
components:
  securitySchemes: {key: {type: apiKey, in: query, name: api_key}}
  schemas:
    Size: {type: object, required: [w], properties: {w: {type: integer, minimum: 3}, h: {type: number, example: 1.5}}}
"""


def test_an_example_of_a_request_sends_every_parameter_in_its_style(tmp_path):
    (tmp_path / "styles.yaml").write_text(STYLED)

    with mock_server.running(document=tmp_path / "styles.yaml") as served:
        (operation,) = httpx.get(f"{served.url}/__admin/operations").json()["operations"]
        example = operation["example"]
        assert example["path"] == "/files/a%20b.json/.1,2/;w=3"
        assert dict(httpx.QueryParams(example["query"])) == {
            "filter[w]": "3",
            "ids": "0",
            "page": '{"n":1}',
            "api_key": "mock-token",
        }
        assert example["headers"] == {"x-sort": "up", "cookie": "session=a%3Bb"}
        url = httpx.URL(served.url).copy_with(raw_path=f"{example['path']}?{example['query']}".encode())
        assert httpx.get(url, headers=example["headers"]).json() == "all"
        assert {parameter["name"]: parameter["sent"] for parameter in operation["parameters"]}["more"] == "more%5Bw%5D=3"


def test_a_path_of_a_server_goes_over_the_wire(tmp_path):
    (tmp_path / "api.yaml").write_text(
        STYLED.replace("security:", "servers: [{url: https://api.example.com/api/v1}]\nsecurity:")
    )

    with mock_server.running(document=tmp_path / "api.yaml") as served:
        (operation,) = httpx.get(f"{served.url}/__admin/operations").json()["operations"]
        example = operation["example"]
        for base in ("", "/api/v1"):
            url = httpx.URL(served.url).copy_with(raw_path=f"{base}{example['path']}?{example['query']}".encode())
            assert httpx.get(url, headers=example["headers"]).json() == "all"
        assert httpx.get(served.url).status_code == 200
        assert httpx.get(f"{served.url}/openapi.json").json()["servers"][0]["url"] == served.url


NESTED = "{type: array, items: {type: array, items: {type: integer}}}"
NESTED_JSON = "%5B1,2%5D"


@pytest.mark.parametrize(
    ("target", "schema", "read"),
    [
        ("/?p[]=AAA&p[b]=1", "{type: object}", {"": "AAA", "b": "1"}),
        ("/?p[b][]=AAA", "{type: object}", {"b": ["AAA"]}),
        ("/?p=1e-305", "{type: number}", 1e-305),
        ("/?p=-1.5e200", "{type: number}", -1.5e200),
        (f"/?p={NESTED_JSON}", NESTED, [[1, 2]]),
    ],
)
def test_what_stands_for_several_things_is_read_as_the_one_that_fits(echo, target, schema, read):
    style = "deepObject, explode: true" if "object" in schema else "form"
    answer = echo(target, f"{{name: p, in: query, style: {style}, schema: {schema}}}")

    assert (answer.status_code, answer.json()) == (200, {"read": read})


@pytest.mark.parametrize(
    "schema", ["{}", "{type: array}", "{type: object}", "{anyOf: [{type: integer}, {type: array, items: {}}]}"]
)
@pytest.mark.parametrize("target", ["/?p[]=AAA", "/?p=AAA", "/?p[][]=AAA", "/?p="])
def test_a_text_that_no_schema_says_anything_of_is_read_or_refused(echo, target, schema):
    for style in ("deepObject, explode: true", "form"):
        assert echo(target, f"{{name: p, in: query, style: {style}, schema: {schema}}}").status_code in (200, 422)
