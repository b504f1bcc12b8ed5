from __future__ import annotations

import pytest

from mock_server.contract.bundled import bundled
from mock_server.contract.flaws import FlawedInput
from mock_server.server.mock import Mock
from mock_server.server.settings import Settings

EDITS = [
    ("operationId: addInternalContact", "operationId: addInternalContact\n      sumary: x"),
]


def test_mistakes_in_all_files_are_told_at_once(tmp_path):
    document, seed, profile, faults = (tmp_path / f"{name}.yaml" for name in ("api", "seed", "profile", "faults"))
    text = bundled("openapi.yaml").read_text()
    for old, new in EDITS:
        assert text.count(old) == 1
        text = text.replace(old, new)
    document.write_text(text)
    seed.write_text("organizations:\n  acme:\n    tokens: [a b]\n    resources: {Partnr: []}\n")
    profile.write_text("assumptions: {duplicate-assignmnt: create}\n")
    faults.write_text("faults: [{status: 503, match: {organization: acm}}, {brake: close}]\n")
    settings = Settings(document=document, seed=seed, profile=profile, faults=faults, assume=("email-case=ignor",))

    with pytest.raises(FlawedInput) as caught:
        Mock.from_settings(settings)

    assert [(flaw.file.rpartition("/")[2], flaw.message) for flaw in caught.value.flaws] == [
        ("--assume", "'ignor' is not a choice of email-case"),
        ("api.yaml", "'sumary' is not known here"),
        ("faults.yaml", "'brake' is not known here"),
        ("profile.yaml", "there is no assumption 'duplicate-assignmnt'"),
        ("seed.yaml", "a token is ASCII text without white space"),
        ("seed.yaml", "'Partnr' is not a resource of the contract"),
    ]
