"""The owner's words with their gaps: Jinja2 in a box that holds nothing but the values.

Promise: a gap that nothing fills is refused, never left empty; no template reaches Python, runs for
ever or grows without end; and no value, whoever typed it, becomes markup.
"""

import traceback
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import msgspec
from jinja2 import StrictUndefined, TemplateError, UndefinedError, nodes, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from terrain.core.message import LONGEST_MESSAGE, MessageTooLong, Words
from terrain.errors import Refusal, did_you_mean
from terrain.flow.markdown import escaped, in_one_line
from terrain.flow.spoken import date_said, money_said, number_said, time_said

LONGEST_LIST = 1_000
DEEPEST_LOOP = 2
FILE = "<words>"
# Everything else that Jinja2 can do is for programmers: it could be made to hang or to look around.
ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.List),
    *(nodes.Getattr, nodes.Getitem, nodes.Filter, nodes.Test, nodes.If, nodes.For, nodes.CondExpr),
    *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Add, nodes.Sub),
    *(nodes.Mul, nodes.Neg, nodes.Concat),
)
FILTERS = (
    *("capitalize", "lower", "upper", "title", "trim", "default", "d", "join", "length", "count"),
    *("round", "first", "last", "abs", "int"),
)
TESTS = (
    *("defined", "undefined", "none", "number", "string", "even", "odd", "in"),
    *("eq", "ne", "lt", "le", "gt", "ge", "==", "!=", "<", "<=", ">", ">="),
)


class TemplateBroken(Refusal):
    """The words cannot be read as a template."""

    code = "template_broken"


class TemplateForbids(Refusal):
    """Only gaps, if, for and a few filters: what reaches further is not for a message."""

    code = "template_forbids"


class MessageGap(Refusal):
    """Something that the words need is not known. Better no message than one with a hole in it."""

    code = "message_gap"


class NotSpeakable(Refusal):
    """A list or a whole order cannot be said in a sentence; one of its parts can."""

    code = "message_not_speakable"


class Variable(msgspec.Struct, frozen=True, order=True):
    """One name that the words need, and the line of the file where they do."""

    name: str
    line: int


class Speech(msgspec.Struct, frozen=True):
    """Whom we speak to: in which language, by which clock."""

    language: str = "en"
    zone: ZoneInfo = ZoneInfo("Europe/Paris")


class Gap(StrictUndefined):
    """What is not known: it may be asked about in an `if`, but never said."""

    __slots__ = ()

    def __bool__(self) -> bool:  # type: ignore[override] # jinja2 types it as always raising
        return False


class Box(SandboxedEnvironment):
    """Values have parts, and nothing else: no attribute of an object, no function, can be named."""

    intercepted_binops = frozenset(["*"])

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Mapping) and argument in obj:
            return obj[argument]
        if isinstance(obj, list) and isinstance(argument, int) and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.undefined(obj=obj, name=argument)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002
        if not isinstance(left, int | float) or not isinstance(right, int | float):
            raise TypeError(operator)
        return left * right


def check(words: Words) -> None:
    """Refuse words that cannot be filled whatever the values, with the line where it stands."""
    for source in (words.subject, words.body):
        _compiled(source, _box(plain=source == words.subject), words)


def variables_of(words: Words) -> tuple[Variable, ...]:
    """Return the names that the words need, in the order of their lines, for `terrain check`."""
    found: set[Variable] = set()
    for source, first in ((words.subject, 1), (words.body, 0)):
        tree = _box(plain=True).parse(source)
        _gather(tree, {}, found, first=first)
    return tuple(sorted(found, key=lambda each: (each.line, each.name)))


def fill(words: Words, values: Mapping[str, Any], speech: Speech) -> tuple[str, str]:
    """Return the subject as text and the body as Markdown, every gap filled."""
    known = {name: _pruned(value, name) for name, value in values.items() if _is_there(value)}
    return subject(words, values, speech), _filled(words, words.body, known, speech)


def subject(words: Words, values: Mapping[str, Any], speech: Speech) -> str:
    """Return the subject alone, every gap of it filled."""
    known = {name: _pruned(value, name) for name, value in values.items() if _is_there(value)}
    return in_one_line(_filled(words, words.subject, known, speech))


def _filled(words: Words, source: str, known: Mapping[str, Any], speech: Speech) -> str:
    template = _compiled(source, _box(plain=source == words.subject), words)
    said: list[str] = []
    length = 0
    try:
        for piece in template.generate(known, _speech=speech):
            said.append(piece)
            length += len(piece)
            if length > LONGEST_MESSAGE:
                raise MessageTooLong(field=words.name, value=length, right=LONGEST_MESSAGE)
    except UndefinedError as error:
        _say_what_is_missing(words, source, error)
    except NotSpeakable as refusal:
        refusal.field = _place(words, source, _line_of(refusal) or 1)
        raise
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        line = _line_of(error) or 1
        raise TemplateBroken(field=_place(words, source, line), value=str(error)) from None
    return "".join(said)


def _say_what_is_missing(words: Words, source: str, error: UndefinedError) -> NoReturn:
    line = _line_of(error)
    last = str(error).rsplit("'", 2)[-2] if "'" in str(error) else ""
    names = [each.name for each in variables_of(words) if each.name.split(".")[-1] == last]
    field = next(iter(names), last)
    raise MessageGap(field=field, place=_place(words, source, line or 1)) from None


def _line_of(error: Exception) -> int | None:
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno for frame in reversed(frames) if frame.filename == FILE), None)


