"""Holds the independent partner API of the tests to the contract: its variants have to conform, its faults to be caught.

    python benchmarks/judging.py [--budget quick] [--only TEXT] [--workers N] [--max-requests N]

Prints a line for each, then what was missed and what was a false alarm. It exits with 1 when there is any.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from independent.faults import FAULTS
from independent.partner_api import create_app
from independent.serving import serve
from independent.variants import DEBATABLE, VARIANTS

from contract_tests.runner.outcome import Outcome
from contract_tests.runner.run import hold_to
from contract_tests.runner.settings import BUDGETS, Budget, RunSettings
from contract_tests.transport.targets import HttpTarget
from contract_tests.transport.tenants import Tenant
from mock_server.contract.bundled import bundled
from mock_server.engine.loading import load_contract

PARTIES = (
    Tenant("acme", "acme-token", {"Partner": ("ptn_northwind", "ptn_contoso")}),
    Tenant("globex", "globex-token", {"Partner": ("ptn_initech",)}),
)
EXPIRED = "acme-expired-token"


@dataclass(frozen=True)
class Case:
    """A variant that has to conform or, where there is a fault, an implementation that has to be caught."""

    name: str
    variant: str
    fault: str | None = None

    @property
    def wanted(self) -> str:
        """The verdict that it deserves."""
        return "broken" if self.fault and FAULTS[self.fault].observable else "conforms"


def cases() -> list[Case]:
    """Return every variant and every fault."""
    found = [Case(f"variant {name}", name) for name in VARIANTS]
    found += [Case(f"{fault.family} {name}", fault.base, name) for name, fault in FAULTS.items()]
    return found


def judge(case: Case, budget: Budget, max_requests: int | None = None) -> Outcome:
    """Hold one of them to the contract."""
    app = create_app({**VARIANTS, **DEBATABLE}[case.variant], case.fault)
    settings = RunSettings(PARTIES, EXPIRED, budget, max_requests=max_requests, stop_at_first=case.fault is not None)
    with serve(app) as url:
        target = HttpTarget(url)
        try:
            return hold_to(load_contract(bundled("openapi.yaml")), target, settings)
        finally:
            target.close()


def told(case: Case, outcome: Outcome) -> str:
    """Say in a line what came of it."""
    right = outcome.verdict == case.wanted
    words = {"broken": ("caught", "FALSE ALARM"), "conforms": ("quiet", "MISSED"), "unjudged": ("", "UNJUDGED")}
    finding = outcome.findings[0].title if outcome.findings else outcome.reason
    return f"{words[outcome.verdict][not right]:12}{case.name} ({outcome.requests} requests, {outcome.seconds:.1f} s) {finding}"


def main() -> int:
    """Judge everything that is asked for."""
    parser = argparse.ArgumentParser(description="Judge every variant and every fault of the independent partner API.")
    parser.add_argument("--budget", choices=BUDGETS, default="quick")
    parser.add_argument("--only", default="", metavar="TEXT", help="only those whose names hold this text")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="how many at the same time; races want 1")
    parser.add_argument("--max-requests", type=int, metavar="N", help="send no more than this to each")
    options = parser.parse_args()
    wrong: list[str] = []
    started, count = time.time(), 0
    with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
        wanted = [case for case in cases() if options.only in case.name]
        running = {pool.submit(judge, case, BUDGETS[options.budget], options.max_requests): case for case in wanted}
        for done in as_completed(running):
            case, outcome = running[done], done.result()
            count += 1
            line = told(case, outcome)
            print(line, flush=True)
            if outcome.verdict != case.wanted:
                wrong.append(line)
    print(f"\n{count} judged in {time.time() - started:.0f} s, {len(wrong)} of them wrongly:", *sorted(wrong), sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
