"""The vendor's package, unmodified, against the mock: all that the document declares."""

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


@pytest.fixture
def issue(project):
    return project.issues.create({"title": "It is dark", "labels": ["bug"], "assignee_ids": [2], "due_date": "2026-12-24"})


# --- users -----------------------------------------------------------------------------------------------------------


def test_the_token_says_who_calls(mock_server, forge):
    forge.auth()
    assert forge.user.username == "ada"

    with gitlab.Gitlab(mock_server.url, private_token="bob-token") as other:
        other.auth()
        assert other.user.username == "bob"


def test_a_wrong_token_is_an_authentication_error(mock_server):
    with (
        gitlab.Gitlab(mock_server.url, private_token="nobody") as nobody,
        pytest.raises(gitlab.GitlabAuthenticationError) as refused,
    ):
        nobody.projects.list(get_all=True)

    assert refused.value.response_code == 401


def test_users_are_found_by_their_name(forge):
    assert [user.id for user in forge.users.list(username="bob", get_all=True)] == [2]
    assert [user.username for user in forge.users.list(search="byron", get_all=True)] == ["ada"]


# --- projects --------------------------------------------------------------------------------------------------------


def test_a_project_is_made_and_read_again(forge, project):
    again = forge.projects.get(project.id)

    assert (again.path_with_namespace, again.visibility, again.owner["username"]) == ("ada/night-watch", "private", "ada")


def test_a_project_is_changed(forge, project):
    project.description = "Lamps"
    project.visibility = "public"
    project.save()

    again = forge.projects.get(project.id)
    assert (again.name, again.description, again.visibility) == ("Night Watch", "Lamps", "public")


def test_a_path_that_is_taken_is_refused(forge, project):
    with pytest.raises(gitlab.GitlabCreateError, match="path") as refused:
        forge.projects.create({"name": "Another", "path": project.path})

    assert refused.value.response_code == 400


def test_projects_are_searched_and_sorted(forge):
    for name in ("Lamps", "Lanterns", "Candles"):
        forge.projects.create({"name": name})

    assert [one.name for one in forge.projects.list(search="la", order_by="name", sort="asc", get_all=True)] == [
        "Lamps",
        "Lanterns",
    ]
    assert forge.projects.list(get_all=True)[0].name == "Candles"
    assert [one.name for one in forge.projects.list(visibility="public", get_all=True)] == ["Diaspora"]


def test_a_project_is_removed_with_all_that_is_in_it(forge, project, issue, mock_server):
    issue.notes.create({"body": "Very dark"})
    project.delete()

    with pytest.raises(gitlab.GitlabGetError) as refused:
        forge.projects.get(project.id)
    assert refused.value.response_code == 404
    held = [mock_server.state.records(kind, project_id=project.id) for kind in ("Issue", "Note", "Label")]
    assert held == [[], [], []]


def test_another_organization_has_projects_of_its_own(mock_server, project):
    with gitlab.Gitlab(mock_server.url, private_token="eve-token") as eve:
        assert eve.projects.list(get_all=True) == []
        with pytest.raises(gitlab.GitlabGetError):
            eve.projects.get(project.id)


# --- issues ----------------------------------------------------------------------------------------------------------


def test_issues_are_numbered_within_their_project_and_no_number_comes_again(project, forge):
    first, second = (project.issues.create({"title": title}) for title in ("It is slow", "It is dark"))
    second.delete()

    assert (first.iid, second.iid, project.issues.create({"title": "It is cold"}).iid) == (1, 2, 3)
    assert forge.projects.get(1).issues.create({"title": "It is loud"}).iid == 3


def test_an_issue_says_who_opened_it_and_who_sees_to_it(project, issue):
    again = project.issues.get(issue.iid)

    assert again.author["username"] == "ada"
    assert [user["username"] for user in again.assignees] == ["bob"]
    assert (again.state, again.due_date, again.labels, again.closed_at) == ("opened", "2026-12-24", ["bug"], None)


def test_pages_are_walked_to_the_end(project):
    for number in range(7):
        project.issues.create({"title": f"Number {number}"})
    walked = project.issues.list(iterator=True, per_page=3, order_by="created_at", sort="asc")

    assert (walked.total, walked.total_pages, walked.per_page, walked.next_page, walked.prev_page) == (7, 3, 3, 2, None)
    assert [issue.iid for issue in walked] == [1, 2, 3, 4, 5, 6, 7]
    assert (walked.current_page, walked.next_page, walked.prev_page) == (3, None, 2)


