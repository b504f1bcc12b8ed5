"""The vendor's package, unmodified, against the mock."""

from __future__ import annotations

import gitlab
import pytest


@pytest.fixture
def forge(mock_server):
    with gitlab.Gitlab(mock_server.url, private_token="ada-token") as client:
        yield client


@pytest.fixture
def project(forge):
    return forge.projects.create({"name": "Night Watch"})


def test_the_token_says_who_calls(forge):
    forge.auth()

    assert forge.user.username == "ada"


def test_a_project_is_made_and_read_again(forge, project):
    assert forge.projects.get(project.id).path_with_namespace == "ada/night-watch"


def test_issues_are_counted_by_project(project, forge):
    numbers = [project.issues.create({"title": title}).iid for title in ("It is slow", "It is dark")]

    assert numbers == [1, 2]
    assert forge.projects.get(1).issues.create({"title": "It is cold"}).iid == 3
