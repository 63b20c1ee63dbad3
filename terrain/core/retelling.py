"""An automation retold to people, piece by piece: each step, each value that its file may hold.

Promise: whatever a file can say has words in French and in English, and they say what is run.
"""

from collections.abc import Callable
from datetime import time
from typing import Any

from terrain.core.automation import (
    Announcement,
    Ask,
    Assumed,
    Branch,
    Change,
    DateOf,
    Declared,
    Do,
    DoTask,
    End,
    EndsWhen,
    Part,
    Question,
    Repeat,
    Send,
    Split,
    StartOnDate,
    StartOnEvent,
    StartOnSchedule,
    StartOnSegment,
    Step,
    Wait,
    Way,
)
from terrain.core.catalogue import Catalogue
from terrain.core.condition import ALWAYS, All, AnyOf, Holds, NoneOf
from terrain.core.duration import Span
from terrain.core.name import Name
from terrain.core.promise import start_said
from terrain.core.sentence import say_name, say_span, say_value, sentence

# What the words of a file are called, whichever key holds them.
CALLED: dict[str, tuple[str, str]] = {
    "inbox": ("their inbox", "leur boîte de réception"),
    "phone": ("their phone", "leur téléphone"),
    "account": ("their account", "leur compte"),
    "home": ("their home", "leur domicile"),
    "by_customer": ("by the customer", "par le client"),
    "easily": ("easily", "facilement"),
    "hard": ("hardly", "difficilement"),
    "never": ("never", "jamais"),
    "routine": ("routine", "courant"),
    "important": ("important", "important"),
    "critical": ("critical", "critique"),
    "none": ("none", "aucun"),
    "pleasant": ("pleasant", "agréable"),
    "useful": ("useful", "utile"),
    "vital": ("vital", "vital"),
    "nobody": ("nobody", "personne"),
    "waiting": ("somebody waits", "quelqu’un attend"),
    "danger": ("danger", "danger"),
    "service": ("service", "service"),
    "prospecting": ("prospecting", "prospection"),
    "legal_obligation": ("legal obligation", "obligation légale"),
    "safety": ("safety", "sécurité"),
    "email": ("e-mail", "e-mail"),
    "sms": ("text message", "SMS"),
    "call": ("phone call", "appel"),
    "chat": ("chat", "messagerie instantanée"),
    "post": ("post", "courrier"),
    "webhook": ("another system", "un autre système"),
    "shadow": ("writing it down only", "simple notation"),
    "conversation": ("conversation", "conversation"),
    "urgent": ("urgent", "urgente"),
    "usual": ("usual", "habituelle"),
    "bulk": ("bulk", "en nombre"),
    "watch_how_to": ("watch how to", "voir comment faire"),
    "reorder": ("reorder", "recommander"),
    "move_the_date": ("move the date", "déplacer la date"),
    "answer": ("answer", "répondre"),
    "stop_these": ("stop these", "arrêter ces messages"),
    "stop_all": ("stop all", "tout arrêter"),
    "correct_facts": ("correct facts", "corriger ce qu’on croit"),
    "a_person": ("a person", "une personne"),
}
_FORMS = {
    "en": {
        "nothing": "nothing",
        "yes": "yes",
        "no": "no",
        "in": "{n} in {of}",
        "plus": "{span} after {date}",
        "minus": "{span} before {date}",
        "at": "{date}, at {time}",
        "or else": ", or else ",
        "if": "{value} if {condition}",
        "otherwise": "{cases}, otherwise {value}",
        "is": "{name} is {value}",
        "event, if": "{event}, if {condition}",
        "wait": "wait {span}",
        "wait until": "wait until: {date}",
        "wait event": "wait until {event}, at most {span}",
        "send": "send “{name}” by {by}",
        "ask": "ask about: {about}",
        "do": "do: {name}",
        "branch": "choose a way",
        "way": "if {condition}",
        "other way": "otherwise",
        "split": "share people out",
        "part": "{share} go to “{label}”",
        "change": "note: {fact} is {value}",
        "task": "for a person: “{title}”",
        "repeat": "again, {times} times at most",
        "repeat every": "again every {span}, {times} times at most",
        "end": "end: {because}",
        "then": "then",
        "or_else": "or else",
        "steps": "each time",
        "about": "about {about}: “{words}”",
        "announced": "“{template}”, {span} before",
        "the wait": "the wait before {next}",
        "the last wait": "the last wait",
        "the send": "the message “{name}”",
        "the ask": "the question “{name}”",
        "the do": "the act “{name}”",
        "the branch": "the choice “{name}”",
        "the split": "the sharing out “{name}”",
        "the change": "the note “{name}”",
        "the task": "the task “{name}”",
        "the repeat": "the repetition “{name}”",
        "the end": "the end “{name}”",
    },
    "fr": {
        "nothing": "rien",
        "yes": "oui",
        "no": "non",
        "in": "{n} sur {of}",
        "plus": "{span} après {date}",
        "minus": "{span} avant {date}",
        "at": "{date}, à {time}",
        "or else": ", sinon ",
        "if": "{value} si {condition}",
        "otherwise": "{cases}, sinon {value}",
        "is": "{name} vaut {value}",
        "event, if": "{event}, si {condition}",
        "wait": "attendre {span}",
        "wait until": "attendre : {date}",
        "wait event": "attendre : {event}, au plus {span}",
        "send": "envoyer « {name} » par {by}",
        "ask": "demander : {about}",
        "do": "faire : {name}",
        "branch": "choisir un chemin",
        "way": "si {condition}",
        "other way": "sinon",
        "split": "répartir les personnes",
        "part": "{share} vers « {label} »",
        "change": "noter : {fact} vaut {value}",
        "task": "pour une personne : « {title} »",
        "repeat": "de nouveau, {times} fois au plus",
        "repeat every": "de nouveau chaque {span}, {times} fois au plus",
        "end": "fin : {because}",
        "then": "ensuite",
        "or_else": "sinon",
        "steps": "chaque fois",
        "about": "à propos de {about} : « {words} »",
        "announced": "« {template} », {span} avant",
        "the wait": "l’attente avant {next}",
        "the last wait": "la dernière attente",
        "the send": "le message « {name} »",
        "the ask": "la question « {name} »",
        "the do": "l’acte « {name} »",
        "the branch": "le choix « {name} »",
        "the split": "la répartition « {name} »",
        "the change": "la note « {name} »",
        "the task": "la tâche « {name} »",
        "the repeat": "la répétition « {name} »",
        "the end": "la fin « {name} »",
    },
}
_Sayer = Callable[["Tongue", Any], str]


