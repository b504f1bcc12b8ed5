"""Keeping secrets out of what is shown: reports of tests end up in the logs of build machines."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mock_server.contract.access.redaction import BEHIND_SCHEME, MASKED


class Masking:
    """Masks secrets by value, wherever they stand; and what stands behind the name of an HTTP scheme, known or not."""

    def __init__(self, secrets: Iterable[str]) -> None:
        longest_first = sorted(filter(None, set(secrets)), key=len, reverse=True)
        known = "|".join(rf"\b{re.escape(secret)}\b" if secret.isalnum() else re.escape(secret) for secret in longest_first)
        self._pattern = re.compile("|".join(filter(None, (BEHIND_SCHEME, known))))

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        return self._pattern.sub(MASKED, text)
