"""What counts as the same answer: ids, times, values, types, what is left out and what is added."""

from __future__ import annotations

import copy

import pytest
from held import CONTOSO, NORTHWIND, Held, places, time
from places import DEPOTS

from contract_tests.oracle.matching import Comparison, same_json
from contract_tests.oracle.memory import Memory
from contract_tests.oracle.placeholders import Placeholders
from contract_tests.oracle.shapes import ListShape, ObjectShape, PlainShape, record_shape
from contract_tests.oracle.times import Window, not_at, read_time
from contract_tests.transport.wire import WireResponse
from mock_server.engine.loading import load_contract

ANN = {"email": "ann1@example.com", "internal_role": "csm"}


@pytest.fixture
def held(contract):
    return Held(contract)


# --- ids -------------------------------------------------------------------------------------------------------------


def test_any_text_may_be_an_id(held):
    assert places(held.added(1, id="7", contact={"id": "0f8fad5b-d9cb-469f-a165-70867728950e"})[0]) == []


@pytest.mark.parametrize("id", ["", 7, None, True, ["ica_1"], {"id": "ica_1"}])
def test_what_is_no_text_is_no_id_where_the_schema_wants_a_text(held, id):
    assert places(held.added(1, id=id)[0]) == ["/id"]


def test_an_id_stands_for_one_record_for_good(held):
    _, answer = held.added(1)
    again = held.assignment(2, answer["internal_contact"])

    assert places(held.asked("POST", NORTHWIND, ANN, 200, again)) == []
    other = held.assignment(3, {**answer["internal_contact"], "id": "ict_9"})
    assert places(held.asked("POST", NORTHWIND, ANN, 200, other)) == ["/internal_contact/id"]


def test_an_id_that_was_given_before_is_not_given_again(held):
    held.added(1)
    explanation, _ = held.added(2, id_number=1)

    assert places(explanation) == ["/id"]
    assert "the id of an earlier record" in explanation.nearest.comparison.differences[0].received


def test_an_id_of_another_organization_is_not_given_again_either(held):
    held.added(1)
    answer = held.assignment(1, held.contact(1, id="ict_8"), partner_id="ptn_initech", created_at=time(held.now + 1))
    answer["internal_contact"]["created_at"] = time(held.now + 1)

    explanation = held.asked("POST", NORTHWIND.replace("northwind", "initech"), ANN, 200, answer, token="globex-token")
    assert places(explanation) == ["/id"]


def test_records_of_two_resources_may_share_an_id(held):
    assert places(held.added(1, id="1", contact={"id": "1"})[0]) == []


def test_ids_that_are_numbers_are_whole_numbers(library_contract):
    for id, expected in ((8, []), ("8", ["/id"]), (8.5, ["/id"]), (True, ["/id"])):
        held = Held(library_contract)
        member = {"id": id, "branch": "North", "number": 9, "name": None, "tags": [], "since": time(1)}

        explanation = held.asked("PUT", "/members", {"branch": "North", "number": 9}, 201, member)

        assert places(explanation) == expected


def test_a_record_that_an_answer_shows_twice_has_one_id(contract):
    generator, resource = Placeholders(), contract.resources["InternalContact"]
    record = record_shape(resource, contract)
    shape = ObjectShape({"contact": record, "id": PlainShape((resource, "id")), "again": record})
    made = {"id": generator.id(resource), "email": "a"}
    for id, differs in (("ict_1", []), ("ict_2", ["/id"])):
        comparison = Comparison(generator.made, Memory(), Window(0, 1, 0, 1))

        comparison.compare(
            shape,
            {"contact": made, "id": made["id"], "again": made},
            {"contact": {"id": "ict_1", "email": "a"}, "id": id, "again": {"id": "ict_1", "email": "a"}},
        )

        assert [difference.place for difference in comparison.differences] == differs


def test_two_new_records_of_one_answer_have_two_ids(contract):
    generator, resource = Placeholders(), contract.resources["InternalContact"]
    record = record_shape(resource, contract)
    comparison = Comparison(generator.made, Memory(), Window(0, 1, 0, 1))
    predicted = {name: {"id": generator.id(resource)} for name in ("one", "other")}

    comparison.compare(ObjectShape({"one": record, "other": record}), predicted, {"one": {"id": "a"}, "other": {"id": "a"}})

    assert [difference.place for difference in comparison.differences] == ["/other/id"]


