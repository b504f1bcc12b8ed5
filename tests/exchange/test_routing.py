"""Which operation a path means: templates within segments, fixed text before parameters, servers with a path of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mock_server.contract.files.flaws import Severity
from mock_server.contract.model import Contract
from mock_server.contract.problems import Refused
from mock_server.engine.loading import load_contract
from mock_server.exchange.reading import Reader
from mock_server.exchange.routing import Routes

NUMBERS = {"n", "number"}


def operation(path: str, method: str = "get", more: str = "") -> str:
    """Return an operation whose parameters are texts, or numbers by their names."""
    names = [part.partition("}")[0] for part in path.partition("#")[0].split("{")[1:]]
    schemas = {name: "{type: integer}" if name in NUMBERS else "{type: string}" for name in names}
    parameters = ", ".join(f"{{name: {name}, in: path, required: true, schema: {schemas[name]}}}" for name in schemas)
    return f"  {path!r}: {{{method}: {{parameters: [{parameters}], responses: {{'200': {{description: x}}}}{more}}}}}\n"


@pytest.fixture
def load(tmp_path) -> Callable[..., Contract]:
    def load(*operations: str, servers: str = "[]", openapi: str = "3.1.0") -> Contract:
        document = tmp_path / "api.yaml"
        head = f"openapi: {openapi}\ninfo: {{title: A, version: '1'}}\nservers: {servers}\npaths:\n"
        document.write_text(head + "".join(operations))
        return load_contract(document)

    return load


@pytest.fixture
def find(load) -> Callable[..., str]:
    """Return how a request is understood: which operation, and its path parameters; or the problem, and what is told."""

    def find(target: str, *operations: str, method: str = "GET", **options: str) -> str:
        routes = Routes(load(*operations, **options).operations, Reader)
        path, _, query = target.partition("?")
        try:
            route = [routes.find(method, path, query) for _ in range(2)][1]
        except Refused as refused:
            return f"{refused.kind}: {refused.detail}"
        values = route.path_values.parameters
        given = "".join(f" {name}={value!r}" for (_, name), value in values.items()) if values is not None else " invalid"
        return f"{route.operation}{given}"

    return find


FOUND = {
    "a suffix": ("/f/12.json", ["/f/{n}.json"], "GET /f/{n}.json n=12"),
    "a verb": ("/f/12:run", ["/f/{n}:run"], "GET /f/{n}:run n=12"),
    "a range": ("/range/1-20", ["/range/{a}-{b}"], "GET /range/{a}-{b} a='1' b='20'"),
    "a range, as short as can be": ("/range/1-2-3", ["/range/{a}-{b}"], "GET /range/{a}-{b} a='1' b='2-3'"),
    "a suffix after a parameter": ("/me/kit.git", ["/{owner}/{repo}.git"], "GET /{owner}/{repo}.git owner='me' repo='kit'"),
    "a suffix that stands twice": ("/a.git.git", ["/{repo}.git"], "GET /{repo}.git repo='a.git'"),
    "parameters with nothing between": ("/abc", ["/{a}{b}"], "GET /{a}{b} a='a' b='bc'"),
    "a call, as OData has it": ("/users('5')", ["/users('{id}')"], "GET /users('{id}') id='5'"),
    "an encoded value within a segment": ("/f/a%2Eb%20c.json", ["/f/{x}.json"], "GET /f/{x}.json x='a.b c'"),
    "an encoded literal": ("/m%65", ["/me", "/{x}"], "GET /me"),
    "a literal that has to be encoded": ("/two%20words", ["/two words"], "GET /two words"),
    "an encoded slash is none": ("/a%2Fb", ["/a/b", "/{x}"], "GET /{x} x='a/b'"),
    "literal before template": ("/f/me.json", ["/f/{x}.json", "/f/me.json"], "GET /f/me.json"),
    "template before parameter": ("/f/a.json", ["/f/{x}", "/f/{x}.json"], "GET /f/{x}.json x='a'"),
    "longer text before shorter": ("/f/a.tar.gz", ["/f/{x}.gz", "/f/{x}.tar.gz"], "GET /f/{x}.tar.gz x='a'"),
    "what else fits is found": ("/me/x", ["/me/y", "/{a}/x"], "GET /{a}/x a='me'"),
    "what a template cannot be": ("/f/.json", ["/f/{x}", "/f/{x}.json"], "GET /f/{x} x='.json'"),
    "with a slash at the end": ("/things/", ["/things", "/things/"], "GET /things/"),
    "without one": ("/things", ["/things/", "/things"], "GET /things"),
    "a fragment is not sent": ("/cookies", ["/cookies#second"], "GET /cookies#second"),
    "the first of several fragments": ("/cookies", ["/cookies", "/cookies#second"], "GET /cookies"),
    "a query of the path": ("/?Action=Stop&x=1", ["/?Action=Start", "/?Action=Stop"], "GET /?Action=Stop"),
    "a pair in the fragment": ("/?Action=Stop", ["/#Action=Start", "/#Action=Stop"], "GET /#Action=Stop"),
    "most pairs": ("/a?b=1&c=2", ["/a", "/a?b=1", "/a?b=1&c=2"], "GET /a?b=1&c=2"),
    "no pair": ("/a?d=1", ["/a?b=1", "/a"], "GET /a"),
    "no pair, and none without": ("/a", ["/a?b=1", "/a?b=2"], "GET /a?b=1"),
    "a brace without its other": ("/a%7Bb", ["/a{b"], "GET /a{b"),
    "empty braces": ("/a%7B%7D", ["/a{}"], "GET /a{}"),
    "a name that stands twice": ("/1/2", ["/{x}/{x}"], "GET /{x}/{x} x='1'"),
}  # fmt: skip


@pytest.mark.parametrize(("target", "paths", "found"), FOUND.values(), ids=FOUND)
def test_a_path_means_an_operation(find, target, paths, found):
    assert find(target, *map(operation, paths)) == found


def test_a_parameter_that_is_not_declared_is_any_text(find, load):
    undeclared = "  /f/{x}.json: {get: {responses: {'200': {description: x}}}}\n"

    assert find("/f/a%20b.json", undeclared) == "GET /f/{x}.json"
    assert load(undeclared).unsupported == ()


@pytest.mark.parametrize(
    "target", ["/f/.json", "/f/a.jso", "/f/json", "/range/-2", "/range/1-", "/range/12", "/things/", "//things"]
)
def test_what_no_template_fits_is_unknown(find, target):
    paths = ["/f/{x}.json", "/range/{a}-{b}", "/things"]

    assert find(target, *map(operation, paths)).startswith("unknown-path: ")


def test_the_same_path_with_or_without_a_slash_is_told(find):
    assert "The nearest one is /things." in find("/things/", operation("/things"), operation("/thing"))
    assert "The nearest one is /things/." in find("/things", operation("/things/"), operation("/thin"))
    assert "The nearest one is /f/{x}.json." in find("/f/a.jsn", operation("/f/{x}.json"), operation("/g"))


def test_a_path_without_the_method_gives_way_to_one_that_has_it(find):
    paths = operation("/a/{x}"), operation("/a/me", "post")

    assert find("/a/me", *paths) == "GET /a/{x} x='me'"
    assert find("/a/me", *paths, method="POST") == "POST /a/me"
    assert find("/a/you", *paths, method="POST") == "method-not-allowed: /a/{x} has no POST, only GET."
    assert find("/a/me", *paths, method="PUT") == "method-not-allowed: /a/me has no PUT, only POST, GET."


def test_a_path_without_the_method_does_not_give_way_to_one_that_does_not_fit(find):
    paths = operation("/a/{n}"), operation("/a/me", "post")

    assert find("/a/me", *paths) == "method-not-allowed: /a/me has no GET, only POST."
    assert find("/a/5", *paths) == "GET /a/{n} n=5"
    assert find("/a/you", *paths) == "GET /a/{n} invalid"


def test_one_path_with_two_names_for_a_parameter_is_one(find, load):
    paths = operation("/a/{x}"), operation("/a/{y}", "put"), operation("/a/{z}")
    contract = load(*paths)

    assert find("/a/1", *paths) == "GET /a/{x} x='1'"
    assert find("/a/1", *paths, method="PUT") == "PUT /a/{y} y='1'"
    assert [(str(one), one.unsupported) for one in contract.unsupported] == [
        ("GET /a/{z}", ("it is the same as GET /a/{x}, which answers",))
    ]
    assert contract.document.flaws.count(Severity.BREAKS) == 0


BASES = {
    "an absolute URL": ("[{url: https://api.example.com/api/v1}]", ["/api/v1"]),
    "a slash at its end": ("[{url: https://api.example.com/api/v1/}]", ["/api/v1"]),
    "relative": ("[{url: /api}]", ["/api"]),
    "relative to the document": ("[{url: v1}, {url: ./v2}, {url: ../v3}]", ["/v1", "/v2", "/v3"]),
    "several": ("[{url: https://a.example/a}, {url: https://b.example/b/c}]", ["/a", "/b/c"]),
    "a variable": ("[{url: 'https://a.example/{v}/x', variables: {v: {default: v1, enum: [v1, v2]}}}]", ["/v1/x", "/v2/x"]),
    "a variable with a slash": ("[{url: 'https://a.example{b}', variables: {b: {default: /api/v1}}}]", ["/api/v1"]),
    "variables of the host": (
        "[{url: '{s}://{h}:{p}/v1', variables: {s: {default: http}, h: {default: a.example}, p: {default: 1}}}]",
        ["/v1"],
    ),
    "one of an operation": ("[{url: /other}, {url: /api}]", ["/other", "/api"]),
}  # fmt: skip


@pytest.mark.parametrize(("servers", "bases"), BASES.values(), ids=BASES)
def test_an_operation_is_found_with_and_without_the_path_of_a_server(find, servers, bases):
    paths = operation("/things"), operation("/{x}/y"), operation("/")

    assert find("/things", *paths, servers=servers) == "GET /things"
    for base in bases:
        assert find(f"{base}/things", *paths, servers=servers) == "GET /things"
        assert find(f"{base}/1/y", *paths, servers=servers) == "GET /{x}/y x='1'"
        assert find(base, *paths, servers=servers) == "GET /"
        assert find(f"{base}/", *paths, servers=servers) == "GET /"
        assert find(f"{base}things", *paths, servers=servers).startswith("unknown-path: ")


def test_a_path_as_it_stands_goes_before_the_path_of_a_server(find):
    paths = operation("/api/{x}"), operation("/things"), operation("/api/{x}/y", "post"), operation("/things/y")

    assert find("/api/things", *paths, servers="[{url: /api}]") == "GET /api/{x} x='things'"
    assert find("/api/things/y", *paths, servers="[{url: /api}]") == "GET /things/y"
    assert find("/api/things/z", *paths, servers="[{url: /api}]").startswith("unknown-path: ")
    assert find("/api/api/things", *paths, servers="[{url: /api}]") == "GET /api/{x} x='things'"


def test_the_longest_path_of_a_server_goes_first(find):
    for servers in ("[{url: /api}, {url: /api/v1}]", "[{url: /api/v1}, {url: /api}]"):
        assert find("/api/v1/x", operation("/x"), operation("/v1/{y}"), servers=servers) == "GET /x"


def test_a_method_that_is_missing_beneath_a_server_is_told(find):
    told = find("/api/things", operation("/things", "post"), servers="[{url: /api}]")

    assert told == "method-not-allowed: /things has no GET, only POST."


def test_the_nearest_servers_of_an_operation_count(find):
    own = operation("/own", more=", servers: [{url: /own-base}]")
    of_path = operation("/path").replace("{get:", "{servers: [{url: /path-base}], get:")

    for base, path in (("/api", "/things"), ("/own-base", "/own"), ("/path-base", "/path")):
        for other in ("/api", "/own-base", "/path-base"):
            found = find(other + path, operation("/things"), own, of_path, servers="[{url: /api}]")
            assert found.startswith(f"GET {path}" if base == other else "unknown-path: ")


@pytest.mark.parametrize(
    "servers", ["[{url: 'https://a.example/{v}'}]", "[{url: 'http://[x'}]", "[{}]", "[{url: 5}]", "5", "[{url: /}]"]
)
def test_a_server_without_a_known_path_changes_nothing(find, servers):
    assert find("/things", operation("/things"), servers=servers) == "GET /things"
    assert find("/v1/things", operation("/things"), servers=servers).startswith("unknown-path: ")


def test_a_long_segment_is_matched_in_no_time(find):
    hostile = "/" + "-" * 60_000

    assert find(hostile, operation("/{a}-{b}-{c}-{d}x")).startswith("unknown-path: ")


def test_a_request_of_any_path_is_understood_again(load):
    routes = Routes(load(operation("/a?b=1"), operation("/a?b=2")).operations, Reader)

    found = [routes.find("GET", "/a", query).operation.path for query in ("b=2", "b=1", "b=2", "")]

    assert found == ["/a?b=2", "/a?b=1", "/a?b=2", "/a?b=1"]
