"""Makes the proposal of a step as the guard will weigh it, and the content of the act that follows.

Promise: what may depend on facts is settled here, for this customer, now; and everything a message, a
question or a webhook will say is in its content, so that nothing has to be looked up when it leaves.
"""

from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from terrain.core.act import (
    ActKind,
    AskBy,
    Assumption,
    Benefit,
    Lane,
    Moment,
    Proposal,
    Reach,
    Undo,
    Waiting,
)
from terrain.core.automation import (
    Announcement,
    Ask,
    Automation,
    Declared,
    Do,
    Offer,
    Question,
    Send,
    Terms,
)
from terrain.core.belief import believe
from terrain.core.catalogue import Product
from terrain.core.condition import holds
from terrain.core.consent import ADDRESS_OF, Channel, Purpose
from terrain.core.fact import FactKey
from terrain.core.name import Name, Root, as_about
from terrain.core.run import Run
from terrain.core.scene import Scene, key_of_fact
from terrain.core.sentence import say_span, say_value

E = TypeVar("E", bound=StrEnum)
Acting = Send | Ask | Do

_LANGUAGE = FactKey("language")
_LANGUAGES = ("fr", "en")
# Whoever is in danger is warned, whether or not the last warning was of help.
_MAY_BE_JUDGED = (Benefit.PLEASANT, Benefit.USEFUL, Benefit.IMPORTANT)


class Ground:
    """What a proposal stands on: the step, its automation, its run and what the customer knows."""

    __slots__ = ("automation", "run", "scene", "step")

    def __init__(self, automation: Automation, run: Run, step: Acting, scene: Scene) -> None:
        self.automation = automation
        self.run = run
        self.step = step
        self.scene = scene


def proposal_of(ground: Ground, *, agreed: bool) -> Proposal:
    """Return the act of a step. `agreed`: the customer said yes to it, so it rests on that alone."""
    step, terms = ground.step, ground.step.terms
    channel = Channel.WEBHOOK if isinstance(step, Do) else step.by
    recipient = ADDRESS_OF.get(channel, "")
    question = step.question if isinstance(step, Ask) else step.ask
    return Proposal(
        **_common(ground, terms),
        step=step.name,
        act=_KINDS[type(step)],
        name=_name_of(step),
        reach=terms.reach,
        undo=_settled(terms.undo, Undo, ground.scene),
        channel=channel,
        moment=_settled(terms.moment, Moment, ground.scene),
        waiting=_settled(terms.waiting, Waiting, ground.scene),
        assumes=_assumptions(ground, recipient if agreed else None),
        can_ask=question is not None and not isinstance(step, Ask) and not agreed,
        solicited=terms.solicited or agreed,
        adverse=terms.adverse,
        significant=terms.significant,
        obligation=terms.obligation,
        recipient=recipient,
        ask_by=question.by if question else AskBy.INBOX,
    )


def announcement_of(ground: Ground, announce: Announcement) -> Proposal:
    """Return the message that tells the customer what is about to be done."""
    common = _common(ground, ground.step.terms) | {"purpose": Purpose.SERVICE}
    return Proposal(
        **common,
        # A name of its own: both are decided at the same moment, and each decision is kept.
        step=f"{ground.step.name}:announced",
        act=ActKind.SEND,
        name=announce.template,
        reach=Reach.INBOX,
        undo=Undo.BY_CUSTOMER,
        channel=Channel.EMAIL,
        assumes=(Assumption(key=FactKey("email")),),
        can_ask=False,
        solicited=True,
        recipient="email",
    )


def lane_of(ground: Ground, proposal: Proposal) -> Lane:
    """Return the queue it leaves by; what somebody waits for or what is vital is urgent."""
    if ground.step.terms.lane is not None:
        return ground.step.terms.lane
    if proposal.benefit is Benefit.VITAL or proposal.waiting is not Waiting.NOBODY:
        return Lane.URGENT
    return ground.automation.lane


def message_content(ground: Ground, template: str) -> dict[str, Any]:
    """Return what a message is made of: its template, its language, its values, what it offers."""
    language = language_of(ground.scene)
    offers = [str(offer) for offer in ground.step.terms.offers]
    return {
        "template": template,
        "language": language,
        "values": values_of(ground, language),
        "offers": offers or [str(Offer.A_PERSON)],
        "subject": ground.run.subject,
    }


def webhook_content(ground: Ground, step: Do) -> dict[str, Any]:
    """Return what a webhook carries, and whether its receiver counts one key once."""
    action = ground.scene.house.catalogue.actions.get(step.action)
    payload = {word: _plain(ground.scene.look_up(name)) for word, name in step.payload.items()}
    return {
        "action": step.action,
        "url": action.url if action else "",
        "idempotent": bool(action and action.idempotent),
        "payload": payload | {"subject": ground.run.subject},
    }


def question_words(ground: Ground, question: Question) -> dict[str, str] | None:
    """Return the question with its gaps filled, or None where one of them cannot be."""
    found = {}
    for language, words in question.words.items():
        filled = words
        for gap, name in question.gaps.items():
            value = ground.scene.look_up(name)
            if value is None:
                return None
            said = say_value(_spoken(value, language), language)
            filled = filled.replace(f"{{{gap}}}", said)
        found[language] = filled
    return found