def test_what_is_made_of_a_slug_does_not_say_what_the_slug_is():
    contract = load_contract(DEPOTS)
    generator, resource = Placeholders(), contract.resources["Depot"]
    slug = generator.slug("Night Watch", "night-watch", 1)
    predicted = {"id": 1, "name": "Night Watch", "slug": slug, "address": f"depots/{slug}"}
    for found, differs in (("night-watch-2", []), ("watch", ["/slug"])):
        comparison = Comparison(generator.made, Memory(), Window(0, 1, 0, 1))

        comparison.compare(
            record_shape(resource, contract), predicted, {**predicted, "slug": found, "address": f"depots/{found}"}
        )

        assert [difference.place for difference in comparison.differences] == differs


# --- times -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-01T12:00:01Z",
        "2026-03-01t12:00:01z",
        "2026-03-01 12:00:01Z",
        "2026-03-01T12:00:01.5+00:00",
        "2026-03-01T14:00:01.123456789+02:00",
        "2026-03-01T06:30:01-05:30",
        "2026-03-01T12:00:00.999Z",
    ],
)
def test_a_time_may_be_written_in_any_zone_and_precision(held, written):
    assert places(held.added(1, created_at=written)[0]) == []


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-01T12:00:01",
        "2026-03-01",
        "2026-03-01T12:00Z",
        "2026-03-01T12:00:01+0000",
        "01.03.2026 12:00:01Z",
        "2026-02-30T12:00:01Z",
        "2026-03-01T25:00:01Z",
        "٢٠٢٦-03-01T12:00:01Z",
        "",
        1772366401,
        None,
    ],
)
def test_what_is_no_date_time_with_a_zone_is_none(held, written):
    assert places(held.added(1, created_at=written)[0]) == ["/created_at"]


def test_a_leap_second_is_a_time():
    assert read_time("2016-12-31T23:59:60Z") == read_time("2016-12-31T23:59:59Z")


@pytest.mark.parametrize(("seconds", "plausible"), [(0, True), (2, True), (-2, True), (5, False), (-5, False), (7200, False)])
def test_a_new_record_is_as_old_as_its_request_by_the_clock_of_the_target(contract, seconds, plausible):
    for ahead in (0, 3600):
        held = Held(contract)

        explanation, _ = held.added(
            1, date=ahead, created_at=time(1 + ahead + seconds), contact={"created_at": time(1 + ahead)}
        )

        assert places(explanation) == ([] if plausible else ["/created_at"])


@pytest.mark.parametrize(("seconds", "plausible"), [(290, True), (-290, True), (310, False), (-86400, False)])
def test_a_target_that_tells_no_time_may_be_five_minutes_off(held, seconds, plausible):
    explanation, _ = held.added(1, date=None, created_at=time(1 + seconds), contact={"created_at": time(1 + seconds)})

    assert places(explanation) == ([] if plausible else ["/internal_contact/created_at", "/created_at"][::-1])


@pytest.mark.parametrize("written", ["2026-03-01T12:00:01.5Z", "2026-03-01T13:00:01.5+01:00", "2026-03-01T12:00:01Z"])
def test_a_stored_time_stays_the_same_instant_in_any_zone_and_in_less_precision(held, written):
    _, answer = held.added(1, contact={"created_at": "2026-03-01T12:00:01.500000Z"})
    again = {**answer["internal_contact"], "created_at": written}

    assert places(held.asked("POST", NORTHWIND, ANN, 200, held.assignment(2, again))) == []


@pytest.mark.parametrize("written", ["2026-03-01T12:00:01.654321Z", "2026-03-01T13:00:01.123456Z", "2026-03-01T12:00:03Z"])
def test_a_stored_time_does_not_change(held, written):
    _, answer = held.added(1, contact={"created_at": "2026-03-01T12:00:01.123456Z"})
    again = {**answer["internal_contact"], "created_at": written}

    explanation = held.asked("POST", NORTHWIND, ANN, 200, held.assignment(2, again))

    assert places(explanation) == ["/internal_contact/created_at"]
    assert explanation.nearest.comparison.differences[0].expected.endswith(", as before")


def test_a_new_time_is_not_before_what_was_shown_earlier(held):
    held.now = 60
    held.added(1)
    held.now = 56

    assert places(held.added(2, date=1)[0]) == ["/internal_contact/created_at", "/created_at"][::-1]


def changed(held, answer, **made):
    contact = {**answer["internal_contact"], "phone": "1", **made}
    return held.asked("PATCH", f"/v2/internal-contacts/{contact['id']}", {"phone": "1"}, 200, contact)


def test_a_change_has_a_time_of_its_own(held):
    _, answer = held.added(1)

    assert places(changed(held, answer, modified_at=None)) == ["/modified_at"]
    assert places(changed(held, answer, modified_at=time(held.now + 1))) == []


