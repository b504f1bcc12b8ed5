"""Makes the helpers beside it known to the tests in the folders below."""

from __future__ import annotations

import pytest


@pytest.fixture
def serve(serve_in_thread):
    """No test of the contract tests is about the process that serves their target."""
    return serve_in_thread