def test_issues_are_filtered(forge):
    project = forge.projects.get(1)

    def numbers(**wanted):
        return [issue.iid for issue in project.issues.list(order_by="created_at", sort="asc", get_all=True, **wanted)]

    assert numbers() == numbers(state="all") == [1, 2]
    assert numbers(state="opened") == [1]
    assert numbers(state="closed") == [2]
    assert numbers(labels=["bug"]) == numbers(labels=["bug", "slow"]) == [1]
    assert numbers(labels=["bug", "dark"]) == []
    assert numbers(assignee_id=1) == [1]
    assert numbers(author_id=1) == [2]
    assert numbers(search="DARK") == [2]
    assert numbers(iids=[2, 3]) == [2]
    assert numbers(created_after="2026-01-04T00:00:00Z") == [2]


def test_an_issue_is_changed(project, issue):
    issue.title = "It is light"
    issue.labels = ["wontfix"]
    issue.assignee_ids = []
    issue.save()

    again = project.issues.get(issue.iid)
    assert (again.title, again.labels, again.assignees) == ("It is light", ["wontfix"], [])
    assert {label.name for label in project.labels.list(get_all=True)} == {"bug", "wontfix"}


def test_an_issue_is_closed_and_reopened(project, issue, forge):
    issue.state_event = "close"
    issue.save()
    assert (issue.state, issue.closed_at is not None) == ("closed", True)
    assert forge.projects.get(project.id).open_issues_count == 0
    closed_at = issue.closed_at

    issue.state_event = "close"
    issue.save()
    assert (issue.state, issue.closed_at) == ("closed", closed_at)

    issue.state_event = "reopen"
    issue.save()
    assert (issue.state, issue.closed_at) == ("opened", None)
    assert forge.projects.get(project.id).open_issues_count == 1


def test_what_is_asked_for_wrongly_is_told(project):
    with pytest.raises(gitlab.GitlabGetError, match="Issue") as unknown:
        project.issues.get(99)
    with pytest.raises(gitlab.GitlabCreateError, match="title") as empty:
        project.issues.create({"title": ""})
    with pytest.raises(gitlab.GitlabCreateError, match="User") as nobody:
        project.issues.create({"title": "For nobody", "assignee_ids": [99]})

    assert [error.value.response_code for error in (unknown, empty, nobody)] == [404, 400, 400]


# --- notes -----------------------------------------------------------------------------------------------------------


def test_notes_are_written_read_changed_and_removed(project, issue):
    first, second = (issue.notes.create({"body": body}) for body in ("Very dark", "Indeed"))
    assert (first.author["username"], first.noteable_id, first.noteable_iid) == ("ada", issue.id, issue.iid)
    assert project.issues.get(issue.iid).user_notes_count == 2

    first.body = "Not so dark"
    first.save()
    assert issue.notes.get(first.id).body == "Not so dark"
    assert [note.body for note in issue.notes.list(get_all=True)] == ["Indeed", "Not so dark"]
    assert [note.body for note in issue.notes.list(sort="asc", get_all=True)] == ["Not so dark", "Indeed"]

    second.delete()
    assert [note.id for note in issue.notes.list(get_all=True)] == [first.id]


def test_a_note_is_that_of_its_issue(project, issue):
    note = issue.notes.create({"body": "Very dark"})
    other = project.issues.create({"title": "It is cold"})

    with pytest.raises(gitlab.GitlabGetError) as refused:
        other.notes.get(note.id)
    assert refused.value.response_code == 404


# --- labels ----------------------------------------------------------------------------------------------------------


def test_labels_are_made_read_changed_and_removed(project):
    label = project.labels.create({"name": "night", "color": "#112233"})
    assert project.labels.get("night").color == "#112233"

    label.new_name = "dusk"
    label.description = "Between day and night"
    label.save()
    assert (label.name, label.color, label.description) == ("dusk", "#112233", "Between day and night")
    assert [one.name for one in project.labels.list(search="DU", get_all=True)] == ["dusk"]

    label.delete()
    assert project.labels.list(get_all=True) == []


def test_a_label_of_one_project_does_not_take_its_name_in_another(project, forge):
    project.labels.create({"name": "night", "color": "#112233"})
    with pytest.raises(gitlab.GitlabCreateError) as taken:
        project.labels.create({"name": "night", "color": "#445566"})

    assert taken.value.response_code == 409
    assert forge.projects.get(1).labels.create({"name": "night", "color": "#445566"}).name == "night"


def test_a_label_is_not_renamed_to_one_that_is_there(project):
    project.labels.create({"name": "day", "color": "#112233"})
    night = project.labels.create({"name": "night", "color": "#445566"})
    night.new_name = "day"

    with pytest.raises(gitlab.GitlabUpdateError) as taken:
        night.save()
    assert taken.value.response_code == 409
