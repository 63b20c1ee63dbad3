"""What a webhook says of a customer: one name, and the same bytes each time."""

import msgspec
from standardwebhooks import Webhook

from terrain.channels.webhook import signature
from terrain.core.calling import body_of, signing_key, spoken_key
from terrain.core.identifier import Identifier, Kind, key_of
from tests.core.test_outbox import NOON, TO_LEA
from tests.people import a_customer

EMAIL = Identifier(Kind.EMAIL, "lea@example.org")


def test_the_receiver_is_told_the_name_under_which_the_act_was_decided() -> None:
    lea = a_customer(identifiers=(EMAIL,))
    act = msgspec.structs.replace(TO_LEA, key=key_of(1))

    said = msgspec.json.decode(body_of(act, lea))

    assert said["type"] == "upgrade_shipping"
    assert said["data"]["customer"] == {"email": "lea@example.org"}


def test_of_somebody_else_s_names_nothing_is_told() -> None:
    assert msgspec.json.decode(body_of(TO_LEA, a_customer()))["data"]["customer"] == {}


def test_tried_again_later_it_is_the_same_act_in_the_same_words() -> None:
    later = msgspec.structs.replace(TO_LEA, due_at=NOON.replace(hour=18))

    assert body_of(TO_LEA, a_customer()) == body_of(later, a_customer())


def test_the_key_is_one_that_receivers_libraries_take() -> None:
    key = signing_key("s" * 32, "https://warehouse.example/hook")

    said = Webhook(spoken_key(key)).sign("act_1", NOON, "{}")

    assert said == signature(key, "act_1", int(NOON.timestamp()), b"{}")