def test_another_change_has_another_time(held):
    _, answer = held.added(1)
    changed(held, answer, modified_at=time(2.25))
    contact = {**answer["internal_contact"], "phone": "2"}
    path = "/v2/internal-contacts/ict_1"

    same = held.asked("PATCH", path, {"phone": "2"}, 200, {**contact, "modified_at": "2026-03-01T12:00:02.250001Z"})
    assert places(same) == []
    repeated = held.asked(
        "PATCH", path, {"phone": "3"}, 200, {**contact, "phone": "3", "modified_at": "2026-03-01T12:00:02.250001Z"}
    )
    assert places(repeated) == ["/modified_at"]
    earlier = held.asked("PATCH", path, {"phone": "3"}, 200, {**contact, "phone": "3", "modified_at": "2026-03-01T12:00:01.9Z"})
    assert places(earlier) == ["/modified_at"]


def test_changes_within_a_millisecond_may_share_one(held):
    _, answer = held.added(1)
    changed(held, answer, modified_at="2026-03-01T12:00:02.001Z")
    contact = {**answer["internal_contact"], "phone": "2", "modified_at": "2026-03-01T12:00:02.001Z"}

    assert places(held.asked("PATCH", "/v2/internal-contacts/ict_1", {"phone": "2"}, 200, contact)) == []


@pytest.mark.parametrize(("before", "expected"), [(1.0, ["/modified_at"]), (0.001, []), (-0.001, [])])
def test_nothing_is_modified_before_it_is_made(contract, before, expected):
    held = Held(contract, **{"modified-when-new": "created", "modified-when-assigned": "created"})
    at = held.now + 1.004321
    made = time(at)

    explanation, _ = held.added(1, contact={"modified_at": made}, created_at=made, modified_at=time(at - before))

    assert places(explanation) == expected


def test_nothing_that_is_new_was_modified(held):
    assert places(held.added(1, modified_at=time(1))[0]) == ["/modified_at"]


# --- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("found", ["+44 20 7946 0001", "+442079460001 ", "", None, 442079460001, ["+442079460001"]])
def test_what_was_sent_comes_back_as_it_was_sent(held, found):
    explanation, _ = held.added(1, {"phone": "+442079460001"}, contact={"phone": found})

    assert places(explanation) == ["/internal_contact/phone"]


def test_a_property_that_should_be_null_may_be_neither_absent_nor_empty(held):
    assert places(held.added(1, contact={"phone": ""})[0]) == ["/internal_contact/phone"]
    _, answer = Held(held.contract).added(1)
    del answer["internal_contact"]["phone"]
    held.now = 0

    explanation = held.asked("POST", NORTHWIND, ANN, 200, answer)

    assert places(explanation) == ["/internal_contact/phone"]
    assert explanation.nearest.comparison.differences[0].received == "nothing: the property is absent"


def test_properties_that_nobody_documented_are_nobodys_business(held):
    explanation, _ = held.added(1, x_more={"id": 7}, contact={"links": ["/a"], "organization_id": "acme"})

    assert places(explanation) == []


@pytest.mark.parametrize("contact", [None, "ict_1", [], [{"id": "ict_1"}]])
def test_a_record_is_an_object(held, contact):
    answer = {**held.assignment(1, held.contact(1)), "internal_contact": contact}
    answer["created_at"] = time(1)

    assert places(held.asked("POST", NORTHWIND, ANN, 200, answer)) == ["/internal_contact"]


def test_nothing_stands_where_nothing_was_set(library_contract):
    for found, expected in (({}, []), ({"note": None}, []), ({"note": "x"}, ["/note"])):
        held = Held(library_contract)
        member = {"id": 8, "branch": "North", "number": 9, "name": None, "tags": [], "since": time(1), **found}

        explanation = held.asked("PUT", "/members", {"branch": "North", "number": 9}, 201, member)

        assert places(explanation) == expected


def test_numbers_are_compared_by_value_and_with_numbers_only():
    assert same_json(2, 2.0)
    assert same_json({"a": [1, {"b": 2.0}]}, {"a": [1.0, {"b": 2}]})
    assert not same_json(1, True)
    assert not same_json(0, False)
    assert not same_json(1, "1")
    assert not same_json(None, 0)
    assert not same_json([1, 2], [2, 1])
    assert not same_json({"a": 1}, {"a": 1, "b": None})
    assert same_json(True, True)


def test_a_number_with_a_fraction_of_nothing_is_a_whole_number(library_contract):
    held = Held(library_contract)
    member = {"id": 8, "branch": "North", "number": 9.0, "name": None, "tags": [], "since": time(1)}

    assert places(held.asked("PUT", "/members", {"branch": "North", "number": 9}, 201, member)) == []


