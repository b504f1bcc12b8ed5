"""Where the documents stand that the tests are about, and the fixtures that belong to each."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent.parent
PARTNER_API = ROOT / "openapi.yaml"
DOCUMENTS = ROOT / "tests" / "documents"
LIBRARY = ROOT / "tests" / "documents" / "library.yaml"
ARCHIVE = ROOT / "tests" / "documents" / "archive.yaml"
MEMBERS = ROOT / "tests" / "documents" / "members.yaml"
EMBEDDING = ROOT / "tests" / "documents" / "embedding.yaml"
NOTICES = ROOT / "tests" / "documents" / "notices.yaml"
STOCKROOM = ROOT / "tests" / "documents" / "stockroom.yaml"
DOORS = ROOT / "tests" / "documents" / "doors.yaml"
BOARDS = ROOT / "tests" / "documents" / "boards.yaml"
DEPOTS = DOCUMENTS / "depots.yaml"
BASKETS = ROOT / "tests" / "documents" / "baskets.yaml"
CELLAR = ROOT / "tests" / "documents" / "cellar.yaml"
TIMELINE = ROOT / "tests" / "documents" / "timeline.yaml"
DESK = ROOT / "tests" / "documents" / "desk.yaml"
NOBODY = DOCUMENTS / "two-organizations.yaml"
"""Fixtures of two organizations that have nothing."""

FIXTURES = {
    PARTNER_API: ROOT / "fixtures" / "default.yaml",
    LIBRARY: DOCUMENTS / "library-fixtures.yaml",
    STOCKROOM: DOCUMENTS / "stockroom-fixtures.yaml",
    NOTICES: DOCUMENTS / "notices-fixtures.yaml",
    DOORS: DOCUMENTS / "doors-fixtures.yaml",
    BOARDS: NOBODY,
    DEPOTS: DOCUMENTS / "depots-fixtures.yaml",
    CELLAR: NOBODY,
    TIMELINE: NOBODY,
    DESK: NOBODY,
    BASKETS: NOBODY,
    EMBEDDING: DOCUMENTS / "embedding-fixtures.yaml",
}