class Tongue:
    """Says the pieces of an automation in one language, with the names that one catalogue has."""

    def __init__(self, language: str, catalogue: Catalogue) -> None:
        self.language = language
        self.catalogue = catalogue

    def form(self, key: str, /, **gaps: object) -> str:
        return self.tied(_FORMS[self.language][key].format(**gaps))

    def quoted(self, text: str) -> str:
        return self.tied(f"« {text} »") if self.language == "fr" else f"“{text}”"

    def tied(self, text: str) -> str:
        """Return the text with French signs tied to their words, so that no line begins with one."""
        if self.language != "fr":
            return text
        for loose, tied in (
            ("« ", "«\u00a0"),
            (" »", "\u00a0»"),
            (" :", "\u00a0:"),
            (" %", "\u00a0%"),
        ):
            text = text.replace(loose, tied)
        return text

    def word(self, said: str) -> str:
        """Return what a word of the file is called; a name that its writer chose stays as it is."""
        return CALLED[said][self.language == "fr"] if said in CALLED else said

    def of_words(self, words: dict[str, str]) -> str:
        return words.get(self.language) or next(iter(words.values()), "")

    def said(self, value: Any) -> str:
        """Return any value of a file as people would say it."""
        sayer = _SAYERS.get(type(value))
        if sayer is not None:
            return sayer(self, value)
        if value is None or value in ("", (), {}):
            return self.form("nothing")
        if isinstance(value, tuple):
            return ", ".join(self.said(each) for each in value)
        if isinstance(value, dict):
            return ", ".join(f"{key}: {self.said(each)}" for key, each in value.items())
        return self.word(value) if isinstance(value, str) else say_value(value, self.language)

    def share(self, share: float) -> str:
        """Return "5 in 1000", the way bounds are declared."""
        of = next((of for of in (100, 1000, 10_000) if share * of >= 1), 100_000)
        return self.form("in", n=f"{share * of:g}", of=of)

    def called(self, step: Step, after: Step | None = None) -> str:
        """Return the step as one speaks of it: "the wait before the message “hello”"."""
        if isinstance(step, Wait):
            if after is None or isinstance(after, Wait):
                return self.form("the last wait") if after is None else self.quoted(step.name)
            return self.form("the wait", next=self.called(after))
        return self.form(f"the {kind_of(step)}", name=step.name)

    def step(self, step: Step) -> str:
        """Return what one step does, in one line and without what it holds."""
        return _STEPS[type(step)](self, step)

    def block(self, step: Step, label: str) -> str:
        """Return on what ground a block of a step is entered: "if country is FR"."""
        kind, _, which = label.partition(":")
        if isinstance(step, Branch):
            if kind == "otherwise":
                return self.form("other way")
            return self.form("way", condition=self.said(step.ways[int(which)].when))
        if isinstance(step, Split):
            part = next(part for part in step.parts if part.label == which)
            return self.said(part)
        return self.form(kind)

    def event(self, name: str) -> str:
        kind = self.catalogue.events.get(name)
        return (kind.words.get(self.language) if kind else None) or name

    def action(self, name: str) -> str:
        known = self.catalogue.actions.get(name)
        return (known.words.get(self.language) if known else None) or name


