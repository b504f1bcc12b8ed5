"""A stock Schemathesis run finds nothing wrong with the served mock: all checks, all phases, valid and invalid data, links."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPMethod
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from places import DOCUMENTS, FIXTURES, LIBRARY

HERMETIC = """
[cache]
enabled = false
"""
KNOWN_IDS = """
[parameters]
"path.partner_id" = "ptn_northwind"
"path.assignment_id" = "ica_grace_northwind"
"path.internal_contact_id" = "ict_grace"

# A run that only meets refusals proves nothing: it fails too.
[warnings]
fail-on = ["missing_test_data", "missing_auth", "low_valid_rate"]
"""
LIBRARY_IDS = """
[parameters]
"path.branch" = "North"
"path.number" = 7
"path.loan_id" = "3d2f4b44-6f4c-4d0e-9a55-0b4f0c1d2e3f"

# The behaviours of these two refuse what their schemas let through: unknown members, a null, a loan of no days.
[[operations]]
include-operation-id = ["lend", "extendLoan"]
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", 401, 404, 409, 422]
"""


@dataclass
class Run:
    """What Schemathesis reported of a run."""

    exit_code: int
    output: str
    report: dict[str, Any]
    statuses: dict[str, dict[str, set[int]]]
    """For each phase and operation, the statuses that were answered; nothing in a run without events."""


@pytest.fixture
def schemathesis(tmp_path: Path) -> Callable[..., Run]:
    """Run Schemathesis on a served mock: schemathesis(served, config). The same requests are sent each time."""

    def run(
        served: Any,
        config: str = "",
        path: str = "/openapi.json",
        *,
        events: bool = True,
        credential: str = "Authorization: Bearer acme-token",
        exclude: str = "",
    ) -> Run:
        (tmp_path / "schemathesis.toml").write_text(HERMETIC + config)
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"{served.url}{path}"]
        command += ["--header", credential, "--checks", "all", "--mode", "all"]
        command += ["--exclude-checks", exclude] if exclude else []
        command += ["--seed", "1", "--generation-database", "none", "--continue-on-failure", "--no-color"]
        command += ["--request-timeout", "60"]  # no request takes so long, but for a busy machine
        command += ["--report", "json,ndjson" if events else "json", "--report-json-path", "report.json"]
        command += ["--report-ndjson-path", "events.ndjson"] if events else []
        # What is measured is the mock; measuring Schemathesis as well would only make it slow.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=1800)
        output = done.stdout + done.stderr
        assert (tmp_path / "report.json").exists(), output
        report = json.loads((tmp_path / "report.json").read_text())
        return Run(done.returncode, output, report, statuses(tmp_path) if events else {})

    return run


def statuses(folder: Path) -> dict[str, dict[str, set[int]]]:
    found: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for line in (folder / "events.ndjson").read_text().splitlines():
        event = json.loads(line).get("ScenarioFinished", {})
        recorder = event.get("recorder", {})
        for id, case in recorder.get("cases", {}).items():
            response = recorder["interactions"].get(id, {}).get("response")
            assert response, case
            operation = f"{case['value']['method']} {case['value']['path']}"
            found[event["phase"]][operation].add(response["status_code"])
    return found


def assert_nothing_is_wrong(run: Run, operations: set[str]) -> None:
    """Nothing was found, and that means something: every phase ran, every operation succeeded and refused."""
    assert run.exit_code == 0, run.output
    assert run.report["failures"] == run.report["errors"] == []
    assert run.report["operations"]["tested"] == len(operations)
    assert {phase["status"] for phase in run.report["phases"].values()} == {"success"}
    for operation in operations:
        answered = set().union(*(phase[operation] for phase in run.statuses.values()))
        assert answered & {200, 201, 204}, operation
        assert answered & {400, 401, 404, 422} or operation == "GET /opening-hours", operation


def operations_of(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for key, operation in item.items():
            if key.upper() in HTTPMethod.__members__:
                yield f"{key.upper()} {path}", operation


def completed_library() -> dict[str, Any]:
    """Return the library with the refusals that it leaves out, and that Schemathesis would otherwise report as news."""
    document = yaml.safe_load(LIBRARY.read_text())
    for _, operation in operations_of(document):
        for status in ("400", "401", "404", "409", "415", "422"):
            operation["responses"].setdefault(status, {"description": "Refused."})
    lend = document["paths"]["/loans"]["post"]["requestBody"]["content"]["application/json"]
    lend["example"] = {"member": 2, "isbn": "9780262510875"}
    return document


@pytest.mark.parametrize("config", [pytest.param("", id="as it comes"), pytest.param(KNOWN_IDS, id="with ids that exist")])
def test_schemathesis_finds_nothing_wrong_with_the_partner_api(
    serve: Callable[..., Any], schemathesis: Callable[..., Run], config: str
) -> None:
    served = serve("--random-seed", "1", "--freeze-time", "2026-01-15T09:30:00Z", "--log-level", "warning")
    with served.client() as client:
        operations = {operation for operation, _ in operations_of(client.get("/openapi.json").json())}

    run = schemathesis(served, config)

    assert_nothing_is_wrong(run, operations)
    assert len(operations) == 4


def test_schemathesis_finds_nothing_wrong_with_an_unrelated_api(
    serve: Callable[..., Any], schemathesis: Callable[..., Run], tmp_path: Path
) -> None:
    document = tmp_path / "library.json"
    document.write_text(json.dumps(completed_library()))
    options = ["--random-seed", "1", "--freeze-time", "2026-01-15T09:30:00Z", "--log-level", "warning"]
    served = serve(document, "--seed", FIXTURES[LIBRARY], *options)

    run = schemathesis(served, LIBRARY_IDS)

    assert_nothing_is_wrong(run, {operation for operation, _ in operations_of(completed_library())})


VENDORS = """
[generation]
max-examples = 15

