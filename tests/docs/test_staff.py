"""What the documentation says that a role may do is what it may do."""

from terrain.core.staff import GRANTS, May, Role
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "how-to" / "staff.md"
# How the table begins the line of each thing that one may do.
LINES = {
    May.LOOK: "look at the house",
    May.SEE_CUSTOMERS: "see customers",
    May.SERVE_CUSTOMERS: "serve customers",
    May.PROPOSE: "propose",
    May.APPROVE: "approve",
    May.PAUSE: "pause",
    May.PULL: "pull",
    May.ANSWER: "answer",
    May.TEND: "tend the trays",
    May.AUDIT: "audit",
    May.ADMINISTER: "administer",
}


def table() -> list[list[str]]:
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_table_of_roles_says_what_each_role_grants() -> None:
    heading, _, *rows = table()
    roles = [Role(name) for name in heading[1:]]
    assert set(roles) == set(Role)

    said = {
        (what, role): bool(cell)
        for row in rows
        for what, words in LINES.items()
        if row[0].startswith(words)
        for role, cell in zip(roles, row[1:], strict=True)
    }
    assert said == {(what, role): what in GRANTS[role] for what in May for role in Role}
