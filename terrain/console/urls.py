"""Every page there is, and who may see it: one row each.

Promise: what is not in this table is not served, and a row without a rule cannot be written.
"""

from django.urls import register_converter

from terrain.console.access import Page, Rule
from terrain.console.numbers import Number
from terrain.console.pages import (
    asset,
    audit,
    click,
    customers,
    decisions,
    entry,
    keys,
    live,
    mail,
    overview,
    own_page,
    report,
    sign_in,
    tasks,
    trays,
    unsubscribe,
)
from terrain.core.staff import May

register_converter(Number, "number")

PAGES = (
    Page("static/<str:mark>/<str:name>", "asset", Rule.ANYONE, asset.show, bare=True),
    Page("enter/<str:token>", "enter", Rule.ANYONE, entry.show, entry.use),
    # Named as django-allauth asks for it.
    Page("sign-in", "account_login", Rule.ANYONE, sign_in.show, sign_in.enter),
    Page(
        "sign-in/again",
        "account_reauthenticate",
        Rule.SIGNED_IN,
        sign_in.show_again,
        sign_in.confirm,
    ),
    Page("left", "left", Rule.ANYONE, sign_in.left, sign_in.leave),
    # The customer's, behind the links in messages (terrain/flow/links.py).
    Page("my/<str:token>", "own_page", Rule.PAGE_LINK, own_page.show),
    Page("my/<str:token>/why", "own_why", Rule.PAGE_LINK, own_page.why),
    Page("my/<str:token>/why/<number:decision>", "own_why_of", Rule.PAGE_LINK, own_page.why),
    Page("my/<str:token>/history", "own_history", Rule.PAGE_LINK, own_page.history),
    Page(
        "my/<str:token>/<str:saying>", "own_page_say", Rule.PAGE_LINK, own_page.back, own_page.say
    ),
    Page(
        "stop/<str:token>",
        "unsubscribe",
        Rule.STOP_LINK,
        unsubscribe.show,
        unsubscribe.stop,
        form_word=False,
    ),
    Page("to/<str:token>", "click", Rule.CLICK_LINK, click.lead_on, leaves_word=True),
    # The rooms of those who work here.
    Page("", "overview", May.LOOK, overview.show),
    Page("live", "live", May.LOOK, live.show),
    Page("customers", "customers", May.SEE_CUSTOMERS, customers.find),
    Page("customers/<number:customer>", "customer", May.SEE_CUSTOMERS, customers.show),
    Page("decisions", "decisions", May.SEE_CUSTOMERS, decisions.index),
    Page(
        "decisions/<number:customer>/<number:decision>",
        "decision",
        May.SEE_CUSTOMERS,
        decisions.show,
    ),
    Page("tasks", "tasks", May.SERVE_CUSTOMERS, tasks.index),
    Page("tasks/<number:task>", "task", May.SERVE_CUSTOMERS, tasks.show, tasks.close),
    Page("mail", "mail", May.SEE_CUSTOMERS, mail.index),
    Page("mail/<number:letter>", "letter", May.SEE_CUSTOMERS, mail.show),
    Page("mail/<number:letter>/body", "letter_body", May.SEE_CUSTOMERS, mail.body),
    Page("trays", "trays", May.TEND, trays.index, trays.close),
    Page("demo", "report", May.LOOK, report.show),
    # Of the installation.
    Page("audit", "audit", May.AUDIT, audit.index, audit.take_along),
    Page("keys", "keys", May.ADMINISTER, keys.index, keys.make),
    Page("keys/<str:key>", "key", May.ADMINISTER, keys.show, keys.rotate),
    Page("keys/<str:key>/revoke", "key_revoke", May.ADMINISTER, keys.ask, keys.revoke),
)

urlpatterns = [each.as_route() for each in PAGES]

handler400 = "terrain.console.refusals.bad_request"
handler403 = "terrain.console.refusals.forbidden"
handler404 = "terrain.console.refusals.not_found"
handler500 = "terrain.console.refusals.broken"
