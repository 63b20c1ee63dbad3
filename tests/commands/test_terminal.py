"""What a customer typed, on the screen of whoever works here."""

import pytest

from terrain.terminal import Terminal


def test_a_name_with_commands_for_the_terminal_gives_it_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    terminal = Terminal(language="en")
    terminal.table(["Name"], [["Léa\r\nMüller \x1b[2J\u202egnp.exe"]])
    terminal.say("{name} was found.\n", name="\x9b31mLéa")

    said = capsys.readouterr().out
    assert said.splitlines()[1:] == ["Léa  Müller �[2J�gnp.exe", "�31mLéa was found.", ""]
