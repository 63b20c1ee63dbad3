"""The pages on signals say what the code does: every kind, until when, and its usual bound."""

import re

import pytest

from terrain.core.act import Reach
from terrain.core.settings import GuardSettings
from terrain.core.signal import LATE, Signal, default_bound
from terrain.flow.reporting import MOST, Report
from tests.docs.pages import ROOT

ROW = re.compile(r"^\| `(\w+)` \|.*?\| (\d+) \|(?: ([^|]*) \|)?$", re.MULTILINE)
PAGES = ["signals.md", "signals.fr.md"]
CALLED = {"inbox": Reach.INBOX, "message": Reach.INBOX, "phone": Reach.PHONE} | {
    "téléphone": Reach.PHONE,
    "account": Reach.ACCOUNT,
    "compte": Reach.ACCOUNT,
    "home": Reach.HOME,
    "domicile": Reach.HOME,
}


def rows(page: str) -> dict[str, tuple[int, str]]:
    text = (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")
    return {kind: (int(days), bound) for kind, days, bound in ROW.findall(text)}


@pytest.mark.parametrize("page", PAGES)
def test_every_kind_stands_there_with_its_last_day(page: str) -> None:
    said = {kind: days for kind, (days, _) in rows(page).items()}

    assert said == {str(signal): LATE[signal].days for signal in Signal}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("signal", sorted(Signal))
def test_every_bound_is_the_one_that_holds(page: str, signal: Signal) -> None:
    said = shares(rows(page)[signal][1])

    for reach in Reach:
        bound = default_bound(signal, reach)
        assert said.get(reach) == (None if bound is None else pytest.approx(bound.p0)), reach


def shares(text: str) -> dict[Reach, float]:
    """Read "inbox 0.5 %, phone 2 %", or one share for every reach."""
    parts = re.findall(r"(?:([a-zé]+) )?(\d+(?:[.,]\d+)?)[ \u202f]%", text)
    found: dict[Reach, float] = {}
    for name, share in parts:
        for reach in [CALLED[name]] if name else Reach:
            found[reach] = float(share.replace(",", ".")) / 100
    return found


@pytest.mark.parametrize("page", PAGES)
def test_the_rest_is_as_it_is_said(page: str) -> None:
    text = (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")
    spam = default_bound(Signal.SPAM, Reach.INBOX)

    assert str(MOST) in text
    assert GuardSettings().survey_days == 30
    assert spam is not None
    assert spam.aim == 0.001
    for name in ("id", "kind", "decision_id", "act_id", "customer", "at"):
        assert f'"{name}"' in text
        assert name in Report.__struct_fields__