def kind_of(step: Step) -> str:
    """Return the word by which the file introduces such a step."""
    return str(step.__struct_config__.tag)


# -- values ----------------------------------------------------------------------------------------


def _condition(tongue: Tongue, condition: Any) -> str:
    return sentence(condition, tongue.language, tongue.catalogue)


def _declared(tongue: Tongue, declared: Declared) -> str:
    value = tongue.word(declared.otherwise)
    if not declared.cases:
        return value
    cases = (
        tongue.form("if", value=tongue.word(case.value), condition=tongue.said(case.when))
        for case in declared.cases
    )
    return tongue.form("otherwise", cases=", ".join(cases), value=value)


def _assumed(tongue: Tongue, assumed: Assumed) -> str:
    name = tongue.said(assumed.name)
    if assumed.expects is None:
        return name
    return tongue.form("is", name=name, value=say_value(assumed.expects, tongue.language))


def _date(tongue: Tongue, date: DateOf) -> str:
    said = tongue.said(date.after)
    for form, span in (("plus", date.plus), ("minus", date.minus)):
        if span is not None:
            said = tongue.form(form, span=tongue.said(span), date=said)
    return tongue.form("at", date=said, time=f"{date.at:%H:%M}") if date.at else said


def _question(tongue: Tongue, question: Question) -> str:
    return tongue.form(
        "about", about=tongue.said(question.about), words=tongue.of_words(question.words)
    )


def _announcement(tongue: Tongue, announcement: Announcement) -> str:
    span = tongue.said(announcement.before)
    return tongue.form("announced", template=announcement.template, span=span)


def _start(tongue: Tongue, start: Any) -> str:
    return start_said(start, tongue.language, tongue.catalogue)


def _ends_when(tongue: Tongue, end: EndsWhen) -> str:
    if not end.event:
        return tongue.said(end.condition)
    event = tongue.event(end.event)
    if end.condition == ALWAYS:
        return event
    return tongue.form("event, if", event=event, condition=tongue.said(end.condition))


def _way(tongue: Tongue, way: Way) -> str:
    return tongue.form("way", condition=tongue.said(way.when))


def _part(tongue: Tongue, part: Part) -> str:
    return tongue.form("part", share=f"{part.share * 100:.0f} %", label=part.label)


_SAYERS: dict[type, _Sayer] = {
    bool: lambda tongue, value: tongue.form("yes" if value else "no"),
    time: lambda _tongue, value: f"{value:%H:%M}",
    Span: lambda tongue, span: say_span(span, tongue.language),
    Name: lambda tongue, name: say_name(name, tongue.language, tongue.catalogue),
    All: _condition,
    AnyOf: _condition,
    NoneOf: _condition,
    Holds: _condition,
    Declared: _declared,
    Assumed: _assumed,
    DateOf: _date,
    Question: _question,
    Announcement: _announcement,
    StartOnEvent: _start,
    StartOnSchedule: _start,
    StartOnSegment: _start,
    StartOnDate: _start,
    EndsWhen: _ends_when,
    Way: _way,
    Part: _part,
}


# -- steps -----------------------------------------------------------------------------------------


def _wait(tongue: Tongue, wait: Wait) -> str:
    if wait.event:
        within = tongue.said(wait.within)
        return tongue.form("wait event", event=tongue.event(wait.event), span=within)
    if wait.until:
        dates = tongue.form("or else").join(tongue.said(date) for date in wait.until)
        return tongue.form("wait until", date=dates)
    return tongue.form("wait", span=tongue.said(wait.span))


def _change(tongue: Tongue, change: Change) -> str:
    value = tongue.said(change.named or change.value)
    return tongue.form("change", fact=tongue.said(change.fact), value=value)


def _repeat(tongue: Tongue, repeat: Repeat) -> str:
    if repeat.every is None:
        return tongue.form("repeat", times=repeat.times)
    return tongue.form("repeat every", span=tongue.said(repeat.every), times=repeat.times)


_STEPS: dict[type, _Sayer] = {
    Wait: _wait,
    Send: lambda tongue, step: tongue.form("send", name=step.template, by=tongue.word(step.by)),
    Ask: lambda tongue, step: tongue.form("ask", about=tongue.said(step.question.about)),
    Do: lambda tongue, step: tongue.form("do", name=tongue.action(step.action)),
    Branch: lambda tongue, _step: tongue.form("branch"),
    Split: lambda tongue, _step: tongue.form("split"),
    Change: _change,
    DoTask: lambda tongue, step: tongue.form("task", title=tongue.of_words(step.title)),
    Repeat: _repeat,
    End: lambda tongue, step: tongue.form("end", because=step.because),
}
