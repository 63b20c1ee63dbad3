"""Words of which there are only so many: what the house calls its kinds, channels, verdicts."""

from enum import StrEnum


class Word(StrEnum):
    """A word that is looked up as quickly as the text it is.

    A decision looks up some twenty words; Python's own enumerations run four lines of Python for each.
    """

    __hash__ = str.__hash__