def test_a_long_value_is_told_in_short(held):
    explanation, _ = held.added(1, {"phone": "1" * 5000}, contact={"phone": "2" * 5000})
    difference = explanation.nearest.comparison.differences[0]

    assert len(difference.expected) <= 160
    assert difference.expected.endswith("…")


# --- type names ------------------------------------------------------------------------------------------------------


def test_a_type_may_have_any_name_and_then_has_it_everywhere(held):
    _, answer = held.added(1, object="Assignment", contact={"object": "Contact"})
    again = held.assignment(2, answer["internal_contact"], object="Assignment")
    assert places(held.asked("POST", NORTHWIND, ANN, 200, again)) == []

    other = held.assignment(3, {**answer["internal_contact"], "object": "internal_contact"}, object="Assignment")
    assert places(held.asked("POST", NORTHWIND, ANN, 200, other)) == ["/internal_contact/object"]


@pytest.mark.parametrize("name", ["", None, 7])
def test_the_name_of_a_type_is_a_text(held, name):
    assert places(held.added(1, object=name)[0]) == ["/object"]


# --- derived values and those that the server makes ------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Ann Lee", " Ann  Lee", "Ann Lee "])
def test_how_blank_parts_are_joined_is_nobodys_business(contract, name):
    held = Held(contract, **{"derived-name": "when-created"})
    sent = {"given_name": " Ann ", "family_name": "Lee"}

    explanation, _ = held.added(1, sent, contact={**sent, "name": name})

    assert places(explanation) == []


def test_how_parts_are_joined_is_known_where_none_is_blank(contract):
    sent = {"given_name": "Ann", "family_name": "Lee"}
    for name, expected in (("Ann Lee", []), ("Ann  Lee", ["/internal_contact/name"]), ("Lee Ann", ["/internal_contact/name"])):
        explanation, _ = Held(contract, **{"derived-name": "when-created"}).added(1, sent, contact={**sent, "name": name})

        assert places(explanation) == expected


@pytest.mark.parametrize(
    ("choice", "expected"), [("when-created", []), ("when-shown", []), ("never", ["/internal_contact/name"])]
)
def test_an_empty_text_may_count_as_none_where_a_field_is_derived(contract, choice, expected):
    held = Held(contract, **{"derived-name": choice})
    sent = {"given_name": "Ann", "family_name": "Lee", "name": ""}

    assert places(held.added(1, sent, contact={**sent, "name": "Ann Lee"})[0]) == expected
    assert places(held.added(2, sent, contact={**sent, "name": ""}, id_number=2)[0]) == []


def test_whether_one_part_is_enough_for_what_is_derived_is_nobodys_business(contract):
    for name in ("Ann", None):
        held = Held(contract, **{"derived-name": "when-created"})
        explanation, answer = held.added(1, {"given_name": "Ann"}, contact={"given_name": "Ann", "name": name})
        assert places(explanation) == []

        again, _ = held.added(1, contact={**answer["internal_contact"], "name": "Ann Lee"}, id_number=2)
        assert places(again) == ["/internal_contact/name"]


def test_a_text_that_the_server_makes_is_any_text_and_stays(contract):
    held = Held(contract, **{"remote-id": "generated"})
    assert places(held.added(1, remote_id="")[0]) == ["/remote_id"]
    _, answer = held.added(1, remote_id="crm-7")
    role = {"internal_role": "lead"}
    path = f"{NORTHWIND}/{answer['id']}"
    modified = {**answer, **role, "modified_at": time(held.now + 1)}

    assert places(held.asked("PATCH", path, role, 200, {**modified, "remote_id": "crm-8"})) == ["/remote_id"]
    modified["modified_at"] = time(held.now + 1)
    assert places(held.asked("PATCH", path, role, 200, modified)) == []


# --- what was there before -------------------------------------------------------------------------------------------


def test_what_is_not_known_of_an_earlier_record_is_learned_from_the_first_answer_and_held_to_it(library_contract):
    held = Held(library_contract)
    held.asked("PUT", "/members", {"branch": "North", "number": 9}, 201, member(held, 8))
    loan = {"id": "3d2f4b44-6f4c-4d0e-9a55-0b4f0c1d2e3f", "branch": "North", "days": 7, "changed": time(held.now + 1)}
    shown = {**loan, "member": member(held, 8, since=time(1)), "book": {"isbn": "9780131103627", "title": "C"}}
    sent = {"member": 8, "isbn": "9780131103627", "days": 7}

    assert places(held.asked("POST", "/loans", sent, 201, shown)) == []
    other = {**shown, "days": 9, "changed": time(held.now + 1), "book": {"isbn": "9780131103627", "title": "Another"}}
    assert places(held.asked("PATCH", f"/loans/{loan['id']}", {"days": 9}, 200, other)) == ["/book/title"]


