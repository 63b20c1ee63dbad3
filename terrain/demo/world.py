"""Who lives in the demo: a few hundred customers, and the truth about each that no system sees.

Promise: pure. The same seed and opening day give the same people, for ever. Léa and Omar are always
among them, with the lives that the stories tell.
"""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from terrain.demo.chance import between, draw, happens, in_turn, pick

SEED = "terrain"
EIGHTEEN_MONTHS = 548
CUSTOMERS = 360
FILTER, SHOES = "filter-a", ("shoes-38", "shoes-40", "shoes-42", "shoes-44")
FILTER_LIFE = 183  # days, as the maker says: six months

# fmt: off
FIRST_NAMES = (
    "Adèle", "Amine", "Anaïs", "Antoine", "Awa", "Baptiste", "Béatrice", "Bilal", "Cécile", "Chloé",
    "Damien", "Diane", "Elena", "Élodie", "Émile", "Fanny", "Farid", "Florian", "Gaëlle", "Hugo",
    "Ibrahim", "Jeanne", "Jules", "Karim", "Laure", "Lucas", "Maïwenn", "Malik", "Margot", "Mathis",
    "Nadia", "Noémie", "Olivier", "Paul", "Rachel", "Samir", "Sofia", "Théo", "Yann", "Zoé",
)
LAST_NAMES = (
    "Arnaud", "Aubert", "Barbier", "Benali", "Blanc", "Bonnet", "Caron", "Chevalier", "Cissé",
    "Colin", "Da Silva", "Dubois", "Dupuis", "Fabre", "Faure", "Fontaine", "Garnier", "Girard",
    "Haddad", "Henry", "Jacquet", "Keita", "Lacroix", "Lambert", "Le Gall", "Lefèvre", "Legrand",
    "Mercier", "Meunier", "Moreau", "Noël", "Perrin", "Picard", "Renaud", "Rousseau", "Sanchez",
    "Schmitt", "Thomas", "Traoré", "Vidal",
)
STREETS = (
    "rue des Lilas", "rue du Moulin", "avenue de la Gare", "place de l’Église", "chemin du Lavoir",
    "quai Nord", "boulevard Voltaire", "impasse des Tilleuls",
)
TOWNS = (
    "13001 Marseille", "29200 Brest", "31000 Toulouse", "33000 Bordeaux", "35000 Rennes",
    "38000 Grenoble", "44000 Nantes", "59000 Lille", "67000 Strasbourg", "69003 Lyon",
    "75011 Paris", "76600 Le Havre",
)
# fmt: on
# What kind of people they are, as shares of all. The grades of the demo rest on these: `docs/why/grades.md`.
HAVE_A_MACHINE, STOP_USING_IT, RUN = 0.8, 0.07, 0.6
AT_A_TIME = (1, 1, 2, 3)  # filters
READS_MAIL = (0.95, 0.95, 0.9, 0.9, 0.85, 0.75, 0.5, 0.2)
NOTICE = (0.15, 0.35, 0.6)  # by themselves that it is time
AS_THE_MAKER_SAYS, SOONER_THAN_HE_SAYS = (
    0.75,
    0.1,
)  # how long a filter lasts; with the others longer
DISLIKE_CONTACT = 0.07
EAGER = (
    0.97,
    0.92,
    0.8,
    0.5,
)  # how often a runner would be glad of an earlier parcel, when at home
AWAY = 0.1  # on the earlier day
DOMAINS = ("example.org", "example.com", "example.net")


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """A pair of shoes she will order, and what is true about that parcel.

    `promised` is the day that delivery was chosen for, `sooner` the day the warehouse could make
    it, if it could. `wants_sooner` and `away` (on that sooner day) are the truth.
    """

    order: str
    on: date
    sku: str
    promised: date
    sooner: date | None
    last_pair: bool
    wants_sooner: bool
    away: bool


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """What only the customer knows.

    `pace`: how long a filter lasts in this kitchen, as a share of the maker's six months;
    `notices`: how often she thinks of it by herself.
    """

    pace: float = 1.0
    stops_using_on: date | None = None
    reads_mail: float = 0.85
    notices: float = 0.35
    pet: str = "none"
    dislikes_contact: bool = False
    moves_on: date | None = None


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """One customer of the shop: what everyone may know, and the truth."""

    user_id: str
    first_name: str
    last_name: str
    email: str
    language: str
    address: str
    next_address: str
    joined: date
    buys_filters: int = 0  # how many at a time; none for those who only run
    buys_early_on: date | None = None
    complains_on: date | None = None
    agrees: bool = True
    platform_says: str = ""
    says_pet_on: date | None = None
    errands: tuple[Errand, ...] = ()
    truth: Truth = Truth()


def people(opened: date, customers: int = CUSTOMERS, seed: str = SEED) -> tuple[Person, ...]:
    """Return everybody, Léa and Omar first."""
    return (lea(opened), omar(opened), *(a_person(n, opened, seed) for n in range(2, customers)))


def lea(opened: date) -> Person:
    """Stories 1, 2 and 6: three filters, the shoes that came while she was away, the cat."""
    return Person(
        user_id="lea",
        first_name="Léa",
        last_name="Martin",
        email="lea.martin@example.org",
        language="fr",
        address="12 rue des Lilas, 69003 Lyon",
        next_address="12 rue des Lilas, 69003 Lyon",
        joined=opened,
        buys_filters=3,
        platform_says="dog",
        says_pet_on=opened + timedelta(days=40),
        errands=(
            Errand(
                order="S-lea-1",
                on=opened + timedelta(days=300),
                sku="shoes-38",
                promised=opened + timedelta(days=307),
                sooner=opened + timedelta(days=302),
                last_pair=True,
                wants_sooner=False,
                away=True,
            ),
        ),
        truth=Truth(pace=1.25, reads_mail=1.0, notices=1.0, pet="cat"),
    )


