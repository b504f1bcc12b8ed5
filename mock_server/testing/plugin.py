"""The pytest plugin: fixtures, options and reports. Nothing heavy is imported before a test asks for a mock."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mock_server.testing.collecting import not_collecting
from mock_server.testing.marking import HANDLES, MARKER, READING, REPEATER, read_marker
from mock_server.testing.options import add_options, given_file, given_list

if TYPE_CHECKING:
    from mock_server.exchange.handlers import Handler
    from mock_server.testing.mocks import Configuration, Seed
    from mock_server.testing.server import App, Handle, Server
    from mock_server.testing.servers import Servers


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and run tests under several readings where that is asked for."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(seed=…, profile=…, assume={{NAME: CHOICE}}): what the mock of this test starts from; files are beside it",
    )
    if any("=" in argument.partition("[")[2] for argument in config.args) or given_list(config, "profiles"):
        from mock_server.testing.repeating import set_up

        set_up(config)


@pytest.fixture(scope="session")
def mock_server_document(pytestconfig: pytest.Config) -> Path | None:
    """The OpenAPI document to mock; None for the bundled one. Override it to mock another."""
    return given_file(pytestconfig, "document")


@pytest.fixture(scope="session")
def mock_server_seed(pytestconfig: pytest.Config) -> Seed:
    """The fixtures that tests start from, a file or what stands in one; None for the bundled ones. Override it at will."""
    return given_file(pytestconfig, "seed")


@pytest.fixture(scope="session")
def mock_server_profile(pytestconfig: pytest.Config) -> Path | None:
    """The profile that makes choices for assumptions; None for the defaults. Override it at will."""
    return given_file(pytestconfig, "profile")


@pytest.fixture(scope="session")
def mock_server_assume(pytestconfig: pytest.Config) -> Mapping[str, str]:
    """Single choices for assumptions. Override it at will: another document has other assumptions."""
    return dict(pair.partition("=")[::2] for pair in given_list(pytestconfig, "assume"))


@pytest.fixture
def mock_server(_mock_servers: Servers, _mock_server_scene: Configuration, request: pytest.FixtureRequest) -> Iterator[Server]:
    """A mock of the API on a free port, as it is at the beginning: nothing of other tests is in it."""
    with _flaws_told():
        server = _mock_servers.server(_mock_server_scene)
    _note(request, server)
    yield server
    server.close_clients()
    server.end_handlers()


@pytest.fixture
def mock_server_app(_mock_servers: Servers, _mock_server_scene: Configuration, request: pytest.FixtureRequest) -> Iterator[App]:
    """A mock as an ASGI application, for clients that call it in this process: no socket. Otherwise as `mock_server`."""
    with _flaws_told():
        app = _mock_servers.app(_mock_server_scene)
    _note(request, app)
    yield app
    app.close_clients()
    app.end_handlers()


@pytest.fixture
def mock_server_factory(
    _mock_servers: Servers, _mock_server_scene: Configuration, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Server]]:
    """Start further servers: `mock_server_factory(document=…, seed=…, profile=…, assume={…}, handlers={…})`.

    They are stopped after the test.

    What is not given is as `mock_server` has it; another document starts with nothing of that.
    """
    from mock_server.contract.files.flaws import FlawedInput
    from mock_server.testing.mocks import Configuration

    started: list[Server] = []

    def start(
        document: Path | str | None = None,
        *,
        seed: Seed | str = None,
        profile: Path | str | None = None,
        assume: Mapping[str, str] | None = None,
        handlers: Mapping[str, Handler] | None = None,
    ) -> Server:
        __tracebackhide__ = True
        own = _mock_server_scene if document is None else Configuration()
        given = Configuration.of(document, seed, profile, assume)
        configuration = Configuration(
            given.document or own.document,
            own.seed if given.seed is None else given.seed,
            given.profile or own.profile,
            {**(own.assume or {}), **(given.assume or {})},
        )
        try:
            server = _mock_servers.another(configuration)
        except (FlawedInput, ValueError) as error:
            raise error.with_traceback(None) from None  # the test is shown its own line
        started.append(server)
        _note(request, server)
        for operation, handler in (handlers or {}).items():
            server.handle(operation, handler)
        return server

    yield start
    failures = [failure for server in started if (failure := server.first_failure()) is not None]
    for server in started:
        server.stop()
        request.node.stash[HANDLES].remove(server)  # it can tell nothing any more
    if failures:
        raise failures[0]


@pytest.fixture(scope="session")
def _mock_servers() -> Iterator[Servers]:
    with not_collecting():
        from mock_server.testing.servers import Servers

    servers = Servers()
    yield servers
    servers.stop()


@pytest.fixture
def _mock_server_scene(
    mock_server_document: Path | str | None,
    mock_server_seed: Seed | str,
    mock_server_profile: Path | str | None,
    mock_server_assume: Mapping[str, str],
    request: pytest.FixtureRequest,
) -> Configuration:
    from mock_server.testing.mocks import Configuration

    node, root = request.node, request.config.rootpath
    assume = dict(mock_server_assume)
    seed, profile = _located(mock_server_seed, root), _located(mock_server_profile, root)
    for marker in reversed(list(node.iter_markers(MARKER))):
        marked = read_marker(marker)
        seed = _located(marked["seed"], node.path.parent) if "seed" in marked else seed
        profile = _located(marked["profile"], node.path.parent) if "profile" in marked else profile
        assume |= marked.get("assume", {})
    if READING in node.stash:
        assume |= dict(node.stash[READING].choices)
    return Configuration(_located(mock_server_document, root), seed, profile, assume)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show in the report of a failing test what happened at its mocks, and under which reading it ran."""
    report = yield
    if report.failed and HANDLES in item.stash:
        from mock_server.testing.reports import sections

        report.sections += sections(item.stash[HANDLES], item.stash.get(READING, None))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell which tests fail under which readings."""
    repeated = [
        report
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and dict(report.user_properties).get("mock_server_reading")
    ]
    if repeated:
        from mock_server.testing.reports import summary

        terminalreporter.section("readings of the contract")
        for line in summary(repeated):
            terminalreporter.write_line(line)


def _located(value: Any, folder: Path) -> Any:
    """Return a file by its whole path; fixtures that are given as they are stay so."""
    return folder / value if isinstance(value, (str, Path)) else value


def _note(request: pytest.FixtureRequest, handle: Handle) -> None:
    request.node.stash.setdefault(HANDLES, []).append(handle)
    repeater = request.config.pluginmanager.get_plugin(REPEATER)
    if repeater is not None:
        with _flaws_told():
            repeater.check(handle.contract)


@contextmanager
def _flaws_told() -> Iterator[None]:
    """Tell what is wrong with document, fixtures or choices, rather than where it was noticed."""
    from mock_server.contract.files.flaws import FlawedInput

    try:
        yield
    except (FlawedInput, ValueError) as error:
        raise pytest.fail.Exception(f"mock_server: {error}", pytrace=False) from None