def _place(words: Words, source: str, line: int) -> str:
    where = words.file or f"{words.name}.{words.language}.md"
    return f"{where}:{1 if source == words.subject else line}"


def _compiled(source: str, box: Box, words: Words) -> Any:
    try:
        return _compile(source, box)
    except Refusal as refusal:
        refusal.field = _place(words, source, int(refusal.values.pop("line", "1")))
        raise
    except TemplateError as error:
        line = getattr(error, "lineno", 1)
        raise TemplateBroken(field=_place(words, source, line), value=str(error)) from None
    except RecursionError:
        raise TemplateBroken(field=_place(words, source, 1), value="((((…") from None


@lru_cache(maxsize=1_000)
def _compile(source: str, box: Box) -> Any:
    tree = box.parse(source)
    _allow(tree, loops=0)
    code = box.compile(source, filename=FILE)
    return box.template_class.from_code(box, code, {})


def _allow(node: nodes.Node, loops: int) -> None:
    loops += isinstance(node, nodes.For)
    name = getattr(node, "name", None) or getattr(node, "attr", None) or ""
    if not isinstance(node, ALLOWED) or loops > DEEPEST_LOOP or str(name).startswith("_"):
        _forbid(type(node).__name__.lower(), node)
    if isinstance(node, nodes.Filter) and name not in _box(plain=True).filters:
        _forbid(name, node, _box(plain=True).filters)
    if isinstance(node, nodes.Test) and name not in TESTS:
        _forbid(name, node, TESTS)
    for child in node.iter_child_nodes():
        _allow(child, loops)


def _forbid(what: str, node: nodes.Node, known: Iterable[str] = ("if", "for")) -> NoReturn:
    right = did_you_mean(what, known) or sorted(known)
    raise TemplateForbids(value=what, right=right, line=node.lineno)


def _gather(
    node: nodes.Node, local: Mapping[str, str], found: set[Variable], *, first: int
) -> None:
    """Collect the full names; inside a loop, the loop's own name stands for what it goes over."""
    if isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem):
        name = _full_name(node, local)
        if name:
            found.add(Variable(name, first or node.lineno))
            return
    inner = dict(local)
    if isinstance(node, nodes.For):
        _gather(node.iter, local, found, first=first)
        target, over = node.target, _full_name(node.iter, local)
        inner |= {"loop": "", getattr(target, "name", ""): over}
    for child in node.iter_child_nodes(exclude=("iter", "target")):
        _gather(child, inner, found, first=first)


def _full_name(node: nodes.Node, local: Mapping[str, str]) -> str:
    """Return `order.items.sku` for `line.sku` in a loop over order.items; empty where no name."""
    if isinstance(node, nodes.Name):
        return local.get(node.name, node.name)
    if isinstance(node, nodes.Getattr):
        before = _full_name(node.node, local)
        return f"{before}.{node.attr}" if before else ""
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        before = _full_name(node.node, local)
        part = node.arg.value
        return f"{before}.{part}" if before and isinstance(part, str) else before
    return ""


def _is_there(value: object) -> bool:
    return value is not None and value != ""


def _pruned(value: Any, name: str) -> Any:
    """Return the value without what is empty: an empty name is a gap like one nobody knows."""
    if isinstance(value, Mapping):
        return {key: _pruned(part, name) for key, part in value.items() if _is_there(part)}
    if isinstance(value, list | tuple):
        if len(value) > LONGEST_LIST:
            raise MessageTooLong(field=name, value=len(value), right=LONGEST_LIST)
        return [_pruned(part, name) for part in value if _is_there(part)]
    return value


@cache
def _box(*, plain: bool) -> Box:
    """Return the box for subjects (plain) or bodies, where values are kept from being Markdown."""
    box = Box(
        undefined=Gap,
        autoescape=True,
        finalize=_for_subjects if plain else _for_bodies,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    box.globals.clear()
    box.filters = {name: box.filters[name] for name in FILTERS}
    box.filters |= {"date": _date, "time": _time, "money": _money, "number": _number}
    box.tests = {name: box.tests[name] for name in TESTS}
    return box


@pass_context
def _for_bodies(context: Context, value: Any) -> Any:
    return Markup(escaped(_spoken(context, value)))  # noqa: S704 - escaped for Markdown, not HTML


@pass_context
def _for_subjects(context: Context, value: Any) -> Any:
    return Markup(in_one_line(_spoken(context, value)))  # noqa: S704 - a subject is plain text


def _spoken(context: Context, value: Any) -> str:
    """Return a value as people write it; what is neither word, number nor date is refused."""
    speech: Speech = context["_speech"]
    if isinstance(value, float):
        return number_said(value, speech.language)
    if isinstance(value, datetime | date):
        return date_said(value, speech.language, speech.zone)
    if value is None or isinstance(value, bool | Mapping | list):
        raise NotSpeakable(value=type(value).__name__)
    return str(value)


def _heard(say: Callable[..., str]) -> Callable[..., str]:
    """Return the filter that says a value to whoever the message is for; a gap stays a gap."""

    @pass_context
    def said(context: Context, value: Any, *more: Any) -> str:
        if isinstance(value, Gap):
            return str(value)
        speech: Speech = context["_speech"]
        return say(value, speech.language, *(more or ((speech.zone,) if say in _TIMED else ())))

    return said


_TIMED = (date_said, time_said)
_date, _time = _heard(date_said), _heard(time_said)
_money, _number = _heard(money_said), _heard(number_said)