def omar(opened: date) -> Person:
    """Stories 1 and 7: buys more before the last one is used up; has a complaint open later on."""
    return Person(
        user_id="omar",
        first_name="Omar",
        last_name="Diallo",
        email="omar.diallo@example.org",
        language="fr",
        address="3 quai Nord, 44000 Nantes",
        next_address="3 quai Nord, 44000 Nantes",
        joined=opened,
        buys_filters=2,
        buys_early_on=opened + timedelta(days=240),
        complains_on=opened + timedelta(days=367),
        truth=Truth(pace=1.0, reads_mail=1.0, notices=0.0),
    )


def a_person(number: int, opened: date, seed: str) -> Person:
    """Return the customer of this number, drawn."""
    who = f"{seed}:{number}"
    first, last = pick(FIRST_NAMES, who, "first"), pick(LAST_NAMES, who, "last")
    joined = opened + timedelta(days=int(240 * draw(who, "joined") ** 2))
    has_machine = in_turn(number, seed, "machine") < HAVE_A_MACHINE
    filters = (
        AT_A_TIME[int(in_turn(number, seed, "filters") * len(AT_A_TIME))] if has_machine else 0
    )
    pet = pick(("cat", "cat", "dog", "none", "none"), who, "pet")
    dislikes = in_turn(number, seed, "dislikes") < DISLIKE_CONTACT
    has_said = happens(0.5, who, "says pet")
    return Person(
        user_id=f"c{number:04d}",
        first_name=first,
        last_name=last,
        email=f"customer.{number:04d}@{pick(DOMAINS, who, 'domain')}",
        language="en" if happens(0.15, who, "language") else "fr",
        address=_address(who, "first"),
        next_address=_address(who, "next"),
        joined=joined,
        buys_filters=filters,
        buys_early_on=_early(who, joined) if filters else None,
        # Whoever would rather be left alone seldom ticks a box that says the contrary.
        agrees=happens(0.1 if dislikes else 0.95, who, "agrees"),
        platform_says=_guess_of_the_platform(who, pet),
        says_pet_on=joined + timedelta(days=between(5, 300, who, "pet day")) if has_said else None,
        errands=_errands(seed, number, joined, opened + timedelta(days=EIGHTEEN_MONTHS)),
        truth=_truth(seed, number, joined, Truth(pet=pet, dislikes_contact=dislikes)),
    )


def _truth(seed: str, number: int, joined: date, so_far: Truth) -> Truth:
    who = f"{seed}:{number}"
    stops = joined + timedelta(days=between(30, 500, who, "stops on"))
    moves = joined + timedelta(days=between(60, 540, who, "moves on"))
    return msgspec.structs.replace(
        so_far,
        pace=_pace(in_turn(number, seed, "pace kind"), draw(who, "pace")),
        stops_using_on=stops if in_turn(number, seed, "stops") < STOP_USING_IT else None,
        reads_mail=READS_MAIL[int(in_turn(number, seed, "reads") * len(READS_MAIL))],
        notices=NOTICE[int(in_turn(number, seed, "notices") * len(NOTICE))],
        moves_on=moves if happens(0.13, who, "moves") else None,
    )


def _pace(kind: float, within: float) -> float:
    if kind < AS_THE_MAKER_SAYS:
        return 0.92 + 0.2 * within
    return 1.2 + 0.5 * within if kind < 1 - SOONER_THAN_HE_SAYS else 0.7 + 0.15 * within


def _early(who: str, joined: date) -> date | None:
    day = joined + timedelta(days=between(60, 400, who, "early on"))
    return day if happens(0.15, who, "early") else None


def _guess_of_the_platform(who: str, pet: str) -> str:
    """Return what the marketing platform believes: it bought a list, and the list likes dogs."""
    if not happens(0.6, who, "platform"):
        return ""
    return pet if happens(0.45, who, "platform is right") else "dog"


def _address(who: str, which: str) -> str:
    number, street = between(1, 120, who, which, "n"), pick(STREETS, who, which, "street")
    return f"{number} {street}, {pick(TOWNS, who, which, 'town')}"


def _errands(seed: str, number: int, joined: date, end: date) -> tuple[Errand, ...]:
    if in_turn(number, seed, "runs") >= RUN:
        return ()
    who = f"{seed}:{number}"
    eager = EAGER[int(in_turn(number, seed, "eager") * len(EAGER))]
    found: list[Errand] = []
    on = joined + timedelta(days=between(3, 70, who, "first errand"))
    while on < end - timedelta(days=10):
        found.append(_errand(who, f"S-{number:04d}-{len(found) + 1}", on, eager))
        on += timedelta(days=between(70, 190, who, "errand", len(found)))
    return tuple(found)


def _errand(who: str, order: str, on: date, eager: float) -> Errand:
    promised = on + timedelta(days=between(5, 7, who, order, "promised"))
    could = happens(0.72, who, order, "could")
    away = happens(AWAY, who, order, "away")
    return Errand(
        order=order,
        on=on,
        sku=pick(SHOES, who, order, "sku"),
        promised=promised,
        sooner=on + timedelta(days=2) if could else None,
        last_pair=happens(0.2, who, order, "last pair"),
        wants_sooner=not away and happens(eager, who, order, "sooner"),
        away=away,
    )
