"""Lets `python -m mock_server` be the command `mock-server`."""

import sys

from mock_server.server.cli import main

if __name__ == "__main__":
    sys.exit(main())
