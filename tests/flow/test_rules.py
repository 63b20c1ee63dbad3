"""Camille changes a rule: checked, signed, and never forgotten."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from psycopg import Connection

from terrain.core.act import Reach
from terrain.core.consent import Channel, Purpose
from terrain.core.settings import GuardSettings
from terrain.errors import Refusal
from terrain.flow import rules
from terrain.flow.rules import Signed
from terrain.store.reference import changes
from terrain.store.rules import history
from terrain.words import LANGUAGES

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CAMILLE = Signed("camille", "Ten people ranked twenty cases.", NOON)


def french(**other: object) -> dict[str, object]:
    (table,) = [table for table in rules.shipped_tables() if table.name == "FR"]
    return {**rules.plain(table), **other}


def test_what_is_shipped_holds_until_somebody_changes_it(db: Connection) -> None:
    assert rules.settings(db).hand_cost == 2
    assert rules.law(db).version == rules.shipped_law().version

    rules.keep_shipped(db, NOON)

    assert rules.settings(db).version == 1
    assert "FR:1" in rules.law(db).version
    assert rules.keep_shipped(db, NOON) == []


def test_a_changed_constant_is_a_new_version_with_who_and_why(db: Connection) -> None:
    rules.keep_shipped(db, NOON)

    rules.set_constant(db, "harm_by_reach.home", 40, CAMILLE)

    held = rules.settings(db)
    last, first = history(db, "guard")
    assert (held.version, held.harm_by_reach[Reach.HOME], held.harm_by_reach[Reach.INBOX]) == (
        2,
        40,
        1,
    )
    assert (last.by, last.because) == ("camille", "Ten people ranked twenty cases.")
    assert first.rules["harm_by_reach"]["home"] == 30


def test_a_change_is_told_to_everybody_who_holds_the_rules(db: Connection) -> None:
    before = changes(db)

    rules.set_constant(db, "hand_cost", 3, CAMILLE)

    assert changes(db) > before


def test_an_entry_whose_name_has_a_dot_can_be_changed(db: Connection) -> None:
    rules.set_constant(db, "default_aging.wish.channel", {"yearly_change": 0.5}, CAMILLE)

    assert rules.settings(db).default_aging["wish.channel"].yearly_change == 0.5


def test_what_a_person_changed_survives_an_upgrade(db: Connection) -> None:
    rules.set_constant(db, "hand_cost", 3, CAMILLE)

    rules.keep_shipped(db, NOON)

    assert rules.settings(db).hand_cost == 3
    assert rules.differs_from_shipped(rules.show(db, "guard"))


@pytest.mark.parametrize(
    ("name", "value", "code", "right"),
    [
        ("hand_coast", 3, "unknown_constant", "hand_cost"),
        ("harm_by_reach.hom", 3, "unknown_constant", "harm_by_reach.home"),
        ("hand_cost", -3, "wrong_rules", "Expected `float` >= 0.0"),
        ("hand_cost", "much", "wrong_rules", "Expected `float`, got `str`"),
        ("model_confidence_cap", 1.2, "wrong_rules", "Expected `float` <= 1.0"),
        ("hours", {"email": {"windows": ["7-29"]}}, "wrong_rules", None),
        ("version", 7, "unknown_constant", None),
    ],
)
def test_a_constant_that_cannot_be_is_refused(
    db: Connection, name: str, value: object, code: str, right: str | None
) -> None:
    with pytest.raises(Refusal) as refused:
        rules.set_constant(db, name, value, CAMILLE)

    assert refused.value.code == code
    assert right is None or refused.value.right == right
    assert history(db, "guard") == []


def test_who_changes_a_rule_says_why(db: Connection) -> None:
    with pytest.raises(rules.ReasonTooShort):
        rules.set_constant(db, "hand_cost", 3, Signed("camille", "so", NOON))


def test_a_table_can_be_replaced_and_counts_at_once(db: Connection) -> None:
    without = [rule for rule in french()["rules"] if rule["id"] != "FR-RET"]  # type: ignore[attr-defined]

    rules.replace(db, "FR", french(rules=without), CAMILLE)

    asked = rules.law(db).rules["FR"][Channel.EMAIL, Purpose.PROSPECTING]
    assert "FR-RET" not in [rule.id for _, rule in asked]
    assert dict.fromkeys(version for version, _ in asked if version.startswith("FR")) == {
        "FR:1": None
    }


def test_a_new_country_is_a_new_table(db: Connection) -> None:
    swiss = {
        "name": "CH",
        "words": {"en": "Switzerland", "fr": "Suisse"},
        "countries": ["CH"],
        "includes": ["EU"],
    }

    rules.replace(db, "CH", swiss, CAMILLE)

    assert rules.law(db).table_for("CH") == "CH"


@pytest.mark.parametrize(
    "wrong",
    [
        {"rules": [{"check": "nothing"}]},
        {"rules": [{"check": "hours", "id": "X"}]},
        {"name": "DE"},
        {"holidays": "Mars"},
        {"countrys": ["FR"]},
        {"rules": french()["rules"] * 2},  # type: ignore[operator]
        {"rules": [{**french()["rules"][0], "words": {"en": "x"}}]},  # type: ignore[index]
    ],
)
def test_a_table_that_cannot_be_is_refused_whole(db: Connection, wrong: dict[str, object]) -> None:
    with pytest.raises(rules.WrongRules):
        rules.replace(db, "FR", french(**wrong), CAMILLE)

    assert history(db, "FR") == []


def test_a_name_nobody_knows_is_refused_with_the_nearest(db: Connection) -> None:
    with pytest.raises(rules.UnknownRules) as refused:
        rules.show(db, "gard")

    assert refused.value.right == "guard"


def test_every_constant_says_what_it_is_for_in_both_languages() -> None:
    said = rules.sentences()

    assert set(said) == set(rules.plain(GuardSettings()))
    assert all(said[name][language] for name in said for language in LANGUAGES)


def test_every_rule_of_law_says_what_it_wants_in_both_languages() -> None:
    for table in rules.shipped_tables():
        for rule in table.rules:
            assert all(rule.words[language] and rule.source for language in LANGUAGES)


def test_every_table_is_one_that_could_be_given_back(db: Connection) -> None:
    for table in rules.shipped_tables():
        rules.replace(db, table.name, rules.plain(table), CAMILLE)

    assert rules.law(db).rules.keys() == rules.shipped_law().rules.keys()


def test_rules_are_shown_set_and_remembered_at_the_terminal(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from terrain.commands.rules import command  # noqa: PLC0415

    monkeypatch.setenv("TERRAIN_DATABASE_URL", fresh_database)
    signed = ["--by", "camille", "--because", "Calibrated with ten people", "--json"]
    (tmp_path / "ch.yaml").write_text(
        "name: CH\nwords: {en: Switzerland, fr: Suisse}\ncountries: [CH]\n"
    )

    def terrain(*arguments: str) -> object:
        done = CliRunner().invoke(command, arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return json.loads(done.output)

    terrain("set", "guard", "hand_cost", "3", *signed)
    terrain("set", "CH", "--file", str(tmp_path / "ch.yaml"), *signed)

    assert [row["version"] for row in terrain("history", "guard", "--json")] == [1]  # type: ignore[attr-defined]
    assert terrain("show", "guard", "--json")[0]["rules"]["hand_cost"] == 3  # type: ignore[index]
    assert "CH" in [row["kind"] for row in terrain("show", "--json")]  # type: ignore[attr-defined]
    assert "FR-TEL-H" in CliRunner().invoke(command, ["show", "FR"]).output
