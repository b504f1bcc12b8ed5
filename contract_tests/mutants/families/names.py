"""The names of the families that fill more than one module."""

from __future__ import annotations

CREATION = "creation"
FIND_OR_CREATE = "find-or-create"
UPDATES = "updates"
VALIDATION = "validation"
