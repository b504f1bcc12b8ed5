"""Writing what was observed as a profile that the mock follows."""

from __future__ import annotations

from pathlib import Path

import yaml

from contract_tests.reports.writing import write_whole
from contract_tests.runner.outcome import Outcome, Settlement

HEADER = """\
# What {target} does where {document} leaves it open, as observed on {date}.
# `mock-server serve --profile` follows it; `contract-tests run --profile` compares with it.
"""


def profile_text(outcome: Outcome) -> str:
    """Return the profile of an outcome as YAML: what was settled as observed, the rest as assumed."""
    assumptions = {settlement.assumption: _entry(settlement, outcome.started) for settlement in outcome.settlements}
    header = HEADER.format(target=outcome.target, document=outcome.document, date=outcome.started[:10])
    return header + yaml.safe_dump({"assumptions": assumptions}, sort_keys=False, allow_unicode=True, width=120)


def write_profile(outcome: Outcome, path: Path) -> None:
    """Write the profile of an outcome to a file, whole or not at all."""
    write_whole(path, profile_text(outcome))


def _entry(settlement: Settlement, date: str) -> dict[str, str]:
    if settlement.state == "settled" and settlement.evidence is not None:
        evidence = evidence_of(settlement)
        return {"choice": settlement.choices[0], "source": "observed", "date": date, "evidence": evidence}
    choice = settlement.in_use if settlement.in_use in settlement.choices else settlement.choices[0]
    return {"choice": choice, "source": "assumed"}


def evidence_of(settlement: Settlement) -> str:
    """Return the exchange that settled an assumption, in a sentence; no words where none did by itself."""
    step = settlement.evidence
    return f"{step.call.method} {step.call.path} ({step.note}) was answered {step.reply.status}" if step else ""
