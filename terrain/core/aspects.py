"""Every field of an automation, and what people call it when it changes.

Promise: a field that is neither here nor among those that say nothing fails a test, so that no change
of a promise can ever pass unsaid.
"""

from terrain.core.automation import (
    Announcement,
    Ask,
    Automation,
    Branch,
    Change,
    Do,
    DoTask,
    End,
    Part,
    Question,
    Repeat,
    Send,
    Split,
    StartOnDate,
    StartOnEvent,
    StartOnSchedule,
    StartOnSegment,
    Terms,
    Wait,
    Way,
)

Label = tuple[str, str]  # English, French

# What an automation is known by, not what it says: the same file read twice differs in none of them.
SAYS_NOTHING: dict[type, frozenset[str]] = {
    Automation: frozenset({"name", "version", "digest"}),
    # What a step holds is compared step by step, and a way or a part by what it is called.
    Wait: frozenset({"then", "or_else"}),
    Send: frozenset({"or_else"}),
    Ask: frozenset({"or_else"}),
    Do: frozenset({"or_else"}),
    DoTask: frozenset({"then", "or_else"}),
    Repeat: frozenset({"steps"}),
    Branch: frozenset({"otherwise"}),
    Way: frozenset({"steps"}),
    Part: frozenset({"steps"}),
}
_NAME: Label = ("name", "nom")
_REACHED_BY: Label = ("channel", "canal")
_IF: Label = ("condition", "condition")
_AT: Label = ("time of day", "heure")
_ASK: Label = ("question asked first", "question posée d’abord")
_WITHIN: Label = ("at most", "au plus")

ASPECTS: dict[type, dict[str, Label]] = {
    Automation: {
        "owner": ("Owner", "Responsable"),
        "deputy": ("Deputy", "Suppléance"),
        "mandate": ("What it is for", "À quoi elle sert"),
        "benefit": ("Benefit to the customer", "Bénéfice pour le client"),
        "purpose": ("Purpose", "Finalité"),
        "starts": ("What starts it", "Ce qui la commence"),
        "steps": ("Steps", "Étapes"),
        "ends": ("What ends it wherever it stands", "Ce qui y met fin où qu’elle en soit"),
        "bounds": ("Bound", "Limite"),
        "looser_because": (
            "Why a bound is looser than usual",
            "Pourquoi une limite est plus large",
        ),
        "holdout": ("Held out, to compare with", "Groupe témoin"),
        "offers": ("What the customer may do", "Ce que le client peut faire"),
        "sector": ("Sector", "Secteur"),
        "lane": ("Lane", "File"),
    },
    StartOnEvent: {
        "when": ("event", "évènement"),
        "each": ("once for each", "une fois pour chaque"),
        "units": ("once for each unit of", "une fois pour chaque unité de"),
        "condition": _IF,
        "subject": ("what it is about", "ce dont il s’agit"),
    },
    StartOnSchedule: {
        "every": ("every", "chaque"),
        "at": _AT,
        "condition": ("for whom", "pour qui"),
        "day": ("day of the month", "jour du mois"),
        "month": ("month", "mois"),
    },
    StartOnSegment: {
        "condition": ("for whom", "pour qui"),
        "again_after": ("again after", "de nouveau après"),
    },
    StartOnDate: {
        "date": ("date", "date"),
        "yearly": ("every year", "chaque année"),
        "before": ("so long before", "tant de temps avant"),
        "after": ("so long after", "tant de temps après"),
        "at": _AT,
        "condition": _IF,
    },
    Wait: {
        "name": _NAME,
        "span": ("", ""),
        "until": ("until", "jusqu’à"),
        "stock": ("what is still in the drawer", "ce qui est encore dans le tiroir"),
        "event": ("until", "jusqu’à"),
        "condition": _IF,
        "within": _WITHIN,
    },
    Send: {
        "name": _NAME,
        "template": ("words", "texte"),
        "by": _REACHED_BY,
        "terms": ("terms", "termes"),
        "ask": _ASK,
        "values": ("what the words are filled with", "ce qui complète le texte"),
    },
    Ask: {
        "name": _NAME,
        "question": ("question", "question"),
        "by": _REACHED_BY,
        "terms": ("terms", "termes"),
    },
    Do: {
        "name": _NAME,
        "action": ("action", "action"),
        "terms": ("terms", "termes"),
        "payload": ("what the other system is told", "ce qui est dit à l’autre système"),
        "ask": _ASK,
        "announce": ("announced by", "annoncé par"),
    },
    Branch: {"name": _NAME, "ways": ("ways", "chemins")},
    Split: {"name": _NAME, "parts": ("parts", "parts")},
    Change: {
        "name": _NAME,
        "fact": ("fact", "fait"),
        "value": ("value", "valeur"),
        "named": ("value taken from", "valeur tirée de"),
    },
    DoTask: {
        "name": _NAME,
        "title": ("title", "intitulé"),
        "within": _WITHIN,
        "shows": ("what it shows", "ce qu’elle montre"),
    },
    Repeat: {
        "name": _NAME,
        "times": ("times at most", "fois au plus"),
        "every": ("every", "chaque"),
        "until": ("until", "jusqu’à"),
    },
    End: {"name": _NAME, "because": ("reason", "raison")},
    Way: {"when": _IF},
    Part: {"label": _NAME, "share": ("share", "part")},
    Terms: {
        "reach": ("reach", "portée"),
        "undo": ("undone", "défait"),
        "moment": ("what is at stake", "enjeu"),
        "benefit": ("benefit to the customer", "bénéfice pour le client"),
        "purpose": ("purpose", "finalité"),
        "waiting": ("who waits for it", "qui l’attend"),
        "assumes": ("what it assumes", "ce qu’il suppose"),
        "offers": ("what the customer may do", "ce que le client peut faire"),
        "solicited": ("the customer asked for it", "le client l’a demandé"),
        "adverse": ("takes something away", "retire quelque chose"),
        "significant": ("of what matters", "de ce qui compte"),
        "obligation": ("somebody is bound to do it", "quelqu’un y est tenu"),
        "complaint": ("complaint it is about", "réclamation concernée"),
        "product": ("product it is about", "produit concerné"),
        "lane": ("lane", "file"),
        "expires": ("no later than", "au plus tard"),
    },
    Question: {
        "about": ("about", "à propos de"),
        "words": ("words of the question", "texte de la question"),
        "answers": ("answers", "réponses"),
        "within": ("time to answer", "temps pour répondre"),
        "no_answer": ("no answer means", "sans réponse"),
        "by": ("asked by", "posée par"),
        "gaps": ("what its words are filled with", "ce qui complète son texte"),
    },
    Announcement: {
        "template": ("words of the announcement", "texte de l’annonce"),
        "before": ("announced so long before", "annoncé tant de temps avant"),
    },
}
SIGNALS: dict[str, Label] = {
    "complaint": ("complaints", "réclamations"),
    "spam": ("called spam", "signalements comme indésirable"),
    "stop": ("stops", "arrêts"),
    "bounce": ("bounces", "messages revenus"),
    "a_person": ("calls for a person", "demandes d’une personne"),
    "same_need": ("the same need again", "même besoin, à nouveau"),
    "wrong_assumption": ("wrong assumptions", "hypothèses fausses"),
    "override": ("overrides", "rectifications par l’équipe"),
    "dissatisfied": ("dissatisfied answers", "réponses insatisfaites"),
    "no_answer": ("questions without answer", "questions sans réponse"),
    "make_good": ("things made good", "gestes pour réparer"),
    "correction": ("corrections by customers", "corrections par les clients"),
}
