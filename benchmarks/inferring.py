"""How much of a folder of OpenAPI documents is inferred: for each the operations, those that get a behaviour, and the time.

With --list, every operation that gets one with its steps, and every other one with the reason: for a person to judge.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from documents import documents

from mock_server.contract.documents.overlay import document_source
from mock_server.contract.inferring.proposing import proposed
from mock_server.contract.inferring.writing import flow
from mock_server.engine.verbs import VERBS


def main() -> None:
    """Infer each document, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", nargs="+", type=Path, help="documents, or folders of them")
    parser.add_argument("--list", action="store_true", help="print what each operation gets, and why others get nothing")
    options = parser.parse_args()
    print(f"{'document':34} {'operations':>10} {'stateful':>9} {'stateless':>9} {'time':>8}")
    for path in documents(options.documents):
        started = time.monotonic()
        proposal, _, contract = proposed(document_source(path), VERBS)
        count = len(contract.operations)
        row = f"{path.name:34} {count:>10} {proposal.stateful:>9} {count - proposal.stateful:>9}"
        print(f"{row} {time.monotonic() - started:>6.2f} s", flush=True)
        if options.list:
            for action in proposal.actions:
                print(f"    + {action.label}: {flow(next(iter(action.update.values())))}")
            for label, why in proposal.left.items():
                print(f"    - {label}: {why}")


if __name__ == "__main__":
    main()
