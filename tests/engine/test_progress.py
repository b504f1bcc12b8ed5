"""Fields that go by the time since their record was made, as the state of a job does."""

from __future__ import annotations

from datetime import timedelta

import pytest
import yaml
from places import DOCUMENTS

import mock_server
from mock_server.contract.files.flaws import FlawedInput
from mock_server.engine.loading import load_contract

HOOKS = DOCUMENTS / "hooks.yaml"
SEED = {"organizations": {"home": {"tokens": ["home-token"]}}}


def test_a_job_comes_further_by_the_clock_of_the_mock():
    with mock_server.running(HOOKS, seed=SEED) as server:
        server.freeze_time("2026-01-15T09:30:00Z")
        started = server.client.post("/jobs")
        assert (started.status_code, started.json()["state"]) == (202, "queued")

        path = f"/jobs/{started.json()['id']}"
        states = []
        for seconds in (0.799, 0.001, 1.199, 0.001, 1000):
            server.advance_time(timedelta(seconds=seconds))
            states.append(server.client.get(path).json()["state"])
        assert states == ["queued", "running", "running", "done", "done"]
        assert "state" not in next(iter(server.state.records("Job")))


@pytest.mark.parametrize(
    ("progress", "told"),
    [
        ({"state": {"queued": "0s", "lost": "1s"}}, "the field 'state' is never 'lost'"),
        ({"state": {"queued": "0s", "done": "soon"}}, "'soon' is not a span of time"),
        ({"state": {"queued": "1s", "done": "2s"}}, "nothing says what it is at first"),
        ({"stat": {"queued": "0s"}}, "Job has no field 'stat'"),
        ({"made_at": {"queued": "0s"}}, "'made_at' has its value already"),
    ],
)
def test_a_progress_that_cannot_be_is_a_flaw(tmp_path, progress, told):
    document = yaml.safe_load(HOOKS.read_text())
    document["components"]["schemas"]["Job"]["x-resource"]["progress"] = progress

    assert told in flaws(tmp_path, document)


def test_a_progress_needs_the_time_of_making(tmp_path):
    document = yaml.safe_load(HOOKS.read_text())
    del document["components"]["schemas"]["Job"]["x-resource"]["created"]

    assert "nothing tells when a Job was made" in flaws(tmp_path, document)


def test_nothing_is_looked_up_by_what_goes_by_the_time(tmp_path):
    document = yaml.safe_load(HOOKS.read_text())
    document["paths"]["/jobs"]["post"]["x-behaviour"] = [{"list": "Job", "where": {"state": "done"}}, {"create": "Job"}]

    assert "'state' goes by the time and is not stored" in flaws(tmp_path, document)


def flaws(folder, document) -> str:
    (folder / "api.yaml").write_text(yaml.safe_dump(document))
    with pytest.raises(FlawedInput) as raised:
        load_contract(folder / "api.yaml")
    return str(raised.value)
