"""The outside world as it is: a mail server and a receiver of webhooks, in threads of their own."""

from collections.abc import Iterator

import pytest

from tests.outside import PostOffice, Receiving


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    with PostOffice() as office:
        yield office


@pytest.fixture
def receiving() -> Iterator[Receiving]:
    with Receiving() as receiver:
        yield receiver
