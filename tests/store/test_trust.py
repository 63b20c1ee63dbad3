"""Which map lies: the platform said dog, she says cat."""

from psycopg import Connection

from terrain.core.fact import EvidenceKind, SourceKind
from terrain.core.identifier import Identifier, Kind
from terrain.core.settings import GuardSettings
from terrain.core.trust import Trust, worst_first
from terrain.store import claims, evidence
from terrain.store.identifiers import resolve
from terrain.store.trust import report
from tests.people import MONTH, NOON, YEAR, a_claim, an_evidence

SETTINGS = GuardSettings()


def told(wrong: int, right: int) -> Trust:
    return Trust(
        source="platform",
        kind=SourceKind.INFERRED,
        fact="pet",
        said=wrong + right,
        right=right,
        wrong_by_customer=wrong,
        wrong_by_evidence=0,
    )


def test_the_platform_is_wrong_where_the_customer_says_otherwise(db: Connection) -> None:
    names = [Identifier(Kind.USER_ID, f"u{number}") for number in range(3)]
    nodes = resolve(db, names, NOON)
    said = ["cat", "dog", None]
    rows = [(nodes[name], a_claim("dog", "platform", fact="pet")) for name in names]
    rows += [(nodes[n], a_claim(v, fact="pet")) for n, v in zip(names, said, strict=True) if v]
    claims.save(db, rows)
    platform = next(each for each in report(db) if each.source == "platform")

    assert (platform.said, platform.right, platform.wrong_by_customer) == (3, 1, 1)
    assert platform.share_wrong == 0.5


def test_an_express_correction_and_a_bounce_count_and_an_old_truth_does_not(db: Connection) -> None:
    lea, omar = resolve(db, [Identifier(Kind.USER_ID, each) for each in "ab"], NOON).values()
    claims.save(
        db,
        [
            (lea, a_claim("old street", "shop", 3 * YEAR)),
            (lea, a_claim("new street", "page", MONTH)),
            (omar, a_claim("omar@example.org", "crm", YEAR, fact="email")),
            (omar, a_claim("dog", "platform", YEAR, fact="pet")),
        ],
    )
    evidence.save(
        db,
        [
            (omar, an_evidence(EvidenceKind.BOUNCE, "omar@example.org", MONTH, fact="email")),
            (omar, an_evidence(EvidenceKind.DENIED, "dog", MONTH, fact="pet")),
        ],
    )
    found = {(each.source, each.fact): each for each in report(db)}

    assert found["shop", "address"].wrong == 0
    assert found["crm", "email"].wrong_by_evidence == 1
    assert found["platform", "pet"].wrong_by_customer == 1


def test_a_handful_of_tests_condemns_nobody() -> None:
    assert told(0, 0).share_wrong is None
    assert not told(2, 0).is_believed_too_much(SETTINGS)
    assert told(20, 5).is_believed_too_much(SETTINGS)
    assert not told(8, 20).is_believed_too_much(SETTINGS)
    assert worst_first([told(8, 20), told(20, 5)]) == [told(20, 5), told(8, 20)]
