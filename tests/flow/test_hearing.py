"""What the tracking libraries' e-commerce plan says is heard in our own words."""

from terrain.flow.hearing import in_our_words


def test_an_order_as_the_libraries_send_it_has_a_number_and_items() -> None:
    sent = {"order_id": "o-17", "products": [{"product_id": "filter-a", "quantity": 3}]}

    heard = in_our_words(sent)

    assert heard["order"] == "o-17"
    assert heard["items"] == [{"product_id": "filter-a", "sku": "filter-a", "quantity": 3}]
    assert heard["order_id"] == "o-17"


def test_what_is_called_by_our_own_name_stays_as_it_was_said() -> None:
    sent = {"order": "17", "order_id": "other", "items": [{"sku": "a"}], "products": []}

    assert in_our_words(sent) == sent


def test_odd_products_are_left_alone() -> None:
    assert in_our_words({"products": "three"})["items"] == "three"
    assert in_our_words({"products": [None, 7]})["items"] == [None, 7]
