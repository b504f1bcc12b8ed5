"""What the documents say is run and compared."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from typing import Any

import pytest
from places import ROOT

from mock_server.contract.behaviours.declarations import kind_of
from mock_server.contract.documents.vocabulary import EXTENSIONS
from mock_server.contract.model import Contract
from mock_server.contract.problems import KINDS
from mock_server.engine.verbs import VERBS
from mock_server.server.settings import Settings

README = (ROOT / "README.md").read_text()
SERVING = (ROOT / "docs" / "serving.md").read_text()


def blocks_of(page: str) -> list[tuple[str, str]]:
    return re.findall(r"^```(\w+)\n(.*?)^```", page, re.DOTALL | re.MULTILINE)


def requests_of(page: str) -> list[tuple[str, tuple[str, str]]]:
    """The curl commands of a page, each with the block that shows its answer."""
    blocks = [*blocks_of(page), ("", "")]
    return [(text, blocks[place + 1]) for place, (kind, text) in enumerate(blocks) if kind == "sh" and text.startswith("curl")]


BLOCKS = blocks_of(README)


def masked(value: Any) -> Any:
    """Return a JSON value with ids and times, which differ from run to run, made equal."""
    if isinstance(value, dict):
        return {name: "…" if name in ("id", "created_at") else masked(member) for name, member in value.items()}
    return [masked(element) for element in value] if isinstance(value, list) else value


def test_the_readme_shows_the_two_scripts_before_any_other_command():
    commands = [text for kind, text in BLOCKS if kind == "sh"]

    assert commands[0].splitlines() == ["scripts/serve", "scripts/test"]
    assert all(os.access(ROOT / line, os.X_OK) for line in commands[0].splitlines())


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl")
@pytest.mark.parametrize(("page", "count"), [(README, 4), (SERVING, 1)], ids=["README", "serving"])
def test_requests_are_answered_as_the_page_shows(serve, page, count):
    served = serve()
    assert len(requests_of(page)) == count

    for command, (kind, shown) in requests_of(page):
        command = command.replace("http://127.0.0.1:4010", served.url).replace("curl ", "curl -sS ", 1)
        told = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True).stdout
        if kind == "json":
            assert masked(json.loads(told)) == masked(json.loads(shown))
        elif kind == "text":
            assert told.strip() == shown.strip()


def test_the_readmes_commands_start(serve, tmp_path):
    shutil.copy(ROOT / "openapi.yaml", tmp_path / "api.yaml")
    shutil.copy(ROOT / "tests" / "documents" / "vendors" / "payments.yaml", tmp_path / "vendor.yaml")
    overlay = "overlay: 1.0.0\ninfo: {title: Ours, version: '1'}\nextends: api.yaml\nactions: [{target: $.info, update: {}}]\n"
    (tmp_path / "api.overlay.yaml").write_text(overlay)
    shutil.copy(ROOT / "fixtures" / "default.yaml", tmp_path / "fixtures.yaml")
    commands = [
        line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines() if line.startswith("mock-server serve")
    ]
    assert len(commands) == 4
    (tmp_path / "staging.yaml").write_text("assumptions: {}")

    for command in commands:
        assert serve(*shlex.split(command)[2:]).url


def test_the_readmes_contract_tests_settle_assumptions_and_judge(serve, tmp_path):
    commands = [
        line
        for kind, text in BLOCKS
        if kind == "sh"
        for line in text.replace("\\\n", " ").splitlines()
        if line.startswith("contract-tests")
    ]
    served = serve()
    assert [command.split()[1] for command in commands] == ["run", "observe"]

    for command in commands:
        told = command.replace("http://127.0.0.1:4010", served.url).split()[1:]
        bounded = ["--max-requests", "150"] if told[0] == "run" else []
        subprocess.run([sys.executable, "-m", "contract_tests", *told, *bounded], cwd=tmp_path, check=True)
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")
    assert serve("--profile", "staging.yaml").url


def test_the_profile_that_is_shown_is_a_profile(serve, tmp_path):
    profile = next(text for kind, text in blocks_of(SERVING) if kind == "yaml")
    (tmp_path / "profile.yaml").write_text(profile)
    with serve("--profile", "profile.yaml").client() as client:
        answer = client.patch("/v2/internal-contacts/ict_grace", json={"phone": 3})

    assert answer.status_code == 400


@pytest.mark.parametrize("field", dataclasses.fields(Settings), ids=lambda field: field.name)
def test_every_option_is_documented(field):
    if not field.metadata.get("positional"):
        assert f"`--{field.name.replace('_', '-')}" in SERVING


KINDS_WITH_KEYS = (*(verb.kind for verb in VERBS.values()), kind_of("answer"), kind_of("resource"))


@pytest.mark.parametrize(
    "word",
    sorted(
        {
            *EXTENSIONS,
            *VERBS,
            *KINDS,
            *(key for kind in KINDS_WITH_KEYS for key in kind.members),
            *(
                outcome
                for kind in (*KINDS_WITH_KEYS, *map(kind_of, ("derived", "duplicate-rule", "update-duplicate-rule")))
                for member in kind.members.values()
                for outcome in member.get("x-outcomes", ())
            ),
        }
    ),
)
def test_every_word_of_the_extensions_is_documented(word):
    assert re.search(rf"\b{re.escape(word)}\b", (ROOT / "docs" / "contract.md").read_text())


SILENT_POINTS = (
    "The sample request lacks `internal_role`, which the schema requires. The schema decides: it is required.",
    "The sample response lacks `internal_role`, which the schema requires. The schema decides: it is there.",
    "No success status is given.",
    "No error answer is given.",
    "What becomes of a known person when a request has other fields.",
    "What a second assignment of the same contact, partner and role does.",
    "What a second role for the same contact and partner does.",
    "Whether emails match regardless of case or surrounding white space, and whether their syntax is checked.",
    "Whether an unknown partner is refused.",
    "Whether unknown body properties are ignored or refused.",
    "What `remote_id` is on assignments made here.",
    "Whether `modified_at` is null on a new object.",
    "What becomes of a floating assignment of the same contact and role.",
    "Whether `name` is derived from given and family name.",
    "What becomes of an email that a person had before a PATCH. (That no two people share one is said.)",
)


def assumptions_page(contract: Contract) -> str:
    lines = [
        "# What the bundled API leaves open",
        "",
        "Each point is an entry of `x-assumptions` in [openapi.yaml](../openapi.yaml); this page is made from it. The default stands first,",
        "in bold. A reason that begins with numbers refers to these points, on which the published pages are silent or contradict themselves:",
        "",
        *(f"{number}. {point}" for number, point in enumerate(SILENT_POINTS, 1)),
    ]
    for name, assumption in contract.assumptions.items():
        others = [choice for choice in assumption.choices if choice != assumption.default]
        lines += [
            "",
            f"## {name}",
            "",
            assumption.why,
            "",
            f"- **{assumption.default}**: {assumption.choices[assumption.default]}",
        ]
        lines += [f"- {choice}: {assumption.choices[choice]}" for choice in others]
    return "\n".join(lines) + "\n"


def test_the_page_of_assumptions_is_that_of_the_document(contract):
    page = ROOT / "docs" / "assumptions.md"
    if "WRITE_DOCS" in os.environ:
        page.write_text(assumptions_page(contract))

    assert page.read_text() == assumptions_page(contract), "run WRITE_DOCS=1 scripts/test tests/test_documentation.py"


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda page: page.name)
def test_links_lead_to_files(page):
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / link).exists(), link


def test_the_changelog_is_kept():
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text()
