"""How fast a fact goes stale: the share of its certainty that is left at a later moment.

Promise: three laws and no more. A share of people changes each year; half is gone after so many
days; or a product is used up by Weibull's law, slowly at first and then nearly at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from terrain.core.catalogue import Aging
from terrain.core.fact import FactKey
from terrain.core.house import House

YEAR = timedelta(days=365.25)
DAYS_IN_A_MONTH = 30.4375
STEEPNESS = 3
# Something is used for about so long where nobody declared how long it lasts.
LIFE_OF_ANYTHING = timedelta(days=5 * 365.25)
NEVER = Aging()


class AgingOfProduct(Aging, frozen=True, kw_only=True):
    """Ageing by a lifetime that is already looked up."""

    life: timedelta = LIFE_OF_ANYTHING


def aging_of(key: FactKey, house: House) -> Aging:
    """Return how this fact ages: as the catalogue says, else as the settings say, else never."""
    kind = house.catalogue.facts.get(key.fact)
    aging = kind.aging if kind is not None else NEVER
    if aging == NEVER:
        aging = house.settings.default_aging.get(key.fact, NEVER)
    if not aging.product_life:
        return aging
    return AgingOfProduct(product_life=True, life=_life_of(key.about, house))


def kept(aging: Aging, said_at: datetime, since: datetime, until: datetime) -> float:
    """Return the share of the certainty at `since` that is left at `until`."""
    if until <= since:
        return 1.0
    if isinstance(aging, AgingOfProduct):
        before, after = (max(0.0, (at - said_at) / aging.life) for at in (since, until))
        return float(0.5 ** (after**STEEPNESS - before**STEEPNESS))
    if aging.half_life_days:
        return float(0.5 ** ((until - since) / timedelta(days=aging.half_life_days)))
    if aging.yearly_change:
        return float((1 - aging.yearly_change) ** ((until - since) / YEAR))
    return 1.0


def _life_of(sku: str, house: House) -> timedelta:
    product = house.catalogue.products.get(sku)
    if product is None:
        return LIFE_OF_ANYTHING
    # What is bought again and again is used as long as what it goes into, not as long as one of it.
    span = product.used_for or (None if product.reorder else product.lifetime)
    if span is None:
        return LIFE_OF_ANYTHING
    life = timedelta(days=span.months * DAYS_IN_A_MONTH + span.days, seconds=span.seconds)
    return life if life > timedelta() else LIFE_OF_ANYTHING
