from __future__ import annotations

import pytest


@pytest.fixture
def wall(notices):
    """Start a conversation about a wall with six notices, and return their ids, the oldest first."""

    def start():
        api = notices()
        place = f"/walls/{api.post('/walls', {'name': 'North'}).body['id']}/notices"
        return api, [api.post(place, {"title": f"No. {number}", "rank": number % 2}).body["id"] for number in range(6)]

    return start


def ids(answer):
    return [one["id"] for one in answer.body["items"]]


@pytest.mark.parametrize("removed", [(), (0,), (1,), (0, 1), (0, 1, 2), (2,)])
def test_a_cursor_goes_on_behind_what_was_shown_whatever_is_removed_meanwhile(wall, removed):
    api, made = wall()
    first = api.get("/notices?limit=2")
    for number in removed:
        api.ask("DELETE", f"/notices/{made[number]}")
    second = api.get(f"/notices?limit=2&cursor={first.body['next_cursor']}")

    assert ids(first) == made[:2]
    expected = [id for number, id in enumerate(made) if number >= 2 and number not in removed]
    assert ids(second) == expected[:2]


def test_equal_ones_of_an_order_stand_as_they_were_made_on_all_pages(wall):
    api, made = wall()
    shown, cursor = [], ""
    for _ in range(3):
        page = api.get(f"/notices?limit=2&sort=-rank&cursor={cursor}")
        shown += ids(page)
        cursor = page.body["next_cursor"]

    assert shown == [*made[1::2], *made[0::2]]
    assert cursor is None
    assert not page.body["more"]


@pytest.mark.parametrize("cursor", ["no-cursor", "W10", "WzFd", "WyJhIiwiYiIsImMiLCJkIl0", "W1tdLFtdLDFd"])
def test_what_is_no_cursor_of_the_list_is_refused(wall, cursor):
    api, _ = wall()

    assert api.get(f"/notices?cursor={cursor}").status == 422


def test_a_cursor_of_another_order_is_refused(wall):
    api, _ = wall()
    cursor = api.get("/notices?limit=2").body["next_cursor"]

    assert api.get(f"/notices?limit=2&sort=-rank&cursor={cursor}").status == 422
