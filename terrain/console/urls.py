"""Every page there is, and who may see it: one row each.

Promise: what is not in this table is not served, and a row without a rule cannot be written.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import register_converter, reverse

from terrain.console.access import Page, Rule, View
from terrain.console.numbers import Number
from terrain.console.pages import (
    address,
    asset,
    audit,
    automations,
    click,
    customers,
    decisions,
    entry,
    flags,
    foreseeing,
    invitation,
    keys,
    live,
    mail,
    morning,
    needs,
    overview,
    own_page,
    process,
    proposals,
    quadrant,
    recall_new,
    recall_steps,
    recalls,
    report,
    rights,
    second_factor,
    second_factor_rule,
    second_step,
    sessions,
    shoes,
    sign_in,
    single_sign_on,
    sources,
    staff,
    tasks,
    trays,
    unsubscribe,
    watch,
    watch_cases,
)
from terrain.core.staff import May

register_converter(Number, "number")


def leads_to(name: str, *parts: str, on: str = "") -> View:
    """Return what leads whoever comes to the address of a form without sending it to the page it stands on."""

    def lead(_request: HttpRequest, **given: Any) -> HttpResponse:
        address = reverse(name, kwargs={part: given[part] for part in parts})
        return HttpResponseRedirect(address + on)

    return lead


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
        before_factor=True,
    ),
    Page("join/<str:token>", "join", Rule.ANYONE, invitation.show, invitation.join),
    Page("lost-password", "lost_password", Rule.ANYONE, invitation.show_lost, invitation.ask),
    Page(
        "password/<str:token>",
        "new_password",
        Rule.ANYONE,
        invitation.show_new,
        invitation.choose,
    ),
    Page(
        "sign-in/with", "openid_connect_login", Rule.ANYONE, single_sign_on.show, single_sign_on.go
    ),
    # A provider leads back by GET; the state in the session, good once, stands for the word of a form.
    Page(
        "sign-in/with/back",
        "openid_connect_callback",
        Rule.ANYONE,
        single_sign_on.come_back,
        leaves_word=True,
    ),
    Page("sign-in/code", "mfa_authenticate", Rule.ANYONE, second_step.show, second_step.enter),
    Page(
        "sign-in/passkey",
        "mfa_login_webauthn",
        Rule.ANYONE,
        second_step.show_passkey,
        second_step.enter_by_passkey,
    ),
    Page(
        "sign-in/again/code",
        "mfa_reauthenticate",
        Rule.SIGNED_IN,
        second_step.show_again,
        second_step.confirm,
        before_factor=True,
    ),
    Page("second-factor", "mfa_index", Rule.SIGNED_IN, second_factor.index, before_factor=True),
    Page(
        "second-factor/app",
        "mfa_activate_totp",
        Rule.SIGNED_IN,
        second_factor.ask_app,
        second_factor.add_app,
        before_factor=True,
    ),
    Page(
        "second-factor/passkey",
        "mfa_add_webauthn",
        Rule.SIGNED_IN,
        second_factor.ask_passkey,
        second_factor.add_passkey,
        before_factor=True,
    ),
    Page(
        "second-factor/codes",
        "mfa_generate_recovery_codes",
        Rule.SIGNED_IN,
        second_factor.ask_codes,
        second_factor.new_codes,
        before_factor=True,
    ),
    Page(
        "second-factor/<number:factor>/remove",
        "factor_remove",
        Rule.SIGNED_IN,
        second_factor.ask_remove,
        second_factor.remove,
    ),
    Page("left", "left", Rule.ANYONE, sign_in.left, sign_in.leave),
    # One's own account, and those of the others.
    Page("account", "account", Rule.SIGNED_IN, sessions.show, sessions.change),
    Page(
        "account/password",
        "change_password",
        Rule.SIGNED_IN,
        sessions.show_password,
        sessions.new_password,
    ),
    Page("account/email", "change_email", Rule.SIGNED_IN, address.show, address.ask),
    Page("address/<str:token>", "confirm_email", Rule.ANYONE, address.show_new, address.confirm),
    Page("account/sessions", "end_sessions", Rule.SIGNED_IN, leads_to("account"), sessions.end),
    Page("staff", "staff", May.ADMINISTER, staff.index, staff.invite),
    Page("staff/<number:person>", "colleague", May.ADMINISTER, staff.show, staff.change_roles),
    Page(
        "staff/<number:person>/<str:step>",
        "colleague_step",
        May.ADMINISTER,
        leads_to("colleague", "person"),
        staff.take_step,
    ),
    # The customer's, behind the links in messages (terrain/flow/links.py).
    Page("my/<str:token>", "own_page", Rule.PAGE_LINK, own_page.show),
    Page("my/<str:token>/why", "own_why", Rule.PAGE_LINK, own_page.why),
    Page("my/<str:token>/why/<number:decision>", "own_why_of", Rule.PAGE_LINK, own_page.why),
    Page("my/<str:token>/history", "own_history", Rule.PAGE_LINK, own_page.history),
    Page("my/<str:token>/facts", "own_facts", Rule.PAGE_LINK, own_page.facts),
    Page(
        "my/<str:token>/export",
        "own_export",
        Rule.PAGE_LINK,
        leads_to("own_page", "token", on="#rights"),
        rights.hand_over,
    ),
    Page(
        "my/<str:token>/freeze",
        "own_freeze",
        Rule.PAGE_LINK,
        leads_to("own_page", "token", on="#rights"),
        rights.freeze,
    ),
    Page("my/<str:token>/erase", "own_erase", Rule.PAGE_LINK, rights.show_erasure, rights.erase),
    Page(
        "my/<str:token>/keep",
        "own_keep",
        Rule.PAGE_LINK,
        leads_to("own_page", "token", on="#rights"),
        rights.keep,
    ),
    Page(
        "my/<str:token>/<str:saying>",
        "own_page_say",
        Rule.PAGE_LINK,
        leads_to("own_page", "token"),
        own_page.say,
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
    Page("morning", "morning", May.LOOK, morning.show),
    Page("", "overview", May.LOOK, overview.show),
    Page("quadrant", "quadrant", May.LOOK, quadrant.show),
    Page("quadrant/<str:name>", "process", May.LOOK, process.show),
    Page("live", "live", May.LOOK, live.show),
    Page("customers", "customers", May.SEE_CUSTOMERS, customers.find),
    Page("customers/<number:customer>", "customer", May.SEE_CUSTOMERS, customers.show),
    Page(
        "customers/<number:customer>/say/<str:saying>",
        "customer_say",
        May.SERVE_CUSTOMERS,
        leads_to("customer", "customer"),
        customers.say,
    ),
    Page(
        "customers/<number:customer>/rights",
        "customer_rights",
        May.SERVE_CUSTOMERS,
        rights.show,
        rights.act,
    ),
    Page("customers/<number:customer>/shoes", "shoes", May.SEE_CUSTOMERS, shoes.show),
    Page("decisions", "decisions", May.SEE_CUSTOMERS, decisions.index),
    Page(
        "decisions/<number:customer>/<number:decision>",
        "decision",
        May.SEE_CUSTOMERS,
        decisions.show,
    ),
    # Automations: what they promise, who stands where, and how they are changed.
    Page("automations", "automations", May.LOOK, automations.index),
    Page("new-automation", "automation_new", May.PROPOSE, proposals.write_new, proposals.propose),
    Page("automations/<str:name>", "automation", May.LOOK, automations.show),
    Page(
        "automations/<str:name>/pause",
        "automation_pause",
        May.PAUSE,
        leads_to("automation", "name"),
        automations.pause,
    ),
    Page(
        "automations/<str:name>/resume",
        "automation_resume",
        May.PAUSE,
        leads_to("automation", "name"),
        automations.resume,
    ),
    Page(
        "automations/<str:name>/change",
        "automation_change",
        May.PROPOSE,
        proposals.write,
        proposals.propose,
    ),
    Page(
        "automations/<str:name>/preview", "automation_preview", May.SEE_CUSTOMERS, foreseeing.show
    ),
    Page(
        "automations/<str:name>/versions/<number:number>",
        "automation_version",
        May.LOOK,
        automations.version,
    ),
    Page(
        "automations/<str:name>/versions/<number:number>/<str:step>",
        "automation_step",
        May.SEE_CUSTOMERS,
        automations.stands,
    ),
    Page(
        "automations/<str:name>/proposals/<number:proposal>", "proposal", May.LOOK, proposals.show
    ),
    Page(
        "automations/<str:name>/proposals/<number:proposal>/rehearsal",
        "proposal_rehearsal",
        May.LOOK,
        proposals.rehearse,
    ),
    Page(
        "automations/<str:name>/proposals/<number:proposal>/approve",
        "proposal_approve",
        May.APPROVE,
        leads_to("proposal", "name", "proposal"),
        proposals.approve,
    ),
    Page(
        "automations/<str:name>/proposals/<number:proposal>/reject",
        "proposal_reject",
        May.APPROVE,
        leads_to("proposal", "name", "proposal"),
        proposals.reject,
    ),
    Page(
        "automations/<str:name>/proposals/<number:proposal>/withdraw",
        "proposal_withdraw",
        May.PROPOSE,
        leads_to("proposal", "name", "proposal"),
        proposals.withdraw,
    ),
    # Each automation watched: how it stands, why it was stopped, how it goes on.
    Page("automations/<str:name>/watch", "watch", May.LOOK, watch.show),
    Page(
        "automations/<str:name>/watch/pause",
        "watch_pause",
        May.PAUSE,
        leads_to("watch", "name"),
        watch.pause,
    ),
    Page(
        "automations/<str:name>/watch/answer",
        "watch_answer",
        May.PAUSE,
        leads_to("watch", "name"),
        watch.answer,
    ),
    Page(
        "automations/<str:name>/watch/resume",
        "watch_resume",
        May.PAUSE,
        leads_to("watch", "name"),
        watch.resume,
    ),
    Page(
        "automations/<str:name>/watch/of/<str:signal>",
        "watch_cases",
        May.SEE_CUSTOMERS,
        watch_cases.show,
    ),
    # The cord: what is said to be wrong, what came of it, and the needs that nothing serves.
    Page("cord", "cord", May.PULL, flags.cord, flags.pull, nameless=True),
    Page("flags/mine", "my_flags", May.PULL, flags.mine),
    Page("flags/mine/<number:flag>", "my_flag", May.PULL, flags.one_of_mine),
    Page("flags", "flags", May.SEE_CUSTOMERS, flags.index),
    Page("flags/<number:flag>", "flag", May.SEE_CUSTOMERS, flags.show),
    Page(
        "flags/<number:flag>/answer",
        "flag_answer",
        May.ANSWER,
        leads_to("flag", "flag"),
        flags.answer,
    ),
    Page(
        "flags/<number:flag>/go-on",
        "flag_go_on",
        May.ANSWER,
        leads_to("flag", "flag"),
        flags.go_on,
    ),
    Page("needs", "needs", May.SEE_CUSTOMERS, needs.index),
    Page("needs/<number:group>", "need", May.SEE_CUSTOMERS, needs.show),
    Page(
        "needs/<number:group>/<str:step>",
        "need_step",
        May.PROPOSE,
        leads_to("need", "group"),
        needs.take_step,
    ),
    # Recalls: everybody whom a faulty automation touched, and what makes good.
    Page("recalls", "recalls", May.LOOK, recalls.index),
    Page("new-recall", "recall_new", May.PAUSE, recall_new.write, recall_new.open_it),
    Page("recalls/<number:recall>", "recall", May.SEE_CUSTOMERS, recalls.show),
    Page("recalls/<number:recall>/report", "recall_board", May.LOOK, recalls.board),
    Page(
        "recalls/<number:recall>/remedy",
        "recall_remedy",
        May.PROPOSE,
        recall_steps.write,
        recall_steps.prepare,
    ),
    Page(
        "recalls/<number:recall>/preview",
        "recall_preview",
        May.SEE_CUSTOMERS,
        recall_steps.preview,
    ),
    Page(
        "recalls/<number:recall>/approve",
        "recall_approve",
        May.APPROVE,
        leads_to("recall", "recall"),
        recall_steps.approve,
    ),
    Page(
        "recalls/<number:recall>/send",
        "recall_send",
        May.APPROVE,
        leads_to("recall", "recall"),
        recall_steps.send,
    ),
    Page(
        "recalls/<number:recall>/stop",
        "recall_stop",
        May.PAUSE,
        leads_to("recall", "recall"),
        recall_steps.stop,
    ),
    Page("tasks", "tasks", May.SERVE_CUSTOMERS, tasks.index),
    Page("tasks/<number:task>", "task", May.SERVE_CUSTOMERS, tasks.show, tasks.act),
    Page("mail", "mail", May.SEE_CUSTOMERS, mail.index),
    Page("mail/<number:letter>", "letter", May.SEE_CUSTOMERS, mail.show),
    Page("mail/<number:letter>/body", "letter_body", May.SEE_CUSTOMERS, mail.body),
    Page("trays", "trays", May.TEND, trays.index, trays.act),
    Page("sources", "sources", May.LOOK, sources.index),
    # How far a source is believed moves every decision: whoever may put an automation live decides it.
    Page(
        "sources/<path:name>/belief",
        "source_belief",
        May.APPROVE,
        sources.show_belief,
        sources.believe,
    ),
    Page("sources/<path:name>", "source", May.LOOK, sources.show),
    Page("demo", "report", May.LOOK, report.show),
    # Of the installation.
    Page("audit", "audit", May.AUDIT, audit.index, audit.take_along),
    Page(
        "second-factor/required",
        "second_factor_rule",
        May.ADMINISTER,
        second_factor_rule.show,
        second_factor_rule.say,
    ),
    Page(
        "second-factor/of/<number:person>/forget",
        "factor_forget",
        May.ADMINISTER,
        second_factor_rule.ask_forget,
        second_factor_rule.forget,
    ),
    Page("keys", "keys", May.ADMINISTER, keys.index, keys.make),
    Page("keys/<str:key>", "key", May.ADMINISTER, keys.show, keys.rotate),
    Page("keys/<str:key>/revoke", "key_revoke", May.ADMINISTER, keys.ask, keys.revoke),
)

urlpatterns = [each.as_route() for each in PAGES]

handler400 = "terrain.console.refusals.bad_request"
handler403 = "terrain.console.refusals.forbidden"
handler404 = "terrain.console.refusals.not_found"
handler500 = "terrain.console.refusals.broken"
