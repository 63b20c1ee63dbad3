"""How Terrain says no.

Promise: whoever is refused learns what was wrong and what would be right, in their own language.

A refusal is a code and values. Its sentence lives in the catalogue (`terrain/locale`, context
"refusal") under that code, in French and English. Anything that is not a Refusal is a bug.
"""

import difflib
import re
from collections.abc import Iterable
from typing import ClassVar

LONGEST_VALUE_SHOWN = 80
# A value under such a name is never repeated, neither on a screen nor in a log.
SECRETIVE = re.compile(
    r"secret|passw|token|api_?key|write_?key|authorization|cookie", re.IGNORECASE
)
PASSWORD_IN_ADDRESS = re.compile(r"(?<=://)[^@/\s]*@")


class Refusal(Exception):
    """Something a person or a machine asked for that Terrain will not do as asked."""

    code: ClassVar[str] = ""
    status: ClassVar[int] = 422

    def __init__(
        self,
        *,
        field: str | None = None,
        value: object = None,
        right: object = None,
        **values: object,
    ) -> None:
        self.field = field
        self.value = None if field and SECRETIVE.search(field) else shown(value)
        self.right = shown_choices(right)
        self.values = {name: shown(value) or "" for name, value in values.items()}
        super().__init__(self.code, self.field, self.value, self.right, self.values)

    def as_dict(self) -> dict[str, object]:
        """Return all but the sentence, which is in the catalogue (`terrain/words.py`)."""
        return {"code": self.code, "field": self.field, "value": self.value, "right": self.right}


def shown(value: object) -> str | None:
    """Return the value as it may be shown to anyone: short, in one line, without passwords."""
    if value is None:
        return None
    text = value if isinstance(value, str) else _plain(value)
    text = " ".join(PASSWORD_IN_ADDRESS.sub("…@", text[: 4 * LONGEST_VALUE_SHOWN]).split())
    return text if len(text) <= LONGEST_VALUE_SHOWN else text[: LONGEST_VALUE_SHOWN - 1] + "…"


def shown_choices(right: object) -> str | None:
    """Return what would have been right; several possibilities are separated by commas."""
    if isinstance(right, list | tuple | set | frozenset):
        items = sorted(right) if isinstance(right, set | frozenset) else right
        return ", ".join(str(item) for item in items)
    return None if right is None else str(right)


def did_you_mean(word: str, known: Iterable[str], *, at_least: float = 0.6) -> str | None:
    """Return the known word that was most likely meant, if one is near enough."""
    folded = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=at_least)
    return folded[near[0]] if near else None


def _plain(value: object) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value[: 4 * LONGEST_VALUE_SHOWN]).decode("utf-8", "replace")
    return str(value)
