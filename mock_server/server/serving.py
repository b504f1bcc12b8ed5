"""Serving a mock on a socket until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn

from mock_server.contract.files.flaws import FlawedInput
from mock_server.engine.verbs import VERBS
from mock_server.server.application import Application
from mock_server.server.check import summary
from mock_server.server.collector import tune_collector
from mock_server.server.compatibility import http_protocol
from mock_server.server.log import Log
from mock_server.server.mock import Mock
from mock_server.server.settings import Settings
from mock_server.server.welcome import curl_lines

LAST_PORT = 65_535
MOST_SHOWN = 20
"""For how many operations a start shows a command: each is tried first."""

MOST_INFERRED = 200
"""For how many operations a start looks whether any could keep state: it takes a millisecond for each."""

GRACE = 3
"""Seconds that requests under way may take once the server is told to stop."""


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. Raise `FlawedInput` or `ValueError` for bad input and for a port in use."""
    if settings.admin_token is not None and not settings.admin_token.strip():
        raise ValueError("the admin token is empty: give --admin-token a secret, or leave it out")
    mock = Mock.from_settings(settings)
    listener = listen(settings.host, settings.port)
    log = Log(settings.log_level)
    application = Application(mock, settings, log)
    brief = settings.log_level in ("warning", "error")
    print(welcome(mock, address(listener), brief=brief, console=not settings.no_admin), flush=True)
    tune_collector()
    try:
        _run(_serve(application, listener, settings, log))
    finally:
        listener.close()
        log.flush()


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; raise `ValueError` when the port is in use or the address is not this machine's."""
    if port > LAST_PORT:
        raise ValueError(f"the port {port} is not one of 0 to {LAST_PORT}")
    listener = None
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
        listener.listen(2048)
    except OSError as error:
        if listener:
            listener.close()
        raise ValueError(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
    return listener


def address(listener: socket.socket) -> str:
    """Return the URL that a listening socket is reached at."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # an address that a client can use
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def welcome(mock: Mock, url: str, *, brief: bool, console: bool) -> str:
    """Return what start-up tells: what is served where and, unless `brief`, a working command for each operation."""
    contract = mock.contract
    lines = [f"{contract.title} {contract.version} on {url}  (Ctrl-C stops; the document is at {url}/openapi.json)"]
    problems = list(summary(contract, contract.document.main.path))
    if brief:
        return "\n".join([*lines, *problems])
    if console:
        lines.append(f"The console is at {url}/__admin/")
    if issues := sorted(mock.token_endpoint.paths.token):
        lines.append(f"OAuth 2 tokens are issued at {' and '.join(url + path for path in issues)}")
    lines += ["", *problems] if problems else []
    lines.append("")
    shown = [operation for operation in contract.operations if not operation.unsupported][:MOST_SHOWN]
    for operation, command in curl_lines(mock, url, shown):
        lines += [f"{operation}" + (f"  {operation.summary}" if operation.summary else ""), f"  {command}", ""]
    if len(shown) < len(contract.operations) - len(contract.unsupported):
        lines += [f"{len(contract.operations):,} operations in all; `mock-server explain` lists them.", ""]
    if hint := inferring_hint(mock):
        lines += [hint, ""]
    if contract.assumptions:
        told = f"{len(contract.assumptions)} points that the document leaves open are settled by assumptions"
        lines.append(f"{told}; `mock-server explain` lists them, the header X-Mock-Assumed those of a response.")
    return "\n".join(lines)


def inferring_hint(mock: Mock) -> str:
    """Return a word about `--infer` for a document that declares nothing and has operations that look like CRUD."""
    operations = mock.contract.operations
    if len(operations) > MOST_INFERRED or any(operation.behaviour for operation in operations):
        return ""
    from mock_server.contract.inferring.proposing import propose  # not for documents that say what they do

    count = propose(mock.contract, VERBS).stateful
    return f"{count} operations look like CRUD and would keep state with --infer." if count else ""


async def _serve(application: Application, listener: socket.socket, settings: Settings, log: Log) -> None:
    server = _Server(
        uvicorn.Config(
            application,
            http=http_protocol(log.warning),
            log_config=None,
            access_log=False,
            lifespan="off",
            forwarded_allow_ips="127.0.0.1,::1",  # not those of a variable: who is believed decides who may control the mock
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
    )
    application.shutdown = _stop(server, application)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, application.shutdown)
    tasks = [asyncio.create_task(server.serve(sockets=[listener]))]
    if settings.reload:
        tasks.append(asyncio.create_task(_reload(application, settings, log)))
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    for task in done:
        task.result()


class _Server(uvicorn.Server):
    """A server whose signals are handled here: uvicorn would raise them again at its end, and the process would die of them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _stop(server: uvicorn.Server, application: Application) -> Callable[[], None]:
    def stop() -> None:
        application.stop()
        server.force_exit = server.should_exit  # a second signal does not wait for requests under way
        server.should_exit = True

    return stop


def _run(main: object) -> None:
    try:
        import uvloop
    except ImportError:  # not made for every platform
        asyncio.run(main)  # type: ignore[arg-type]
    else:
        uvloop.run(main)  # type: ignore[arg-type]


async def _reload(application: Application, settings: Settings, log: Log) -> None:
    """Read everything again whenever a file changes; keep serving the old contract while the new one is bad."""
    watched = _files(application.mock, settings)
    log.info(f"Reloading: watching {', '.join(sorted(str(path) for path in watched))}")
    while True:
        await _change(watched)
        try:
            application.replace(Mock.from_settings(settings))
        except (FlawedInput, ValueError) as error:
            log.warning(f"\nNot reloaded; the previous contract is still served.\n{error}\n")
            if isinstance(error, FlawedInput):
                watched |= {Path(flaw.file).absolute() for flaw in error.flaws}
        else:
            log.warning("Reloaded; the state is reset to the fixtures.")
            watched = _files(application.mock, settings)


def _files(mock: Mock, settings: Settings) -> set[Path]:
    files = [*mock.files(), settings.seed_path, settings.profile, settings.faults]
    return {file.absolute() for file in files if file is not None}


async def _change(files: set[Path]) -> None:
    """Wait until one of `files` changes; the folders are watched, as editors replace files instead of writing them."""
    from watchfiles import awatch  # only --reload needs it, and start-up time is precious

    everything = files | {file.resolve() for file in files}  # a link may be turned, or what it leads to may change
    folders = {file.parent for file in everything if file.parent.is_dir()}
    async for changes in awatch(*folders, recursive=False, debounce=100, step=50):
        if any(Path(path) in everything or Path(path).resolve() in everything for _, path in changes):
            return
