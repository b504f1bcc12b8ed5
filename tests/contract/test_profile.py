from __future__ import annotations

import pytest

from mock_server.contract.behaviours.profile import Choice, read_assumed, read_choices
from mock_server.contract.decisions import Assumption
from mock_server.contract.files.flaws import FlawedInput

ASSUMPTIONS = {
    "known-guest": Assumption("known-guest", {"keep": "Stays.", "replace": "Goes."}, "keep", "Not said."),
    "status": Assumption("status", {"200": "Fine.", "201": "Made."}, "200", "Not said."),
}


@pytest.fixture
def profile(tmp_path):
    def profile(text: str):
        file = tmp_path / "profile.yaml"
        file.write_text(text)
        return file

    return profile


def test_without_a_profile_every_choice_is_the_assumed_default():
    assert read_choices(ASSUMPTIONS, None, ()) == {"known-guest": Choice("keep", "assumed"), "status": Choice("200", "assumed")}


def test_a_profile_makes_some_choices_and_tells_where_they_come_from(profile):
    entry = "{choice: replace, source: observed, date: 2026-01-15, evidence: a run}"

    choices = read_choices(ASSUMPTIONS, profile(f"assumptions:\n  known-guest: {entry}"), ())

    assert choices == {"known-guest": Choice("replace", "observed", "2026-01-15", "a run"), "status": Choice("200")}


def test_an_assumed_choice_wins_over_the_profile(profile):
    choices = read_choices(ASSUMPTIONS, profile("assumptions: {known-guest: replace, status: '201'}"), ["status=200"])

    assert {name: choice.choice for name, choice in choices.items()} == {"known-guest": "replace", "status": "200"}


@pytest.mark.parametrize(
    ("text", "line", "pointer", "message", "hint"),
    [
        ("", 1, "", "has to be a mapping, not null", ""),
        ("[]", 1, "", "has to be a mapping, not []", ""),
        ("{}", 1, "/assumptions", "'assumptions' is missing", ""),
        ("assumption: {}", 1, "/assumption", "'assumption' is not known here", "did you mean 'assumptions'?"),
        ("assumptions: [known-guest]", 1, "/assumptions", "has to be a mapping", ""),
        ("assumptions:\n  known-gest: keep", 2, "/assumptions/known-gest", "no assumption 'known-gest'", "did you mean 'known-guest'?"),
        ("assumptions:\n  known-guest: kep", 2, "/assumptions/known-guest", "'kep' is not a choice of known-guest", "did you mean 'keep'?"),
        ("assumptions:\n  known-guest: null", 2, "/assumptions/known-guest/choice", "has to be a text, not null", ""),
        ("assumptions:\n  status: 201", 2, "/assumptions/status/choice", "has to be a text, not 201", "put it in quotes"),
        ("assumptions:\n  known-guest:\n    choise: keep", 3, "/assumptions/known-guest/choise", "not known here", "did you mean 'choice'?"),
        ("assumptions:\n  known-guest:\n    choice: keep\n    source: seen", 4, "/assumptions/known-guest/source", "'seen' is not known here", "observed"),
    ],
)  # fmt: skip
def test_a_profile_that_is_wrong_is_refused_at_its_line(profile, text, line, pointer, message, hint):
    with pytest.raises(FlawedInput) as raised:
        read_choices(ASSUMPTIONS, profile(text), ())

    told = [(flaw.line, flaw.pointer, flaw.message, flaw.hint) for flaw in raised.value.flaws]
    assert any((at, where) == (line, pointer) and message in text and hint in right for at, where, text, right in told), told


def test_all_flaws_of_a_profile_are_told_at_once(profile):
    with pytest.raises(FlawedInput) as raised:
        read_choices(ASSUMPTIONS, profile("assumptions:\n  known-guest: kep\n  stat: '200'\n  status: '299'"), ())

    assert [flaw.line for flaw in raised.value.flaws] == [2, 3, 4]


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("known-guest", "'known-guest' is not NAME=CHOICE"),
        ("known-gest=keep", "there is no assumption 'known-gest'; did you mean 'known-guest'?"),
        ("known-guest=kep", "'kep' is not a choice of known-guest; it may be one of: keep, replace"),
        ("known-guest=", "'' is not a choice of known-guest; it may be one of: keep, replace"),
    ],
)
def test_an_assumed_choice_that_is_wrong_is_refused(pair, message):
    with pytest.raises(FlawedInput, match=r"is not|there is no") as raised:
        read_assumed([pair], ASSUMPTIONS)

    assert str(raised.value) == f"--assume: {message}"
