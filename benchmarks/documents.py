"""How a folder of OpenAPI documents is mocked: does each start, how fast, and is every answer what the document says?

Every operation gets valid requests that Schemathesis makes from the vendor's own file, and Schemathesis' own checks judge the
answers; an answer of 501 says that the operation is not supported. With --prism, Prism serves the same file beside it.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from measuring import free_port, resident
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Err

CREDENTIALS = {"Authorization": "Bearer some-token"}
JUDGED = frozenset(
    """
    not_a_server_error status_code_conformance content_type_conformance response_headers_conformance
    response_schema_conformance
    """.split()  # noqa: SIM905 (reads better)
)
"""Schemathesis' checks of answers; the others are about other requests than valid ones."""

NOT_SUPPORTED = 501
PATIENCE = 120


@dataclass
class Told:
    """What came of one document."""

    first_answer: float = 0
    memory: int = 0
    operations: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    supported: int = 0
    failures: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def main() -> None:
    """Serve each document, call every operation, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", nargs="+", type=Path, help="documents, or folders of them")
    parser.add_argument("--examples", type=int, default=2, help="requests for each operation (default: 2)")
    parser.add_argument("--most", type=int, default=10_000, help="operations called of each document at most")
    parser.add_argument("--prism", default=None, help="Prism's executable, to serve the same documents beside")
    parser.add_argument("--failures", type=int, default=5, help="failures shown of each document (default: 5)")
    options = parser.parse_args()
    print(f"{'document':34} {'operations':>10} {'answered':>9} {'501':>5} {'failures':>8} {'first answer':>12} {'memory':>8}")
    for path in documents(options.documents):
        with serving([sys.executable, "-m", "mock_server", "serve", "--log-level", "error", "--port"], path) as (url, told):
            if url:
                call_all(path, url, told, options)
        row = f"{path.name:34} {told.operations:>10} {told.supported:>9} {told.operations - told.supported:>5}"
        print(f"{row} {len(told.failures):>8} {told.first_answer:>10.2f} s {told.memory / 2**20:>5.0f} MB", flush=True)
        for failure in [*told.unread, *told.failures][: options.failures]:
            print(f"    {failure}")
        if options.prism:
            with serving([options.prism, "mock", "--port"], path) as (url, beside):
                print(f"    Prism: first answer {beside.first_answer:.2f} s" if url else "    Prism: no start", flush=True)


def documents(paths: list[Path]) -> Iterator[Path]:
    """Yield every document of the folders and files."""
    for path in paths:
        yield from (
            sorted(one for one in path.iterdir() if one.suffix in (".yaml", ".yml", ".json")) if path.is_dir() else [path]
        )


@contextlib.contextmanager
def serving(command: list[str], path: Path) -> Iterator[tuple[str, Told]]:
    """Serve a document; an empty address where no server starts."""
    port, told = free_port(), Told()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as output:
        started = time.monotonic()
        process = subprocess.Popen([*command, str(port), str(path)], stdout=output, stderr=output)
        try:
            while process.poll() is None and time.monotonic() - started < PATIENCE:
                try:
                    urllib.request.urlopen(f"{url}/no/such/path", timeout=PATIENCE)
                except urllib.error.HTTPError:
                    break
                except OSError:
                    time.sleep(0.005)
                else:
                    break
            told.first_answer = time.monotonic() - started
            if process.poll() is not None:
                output.seek(0)
                told.failures.append(f"does not start: {output.read().decode(errors='replace').strip()[:300]}")
                yield "", told
            else:
                yield url, told
                told.memory = resident(process) if process.poll() is None else 0
                if process.poll() is not None:
                    told.failures.append(f"the server ended with {process.returncode}")
        finally:
            process.terminate()
            process.wait(timeout=30)


def call_all(path: Path, url: str, told: Told, options: argparse.Namespace) -> None:
    """Send generated requests to every operation, and judge the answers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schema = schemathesis.openapi.from_path(path)
        for number, result in enumerate(schema.get_all_operations()):
            if number >= options.most:
                break
            told.operations += 1
            if isinstance(result, Err):
                told.unread.append(f"Schemathesis cannot read an operation: {result.err()}"[:200])
                continue
            call(result.ok(), schema.raw_schema, url, told, options)


def call(operation: Any, document: dict[str, Any], url: str, told: Told, options: argparse.Namespace) -> None:
    """Send requests to one operation."""
    how = settings(
        max_examples=options.examples,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    seen: list[int] = []

    def send(case: Any) -> None:
        headers, query = credentials(operation, document)
        response = case.call(base_url=url, headers=headers, params=query, timeout=PATIENCE)
        seen.append(response.status_code)
        told.statuses[response.status_code] += 1
        if response.status_code == NOT_SUPPORTED:
            return
        try:
            case.validate_response(response, excluded_checks=[one for one in CHECKS.get_all() if one.__name__ not in JUDGED])
        except FailureGroup as group:
            for failure in group.exceptions:
                note(told, operation, failure)
        except Exception as failure:
            note(told, operation, failure)
        if response.status_code >= 400:
            told.failures.append(f"{operation.label}: a valid request is answered {response.status_code} {response.text[:300]}")

    try:
        seed(1)(how(given(case=operation.as_strategy())(send)))()
    except Exception as error:
        told.unread.append(f"{operation.label}: no request: {type(error).__name__}: {str(error)[:150]}")
    told.supported += NOT_SUPPORTED not in seen


def note(told: Told, operation: Any, failure: BaseException) -> None:
    """Note what a check says, in one line."""
    told.failures.append(f"{operation.label}: {type(failure).__name__}: {re.sub(chr(10) + '+', ' ', str(failure))[:300]}")


def credentials(operation: Any, document: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Return headers and query parameters that show a credential for whatever an operation asks for."""
    schemes = document.get("components", {}).get("securitySchemes", {}) or document.get("securityDefinitions", {})
    asked_for = operation.definition.raw.get("security", document.get("security", []))
    headers, query = dict(CREDENTIALS), {}
    for name in asked_for[0] if asked_for else ():
        scheme = schemes.get(name, {})
        if scheme.get("type") == "basic" or str(scheme.get("scheme", "")).lower() == "basic":
            headers["Authorization"] = "Basic dXNlcjpwYXNzd29yZA=="
        elif scheme.get("type") == "apiKey" and scheme.get("in") == "header":
            headers[scheme["name"]] = "some-key"
        elif scheme.get("type") == "apiKey" and scheme.get("in") == "cookie":
            headers["Cookie"] = f"{scheme['name']}=some-key"
        elif scheme.get("type") == "apiKey":
            query[scheme["name"]] = "some-key"
    return headers, query


if __name__ == "__main__":
    main()
