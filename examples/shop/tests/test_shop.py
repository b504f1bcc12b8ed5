"""The client of WooCommerce, as it comes from its registry, against the mock of a shop."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from woocommerce import API


@pytest.fixture
def shop(mock_server) -> API:
    return API(mock_server.url, "ck_books", "cs_books")


@pytest.fixture
def made(shop) -> Callable[..., Any]:
    """Make something, and return it."""

    def make(place: str, **body: Any) -> Any:
        answer = shop.post(place, body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return make


def refusal(answer: Any) -> tuple[int, str, int]:
    """Return the status, the code and the status within the body of a refusal, as the vendor writes it."""
    told = answer.json()
    return answer.status_code, told["code"], told["data"]["status"]


def named(answer: Any) -> list[str]:
    return [one["name"] for one in answer.json()]


def test_a_product_is_found_by_its_id_and_by_its_slug(shop, made):
    product = made("products", name="Northanger Abbey", regular_price="7.00", sku="BK-4", categories=[{"id": 16}])

    assert (product["slug"], product["status"], product["price"]) == ("northanger-abbey", "publish", "7.00")
    assert [(one["id"], one["slug"]) for one in product["categories"]] == [(16, "novels")]
    assert shop.get(f"products/{product['id']}").json() == product
    assert shop.get("products", params={"slug": "northanger-abbey"}).json() == [product]


def test_a_second_product_of_one_name_has_another_slug(made):
    assert [made("products", name="Sanditon")["slug"] for _ in range(2)] == ["sanditon", "sanditon-2"]


def test_an_address_leads_to_what_was_made(shop):
    answer = shop.post("products", {"name": "Sanditon"})

    assert answer.headers["Location"].endswith(f"/wp-json/wc/v3/products/{answer.json()['id']}")


def test_a_sku_belongs_to_one_product(shop, made):
    product = made("products", name="Sanditon", sku="BK-9")
    changed = shop.put(f"products/{product['id']}", {"sku": "BK-1"})

    assert refusal(shop.post("products", {"name": "Another", "sku": "BK-9"})) == (400, "product_invalid_sku", 400)
    assert refusal(changed) == (400, "product_invalid_sku", 400)
    assert shop.get(f"products/{product['id']}").json() == product


def test_a_change_leaves_what_is_not_sent_as_it_is(shop):
    before = shop.get("products/101").json()
    sold = shop.put("products/101", {"sale_price": "5.00", "stock_status": "outofstock"}).json()
    moved = shop.put("products/101", {"categories": [{"id": 17}, {"id": 15}]}).json()

    changes = {"sale_price": "5.00", "price": "5.00", "stock_status": "outofstock"}
    assert {**sold, "date_modified": ""} == {**before, **changes, "date_modified": ""}
    assert [one["name"] for one in moved["categories"]] == ["Poems", "Uncategorized"]


def test_products_are_filtered_searched_and_sorted(shop):
    by_title = {"orderby": "title", "order": "asc"}

    assert named(shop.get("products", params={"category": 16, **by_title})) == ["Emma", "Persuasion"]
    assert named(shop.get("products", params={"search": "prel"})) == ["The Prelude"]
    assert named(shop.get("products", params={"stock_status": "instock", "orderby": "id"})) == ["Persuasion", "Emma"]
    assert named(shop.get("products", params={"sku": "BK-2"})) == ["Persuasion"]
    assert named(shop.get("products", params={"status": "draft"})) == []


def test_pages_tell_how_many_there_are_and_where_the_others_are(shop):
    first = shop.get("products", params={"per_page": 2, "orderby": "title", "order": "asc"})
    last = shop.get("products", params={"per_page": 2, "orderby": "title", "order": "asc", "page": 2})

    assert [named(first), named(last)] == [["Emma", "Persuasion"], ["The Prelude"]]
    assert (first.headers["X-WP-Total"], first.headers["X-WP-TotalPages"]) == ("3", "2")
    assert "page=2" in first.links["next"]["url"]
    assert "next" not in last.links


def test_a_product_goes_into_the_trash_and_then_for_good(shop):
    trashed = shop.delete("products/101")

    assert (trashed.status_code, trashed.json()["status"]) == (200, "trash")
    assert shop.get("products/101").json()["status"] == "trash"
    assert "Emma" not in named(shop.get("products"))

    removed = shop.delete("products/101", params={"force": True})

    assert (removed.status_code, removed.json()["name"]) == (200, "Emma")
    assert refusal(shop.get("products/101")) == (404, "woocommerce_rest_product_invalid_id", 404)
    assert refusal(shop.delete("products/101", params={"force": True})) == (404, "woocommerce_rest_product_invalid_id", 404)


def test_categories_lie_beneath_others(shop, made):
    child = made("products/categories", name="Letters", parent=16)

    assert (child["slug"], child["parent"]) == ("letters", 16)
    assert shop.get("products/categories", params={"parent": 16}).json() == [child]
    assert named(shop.get("products/categories", params={"parent": 0})) == ["Novels", "Poems", "Uncategorized"]
    assert named(shop.get("products/categories", params={"search": "o", "orderby": "id", "order": "desc"})) == [
        "Poems",
        "Novels",
        "Uncategorized",
    ]


def test_a_parent_has_one_category_of_a_name(shop, made):
    made("products/categories", name="Letters", parent=16)

    assert made("products/categories", name="Letters", parent=17)["slug"] == "letters-2"
    assert refusal(shop.post("products/categories", {"name": "Letters", "parent": 16})) == (400, "term_exists", 400)


def test_products_lose_a_category_that_is_deleted(shop):
    assert refusal(shop.delete("products/categories/16")) == (400, "rest_invalid_param", 400)
    assert shop.delete("products/categories/16", params={"force": True}).json()["name"] == "Novels"

    assert shop.get("products/101").json()["categories"] == []
    assert refusal(shop.delete("products/categories/16", params={"force": True})) == (404, "woocommerce_rest_term_invalid", 404)
    assert refusal(shop.post("products", {"name": "Evelina", "categories": [{"id": 16}]})) == (400, "rest_invalid_param", 400)


def test_an_email_address_belongs_to_one_customer_and_a_password_is_never_shown(shop, made):
    customer = made("customers", email="Mary@acme.example", first_name="Mary", password="s3cret", billing={"city": "London"})
    again = shop.post("customers", {"email": "mary@ACME.example"})

    assert (customer["email"], customer["role"], customer["orders_count"]) == ("mary@acme.example", "customer", 0)
    assert (customer["billing"], "password" in customer) == ({"city": "London"}, False)
    assert refusal(again) == (400, "registration-error-email-exists", 400)
    assert [one["first_name"] for one in shop.get("customers").json()] == ["Ada", "Mary"]
    assert shop.get("customers", params={"email": "mary@acme.example"}).json() == [customer]


def test_orders_of_a_customer_who_is_deleted_are_those_of_a_guest(shop):
    ada = shop.delete("customers/5", params={"force": True}).json()
    order = shop.get("orders/201").json()

    assert (ada["email"], "customer_id" in order) == ("ada@acme.example", False)
    assert refusal(shop.delete("customers/5", params={"force": True})) == (404, "woocommerce_rest_invalid_id", 404)


def test_a_coupon_has_a_code_of_its_own_in_small_letters(shop, made):
    coupon = made("coupons", code="SPRING", discount_type="percent", amount="10")
    again = shop.post("coupons", {"code": "Spring"})

    assert (coupon["code"], coupon["usage_count"]) == ("spring", 0)
    assert refusal(again) == (400, "woocommerce_rest_coupon_code_already_exists", 400)
    assert shop.get("coupons", params={"code": "spring"}).json() == [coupon]


def test_an_order_is_made_with_its_line_items_and_shows_them_from_then_on(shop, made):
    lines = [{"product_id": 101, "quantity": 2}, {"product_id": 103, "total": "12.00"}]
    order = made("orders", customer_id=5, billing={"city": "London"}, line_items=lines)

    assert (order["number"], order["status"]) == (str(order["id"]), "pending")
    assert [(one["product_id"], one["quantity"]) for one in order["line_items"]] == [(101, 2), (103, 1)]
    assert len({one["id"] for one in order["line_items"]}) == 2
    assert shop.get(f"orders/{order['id']}").json() == order
    assert shop.get("orders", params={"orderby": "id"}).json()[0] == order
    assert shop.get("customers").json()[0]["orders_count"] == 2


def test_an_order_for_what_is_not_there_is_refused_as_a_whole(shop):
    unknown_product = shop.post("orders", {"line_items": [{"product_id": 101}, {"product_id": 999}]})
    unknown_customer = shop.post("orders", {"customer_id": 999})

    assert refusal(unknown_product) == refusal(unknown_customer) == (400, "rest_invalid_param", 400)
    assert shop.get("orders").headers["X-WP-Total"] == "1"


def test_an_order_goes_from_state_to_state(shop, made):
    place = f"orders/{made('orders', line_items=[{'product_id': 101}])['id']}"
    states = [shop.put(place, {"status": status}).json().get("status") for status in ("processing", "completed", "refunded")]

    assert states == ["processing", "completed", "refunded"]
    assert refusal(shop.put(place, {"status": "pending"})) == (400, "rest_invalid_param", 400)
    assert shop.put(place, {"customer_note": "Thanks"}).json()["customer_note"] == "Thanks"
    assert refusal(shop.get("orders/999")) == (404, "woocommerce_rest_shop_order_invalid_id", 404)


def test_orders_are_filtered_by_customer_and_states(shop, made):
    guest = made("orders", status="completed")

    assert [one["id"] for one in shop.get("orders", params={"customer": 5}).json()] == [201]
    assert [one["id"] for one in shop.get("orders", params={"status": "completed"}).json()] == [guest["id"]]
    assert [one["id"] for one in shop.get("orders", params={"status": "pending,processing"}).json()] == [201]


def test_notes_go_with_their_order(shop, made, mock_server):
    first, second = made("orders/201/notes", note="Packed"), made("orders/201/notes", note="Sent", customer_note=True)

    assert shop.get("orders/201/notes").json() == [second, first]
    assert shop.delete("orders/201").json()["status"] == "trash"
    assert len(shop.get("orders/201/notes").json()) == 2
    assert shop.delete("orders/201", params={"force": True}).json()["id"] == 201
    assert refusal(shop.get("orders/201/notes")) == (404, "woocommerce_rest_shop_order_invalid_id", 404)
    assert mock_server.state.records("OrderNote") == []


@pytest.mark.parametrize("params", [{"per_page": 101}, {"page": 0}, {"orderby": "luck"}])
def test_a_parameter_that_is_wrong_is_told(shop, params):
    assert refusal(shop.get("products", params=params)) == (400, "rest_invalid_param", 400)


def test_unknown_keys_are_refused(mock_server):
    assert refusal(API(mock_server.url, "ck_nobody", "cs_nobody").get("orders")) == (
        401,
        "woocommerce_rest_authentication_error",
        401,
    )


def test_a_shop_sees_nothing_of_another_one(mock_server):
    teashop = API(mock_server.url, "ck_tea", "cs_tea")

    assert teashop.get("products").json() == []
    assert refusal(teashop.get("products/101")) == (404, "woocommerce_rest_product_invalid_id", 404)
    assert teashop.post("products", {"name": "Assam", "sku": "BK-1"}).status_code == 201


FORCE = {"params": {"force": True}}
CALLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "listProducts": ("get", "products", {}),
    "createProduct": ("post", "products", {"data": {"name": "Evelina"}}),
    "getProduct": ("get", "products/101", {}),
    "updateProduct": ("put", "products/101", {"data": {"name": "Evelina"}}),
    "deleteProduct": ("delete", "products/101", FORCE),
    "listCategories": ("get", "products/categories", {}),
    "createCategory": ("post", "products/categories", {"data": {"name": "Letters"}}),
    "deleteCategory": ("delete", "products/categories/15", FORCE),
    "listCustomers": ("get", "customers", {}),
    "createCustomer": ("post", "customers", {"data": {"email": "mary@acme.example"}}),
    "deleteCustomer": ("delete", "customers/5", FORCE),
    "listCoupons": ("get", "coupons", {}),
    "createCoupon": ("post", "coupons", {"data": {"code": "spring"}}),
    "listOrders": ("get", "orders", {}),
    "createOrder": ("post", "orders", {"data": {"line_items": [{"product_id": 101}]}}),
    "getOrder": ("get", "orders/201", {}),
    "updateOrder": ("put", "orders/201", {"data": {"status": "completed"}}),
    "deleteOrder": ("delete", "orders/201", FORCE),
    "listOrderNotes": ("get", "orders/201/notes", {}),
    "createOrderNote": ("post", "orders/201/notes", {"data": {"note": "Packed"}}),
}


@pytest.mark.parametrize("operation", CALLS)
def test_the_client_reaches_each_operation(shop, mock_server, operation):
    method, place, arguments = CALLS[operation]
    answer = getattr(shop, method)(place, **arguments)

    assert answer.status_code in (200, 201), answer.text
    mock_server.requests.assert_requested(operation=operation, times=1)


def test_no_operation_is_left_out(mock_server):
    assert CALLS.keys() == {operation.id for operation in mock_server.contract.operations}


def test_the_program_of_the_readme_tells_what_is_shown(mock_server, capsys):
    page = (Path(__file__).parent.parent / "README.md").read_text()
    (program,) = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    (shown,) = re.findall(r"^```text\n(.*?)^```", page, re.DOTALL | re.MULTILINE)

    exec(program.replace("http://127.0.0.1:4010", mock_server.url), {})

    assert capsys.readouterr().out == shown