def language_of(scene: Scene) -> str:
    """Return the language to write in: the customer's, else the company's."""
    if _LANGUAGE in scene.customer.claims:
        belief = believe(scene.customer, _LANGUAGE, scene.house, scene.now)
        spoken = str(belief.value)[:2].lower() if belief else ""
        if spoken in _LANGUAGES:
            return spoken
    return scene.house.company.language


def values_of(ground: Ground, language: str) -> dict[str, Any]:
    """Return what the words of a message may speak of. What is unknown is left out: a gap is told."""
    scene, context = ground.scene, ground.scene.context
    event = context.get("event") or {}
    found: dict[str, Any] = {
        "customer": reader(scene),
        "event": dict(event.get("properties", {})) | {"at": event.get("at")},
        "subject": ground.run.subject,
    }
    product = _product_here(ground)
    if product is not None:
        found["product"] = _said_product(product, language)
    for key in ("item", "unit", "answer", "outcome", "part"):
        if context.get(key) is not None:
            found[key] = context[key]
    named = ground.step.values if isinstance(ground.step, Send) else {}
    for word, name in named.items():
        value = _spoken(scene.look_up(name), language)
        if value is not None:
            found[word] = value
    return {key: _plain(value) for key, value in found.items()}


def key_here(name: Name, scene: Scene) -> FactKey:
    """Return which fact is meant here; about nothing, where what it is about is unknown."""
    return key_of_fact(name, scene) or FactKey(name.fact)


def benefit_of(ground: Ground) -> Benefit:
    """Return what it is worth: what the owner declared, unless this customer said it does not help."""
    declared = ground.step.terms.benefit or ground.automation.benefit
    benefit = _settled(declared, Benefit, ground.scene)
    return Benefit.NONE if benefit in _MAY_BE_JUDGED and _does_not_help(ground) else benefit


def _does_not_help(ground: Ground) -> bool:
    scene, key = ground.scene, FactKey("help", ground.automation.name)
    if key not in scene.customer.claims:
        return False
    belief = believe(scene.customer, key, scene.house, scene.now)
    return belief is not None and belief.value is False


def _common(ground: Ground, terms: Terms) -> dict[str, Any]:
    scene = ground.scene
    return {
        "automation": ground.automation.name,
        "version": ground.automation.version,
        "purpose": terms.purpose or ground.automation.purpose,
        "benefit": benefit_of(ground),
        "complaint": _about(terms.complaint, scene),
        "sector": ground.automation.sector,
        "product": _about(terms.product, scene) or ground.run.stock,
        "run_id": ground.run.run_id,
        "subject": ground.run.subject,
    }


def _assumptions(ground: Ground, only: str | None) -> tuple[Assumption, ...]:
    """Return what the act relies on; with `only`, nothing but the fact that holds the address."""
    return tuple(
        Assumption(key=key_here(one.name, ground.scene), expects=one.expects, words=one.name.text)
        for one in ground.step.terms.assumes
        if only is None or one.name.fact == only
    )


def _settled(declared: Declared, kind: type[E], scene: Scene) -> E:
    for case in declared.cases:
        if holds(case.when, scene):
            return kind(case.value)
    otherwise: E = _member(kind, declared.otherwise)
    return otherwise


@cache
def _member(kind: type[StrEnum], value: str) -> Any:
    return kind(value)


def _name_of(step: Acting) -> str:
    if isinstance(step, Send):
        return step.template
    return step.action if isinstance(step, Do) else step.question.about.text


def _about(name: Name | None, scene: Scene) -> str:
    return (as_about(scene.look_up(name)) or "") if name else ""


def reader(scene: Scene) -> dict[str, Any]:
    """Return what a letter calls its reader by; nothing where their name is not believed."""
    belief = believe(scene.customer, FactKey("name"), scene.house, scene.now)
    name = belief.value if belief and isinstance(belief.value, str) else ""
    return {"name": name, "first_name": name.split(" ")[0]}


def _product_here(ground: Ground) -> Product | None:
    name = ground.step.terms.product
    value = ground.scene.look_up(name) if name else None
    if value is None and ground.scene.context.get("item") is not None:
        value = ground.scene.look_up(_ITEM_PRODUCT)
    return value if isinstance(value, Product) else None


def _said_product(product: Product, language: str) -> dict[str, Any]:
    name = product.words.get(language) or product.properties.get("name") or product.sku
    said = {
        **product.properties,
        "sku": product.sku,
        "name": name,
        "lifetime": say_span(product.lifetime, language) if product.lifetime else None,
        "how_to": product.how_to or None,
        "reorder": product.reorder or None,
    }
    return {key: value for key, value in said.items() if value is not None}


def _spoken(value: Any, language: str) -> Any:
    return _said_product(value, language)["name"] if isinstance(value, Product) else value


def _plain(value: Any) -> Any:
    """Return a value as it is stored: what JSON knows, and moments."""
    if type(value) in _STORED:  # nearly always
        return value
    if isinstance(value, Product):
        return value.sku
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if each is not None}
    return value if isinstance(value, tuple(_STORED)) else str(value)


_STORED = frozenset({str, int, float, bool, list, datetime, type(None)})
_ITEM_PRODUCT = Name(text="item.product", root=Root.ITEM, path=("product",))
_KINDS = {Send: ActKind.SEND, Ask: ActKind.ASK, Do: ActKind.DO}