def test_a_required_value_that_is_not_known_has_to_be_there(library_contract):
    held = Held(library_contract)
    held.asked("PUT", "/members", {"branch": "North", "number": 9}, 201, member(held, 8))
    loan = {"id": "3d2f4b44-6f4c-4d0e-9a55-0b4f0c1d2e3f", "branch": "North", "days": 28, "changed": time(held.now + 1)}
    shown = {**loan, "member": member(held, 8, since=time(1)), "book": {"isbn": "9780131103627"}}

    explanation = held.asked("POST", "/loans", {"member": 8, "isbn": "9780131103627"}, 201, shown)

    assert places(explanation) == ["/book/title"]


# --- lists -----------------------------------------------------------------------------------------------------------


def member(held, id, **made):
    return {"id": id, "branch": "North", "number": 9, "name": None, "tags": [], "since": time(held.now + 1), **made}


def listed(contract, found, *, strangers):
    generator, resource = Placeholders(), contract.resources["Member"]
    comparison = Comparison(generator.made, Memory(), Window(0, 1, 0, 1), strangers_allowed=strangers)
    predicted = [{"id": 1, "branch": "North"}, {"id": 2, "branch": "South"}]
    comparison.compare(ListShape(record_shape(resource, contract)), predicted, copy.deepcopy(found), "/members")
    return comparison.differences


NORTH, SOUTH = {"id": 1, "branch": "North"}, {"id": 2, "branch": "South"}


def test_a_list_holds_what_was_made_in_order(library_contract):
    assert listed(library_contract, [NORTH, SOUTH], strangers=False) == []
    (out_of_order,), (too_few,) = (listed(library_contract, found, strangers=False) for found in ([SOUTH, NORTH], [NORTH]))
    assert (out_of_order.place, out_of_order.expected) == ("/members", "the records in order: 1 before 2")
    assert (too_few.place, too_few.expected, too_few.received) == ("/members", "2 too", "2 is missing: [1]")
    assert listed(library_contract, {"1": NORTH}, strangers=False)[0].expected == "a list"


def test_a_list_may_hold_strangers_where_there_may_be_some(library_contract):
    strangers = [{"id": 9, "branch": "Far"}, NORTH, 7, {"id": [1]}, SOUTH, {"branch": "None"}]

    assert listed(library_contract, strangers, strangers=True) == []
    assert listed(library_contract, strangers, strangers=False) != []
    assert listed(library_contract, [{"id": 9}, NORTH], strangers=True)[0].place == "/members"


def test_whether_there_may_be_strangers_is_told_by_the_tag_in_the_query(library_contract):
    held = Held(library_contract, tag="r7")
    stranger = member(held, 77, branch="r7-North")

    assert places(
        held.asked(
            "GET", "/members?branch=r7-North", None, 200, {"members": [stranger], "note": "$free text", "branch": "r7-North"}
        )
    ) == ["/members"]
    assert places(held.asked("GET", "/members", None, 200, {"members": [stranger], "note": "$free text"})) == []


def test_what_is_put_together_is_an_object(library_contract):
    assert places(Held(library_contract).asked("GET", "/members", None, 200, ["x"])) == ["the body"]


def test_a_second_contact_for_a_known_email_elsewhere_is_told(held):
    _, answer = held.added(1)
    other = held.assignment(2, {**answer["internal_contact"], "id": "ict_2"}, partner_id="ptn_contoso")

    assert places(held.asked("POST", CONTOSO, ANN, 200, other)) == ["/internal_contact/id"]


def test_a_time_of_the_request_is_right_by_the_clock_of_the_target_and_by_ours():
    """A busy server tells a Date that is seconds old; a server elsewhere may have another clock."""
    reply = WireResponse(200, (("date", "Sat, 28 Nov 2026 09:55:09 GMT"),), sent_at=1795859713.0, received_at=1795859714.0)
    window = Window.of(reply)
    seconds = {text: read_time(f"2026-11-28T09:{text}Z") in window for text in ("55:09", "55:13.5", "54:50", "55:30")}

    assert seconds == {"55:09": True, "55:13.5": True, "54:50": False, "55:30": False}
    assert not not_at(window, "date-time", 3600, "2026-11-28T10:55:13Z")
    assert not_at(window, "date-time", 3600, "2026-11-28T09:55:13Z")
