"""Words as they are compared and looked for: what is forgiven, what is not, what fits best."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terrain.core.directory import (
    LONGEST_WORD,
    Entry,
    How,
    Wanted,
    asked,
    entry_of,
    fit,
    fold,
    is_news,
    loose,
    order_key,
    slips_between,
    whole,
    words_in,
)
from tests.people import NOON, a_claim, a_customer, a_house

LEA = ("name:Léa Martin", "email:lea.m@example.org")
WORDS = st.text(string.ascii_lowercase + "éèçœøß", min_size=5, max_size=30)


def called(*names: str) -> Entry:
    claims = [a_claim(name, fact="name") for name in names]
    entry = entry_of(a_customer(*claims), a_house(), NOON)
    assert entry
    return entry


def leads(wanted: Wanted, entry: Entry) -> bool:
    """Say whether these keys lead to that line, as PostgreSQL does."""
    keys = set(entry.keys)
    every = bool(wanted.every) and keys.issuperset(wanted.every)
    return every or not keys.isdisjoint(wanted.some)


def finds(text: str, *names: str) -> bool:
    words = asked(text)
    led = all(leads(loose(word), called(*names)) for word in words)
    return led and fit(words, [f"name:{name}" for name in names]) is not None


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Léa", "lea"),
        ("MARTIN", "martin"),
        ("Œuvre", "oeuvre"),
        ("Straße", "strasse"),
        ("Łukasz Ørsted", "lukasz orsted"),
        ("e\u0301te\u0301", "ete"),
        ("Şişman", "sisman"),
        ("Ελένη", "ελενη"),
        ("ＬＥＡ", "lea"),
        ("", ""),
    ],
)
def test_letters_are_compared_without_what_is_on_and_under_them(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_what_a_hyphen_or_an_apostrophe_joins_is_two_words_and_one() -> None:
    assert words_in("Jean-Pierre") == ("jean", "pierre", "jeanpierre")
    assert words_in("O’Brien") == words_in("O'Brien") == ("o", "brien", "obrien")


@pytest.mark.parametrize(
    "text",
    [
        *("lea martin", "Martin Léa", "MARTIN", "lea", "mart", "arti", "Lea Marten", "lae martin"),
        *(
            "matrin",
            "martinn",
            "mrtin",
            "l martin",
            "Madame Martin",
            "mme léa martin",
            "  martin  ",
        ),
    ],
)
def test_lea_is_found(text: str) -> None:
    assert finds(text, "Léa Martin")


@pytest.mark.parametrize("text", ["leo", "martz", "nitram", "lea dupont", "m", "%", "_", "x"])
def test_lea_is_not_found_by_what_is_not_her_name(text: str) -> None:
    assert not finds(text, "Léa Martin")


def test_dupond_finds_dupont_and_obrien_finds_o_brien() -> None:
    assert finds("dupond", "Anne Dupont")
    assert finds("obrien", "Conan O’Brien")
    assert finds("o'brien", "Conan O’Brien")
    assert finds("jean pierre", "Jean-Pierre Lévy")
    assert finds("jeanpierre", "Jean-Pierre Lévy")


def test_names_of_other_writings_are_found_too() -> None:
    assert finds("王小", "王小明")
    assert finds("елена", "Елена Иванова")
    assert finds("Елна", "Елена Иванова")


@given(st.data(), WORDS)
def test_every_word_of_five_letters_is_found_with_one_slip(data: st.DataObject, word: str) -> None:
    letters = list(fold(word))
    at = data.draw(st.integers(0, len(letters) - 2))
    how = data.draw(st.sampled_from(["wrong", "missed", "put in", "changed round"]))
    letter = data.draw(st.sampled_from(string.ascii_lowercase))
    if how == "wrong":
        letters[at] = letter
    elif how == "missed":
        del letters[at]
    elif how == "put in":
        letters.insert(at, letter)
    else:
        letters[at], letters[at + 1] = letters[at + 1], letters[at]

    assert finds("".join(letters), word)


@given(WORDS)
def test_every_part_of_three_letters_or_more_finds_the_word(word: str) -> None:
    folded = fold(word)[:LONGEST_WORD]
    for at in range(len(folded) - 2):
        assert finds(folded[at : at + 3], word)


@given(st.text(max_size=400))
def test_whatever_is_typed_is_looked_for_without_an_error(text: str) -> None:
    words = asked(text)
    for word in words:
        assert all(-(2**31) <= key < 2**31 for key in (*whole(word).every, *loose(word).every))
    fit(words, LEA)
    order_key(text)
    called(text or "x")


def test_who_fits_best_is_worth_most() -> None:
    worths = [
        found.worth
        for name in ("Martin", "Martinez", "Saint-Martinien", "Marten", "Lamartine")
        if (found := fit(("martin",), [f"name:{name}"]))
    ]

    assert len(worths) == 5
    assert worths == sorted(worths, reverse=True)


def test_somebody_fits_by_all_words_or_not_at_all() -> None:
    assert fit(("lea", "martin"), LEA)
    assert fit(("lea", "dubois"), LEA) is None
    assert fit((), LEA) is None


def test_it_is_said_by_which_name_somebody_was_found() -> None:
    found = fit(("lea", "exam"), LEA)

    assert found
    assert found.value == "Léa Martin"
    assert found.how is How.BEGINNING
    assert (found_by := fit(("exam",), LEA))
    assert found_by.kind == "email"


@pytest.mark.parametrize("text", ["A-17", "a17", "#A-17", " a 17 ", "A.17", "Ａ-17"])
def test_an_order_is_the_same_however_it_is_spelled(text: str) -> None:
    assert order_key(text) == order_key("A-17")
    assert order_key(text) != order_key("A-18")


def test_what_holds_no_letter_and_no_digit_is_no_order() -> None:
    assert order_key("--- / !") is None


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("martin", "marten", 1),
        ("martin", "matrin", 1),
        ("ab", "ba", 1),
        ("", "abc", 3),
        ("x", "x", 0),
    ],
)
def test_slips_are_counted(one: str, other: str, slips: int) -> None:
    assert slips_between(one, other) == slips_between(other, one) == slips


def test_a_visitor_without_any_name_has_no_line() -> None:
    assert entry_of(a_customer(), a_house(), NOON) is None


def test_only_a_name_that_is_new_is_news() -> None:
    known = a_customer(a_claim("Léa", fact="name"), a_claim("FR", fact="country"))

    assert not is_news(known, [a_claim("Léa", fact="name"), a_claim("BE", fact="country")], ())
    assert is_news(known, [a_claim("Léa Martin", fact="name")], ())
    assert is_news(known, [a_claim("lea@example.org", fact="email")], ())


def test_a_name_as_long_as_a_book_is_cut_and_still_found() -> None:
    entry = called("Léa " + "x" * 100_000)

    assert len(entry.keys) < 100
    assert leads(whole("lea"), entry)
