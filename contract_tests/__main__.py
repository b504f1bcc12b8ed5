"""The command `contract-tests`, also as `python -m contract_tests`."""

from __future__ import annotations

import sys
import traceback

from contract_tests.extra import INSTALL, is_installed


def main() -> int:
    """Run the command line and return its exit code; 2 with one line where the extra is not installed.

    Python ends with 1 where nobody expects an exception, and 1 means that a target breaks its contract: here that is 2.
    """
    if not is_installed():
        sys.stderr.write(f"contract-tests: {INSTALL}\n")
        return 2
    try:
        from contract_tests.cli.main import main as run

        return run()
    except Exception as error:  # what it says may contain a credential; where it was raised cannot
        where = "".join(traceback.format_tb(error.__traceback__))
        sys.stderr.write(f"{where}contract-tests: this is a bug in contract-tests, not in the target: {type(error).__name__}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
