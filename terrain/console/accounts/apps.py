"""Tells Django about the app that holds the accounts of those who work here."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in

from terrain.console.accounts.sessions import begin


class AccountsConfig(AppConfig):
    name = "terrain.console.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        user_logged_in.connect(begin)
