"""Tells Django that the console is one of its apps; its migrations run our numbered SQL files."""

from django.apps import AppConfig

from terrain.console.discretion import be_discreet


class ConsoleConfig(AppConfig):
    name = "terrain.console"
    label = "terrain"
    verbose_name = "Terrain"

    def ready(self) -> None:
        from terrain.console.audit import listen  # noqa: PLC0415 - models are ready only now

        be_discreet()
        listen()
