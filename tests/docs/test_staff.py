"""What the documentation says that a role may do is what it may do."""

import pytest

from terrain.console.phrases import ROLES
from terrain.core.staff import GRANTS, May, Role
from terrain.words import say
from tests.docs.pages import ROOT

PAGES = {"en": "staff.md", "fr": "staff.fr.md"}
# How the table begins the line of each thing that one may do.
LINES = {
    May.LOOK: ("look at the house", "regarder la maison"),
    May.SEE_CUSTOMERS: ("see customers", "voir les clients"),
    May.SERVE_CUSTOMERS: ("serve customers", "servir les clients"),
    May.PROPOSE: ("propose", "proposer"),
    May.APPROVE: ("approve", "approuver"),
    May.PAUSE: ("pause", "suspendre"),
    May.PULL: ("pull", "tirer le cordon"),
    May.ANSWER: ("answer", "répondre"),
    May.TEND: ("tend the trays", "s’occuper des bacs"),
    May.AUDIT: ("audit", "lire le journal"),
    May.ADMINISTER: ("administer", "administrer les comptes, les rôles"),
}


def table(language: str) -> list[list[str]]:
    page = ROOT / "docs" / "how-to" / PAGES[language]
    lines = [line for line in page.read_text("utf-8").splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("language", PAGES)
def test_the_table_of_roles_says_what_each_role_grants(language: str) -> None:
    heading, _, *rows = table(language)
    called = {each: say("fr", ROLES[each]) if language == "fr" else each.value for each in Role}
    roles = {name: role for role, name in called.items()}
    assert sorted(heading[1:]) == sorted(roles)

    said = {
        (what, roles[name]): bool(cell)
        for row in rows
        for what, words in LINES.items()
        if row[0].startswith(words[language == "fr"])
        for name, cell in zip(heading[1:], row[1:], strict=True)
    }
    assert said == {(what, role): what in GRANTS[role] for what in May for role in Role}
