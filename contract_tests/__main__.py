"""The command `contract-tests`, also as `python -m contract_tests`."""

from __future__ import annotations

import sys

from contract_tests.extra import INSTALL, is_installed


def main() -> int:
    """Run the command line and return its exit code; 2 with one line where the extra is not installed."""
    if not is_installed():
        sys.stderr.write(f"contract-tests: {INSTALL}\n")
        return 2
    from contract_tests.cli.main import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
