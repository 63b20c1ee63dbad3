"""Numbers in addresses: those of the record, and no others.

Promise: a number that no row can have is no number, so that PostgreSQL never has to refuse it.
"""

LARGEST = 2**63 - 1


def number_in(text: str) -> int | None:
    """Return the number of a row that this text is, if it is one."""
    plain = text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST))
    return int(text) if plain and int(text) <= LARGEST else None


class Number:
    """The part of an address that is the number of a row: `<number:task>`."""

    regex = "[0-9]{1,19}"

    def to_python(self, text: str) -> int:
        number = number_in(text)
        if number is None:
            raise ValueError(text)  # how Django is told that the address fits no page
        return number

    def to_url(self, number: int) -> str:
        return str(number)