# A list of one text is written as that text in a form.
[[operations]]
include-operation-id = "chat_postMessage"
[operations.checks.negative_data_rejection]
expected-statuses = ["2xx", "4xx"]
"""


@pytest.mark.parametrize(
    ("document", "credential"),
    [
        pytest.param("payments.yaml", "Authorization: Bearer acme-token", id="OpenAPI 3.0, forms"),
        pytest.param("chat.json", "Authorization: Bearer acme-token", id="Swagger 2.0"),
        pytest.param("cloud/cloud.yaml", "X-Api-Key: acme-token", id="OpenAPI 3.1, several files"),
    ],
)
def test_schemathesis_finds_nothing_wrong_with_the_mock_of_a_vendors_document(
    serve: Callable[..., Any], schemathesis: Callable[..., Run], tmp_path: Path, document: str, credential: str
) -> None:
    (tmp_path / "seed.yaml").write_text("organizations: {acme: {tokens: [acme-token]}}")
    served = serve(DOCUMENTS / "vendors" / document, "--seed", tmp_path / "seed.yaml", "--log-level", "warning")

    # No behaviour is declared, so nothing is ever deleted.
    run = schemathesis(served, VENDORS, credential=credential, exclude="use_after_free")

    assert run.exit_code == 0, run.output
    assert run.report["failures"] == run.report["errors"] == []
    documented = {operation for operation, _ in operations_of(httpx.get(f"{served.url}/openapi.json").json())}
    assert run.report["operations"]["tested"] >= 4
    for operation in documented:
        assert set().union(*(phase[operation] for phase in run.statuses.values())) & {200, 201, 202, 204, 302}, operation


CONTROL = """
[generation]
max-examples = 30

[parameters]
"path.number" = "1"

# It would stop the server, and a stream of events has no end.
[[operations]]
include-operation-id = ["shutdown", "getEvents"]
enabled = false

# What is asked of these is more than a schema can say: that records refer to each other, that a time is in range, that an
# organization is still there after the fixtures were replaced.
[[operations]]
include-operation-id = ["putState", "putFixtures", "addFault", "putFaults", "addStub", "putClock", "advanceClock", "getOperations"]
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", 404, 422]

# These have no refusal but for what is sent unasked.
[[operations]]
include-operation-id = ["getRequest", "removeFault", "removeStub", "getOperations"]
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", 404]
"""


def test_schemathesis_finds_nothing_wrong_with_the_control_api(
    serve: Callable[..., Any], schemathesis: Callable[..., Run]
) -> None:
    served = serve("--random-seed", "1", "--freeze-time", "2026-01-15T09:30:00Z", "--log-level", "warning")
    with served.client() as client:
        client.get("/nowhere")

    run = schemathesis(served, CONTROL, path="/__admin/openapi.json", events=False)  # they would be 160 megabytes

    assert run.exit_code == 0, run.output
    assert run.report["failures"] == run.report["errors"] == []
    assert run.report["operations"]["tested"] >= 20
