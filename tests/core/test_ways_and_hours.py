"""What Léa chose about being reached, and what becomes of the automations that want to reach her."""

from datetime import timedelta

from terrain.core.decision import Verdict
from terrain.core.run import RunState
from tests.journeys import Life, written

ACTS = "reach: {reach}, undo: by_customer, benefit: important, assumes: [customer.email]"
BY_TEXT_ELSE_MAIL = f"""
starts: {{when: order.placed}}
steps:
  - send: hello
    by: sms
    {ACTS.format(reach="phone").replace(", ", chr(10) + "    ")}
    or_else:
      - send: hello-by-mail
        by: email
        {ACTS.format(reach="inbox").replace(", ", chr(10) + "        ")}
"""
BY_TEXT_ALONE = BY_TEXT_ELSE_MAIL.partition("    or_else:")[0]


def lea_of(body: str) -> Life:
    life = Life(written(body))
    return life.hear("customer.identified", "page", phone="+33612345678")


def test_what_she_does_not_want_by_text_message_goes_by_mail_where_the_file_says_so() -> None:
    life = lea_of(BY_TEXT_ELSE_MAIL)
    assert life.hear("order.placed", order="o-1").sent == ["hello"]

    life.hear("channel.chosen", "page", channel="sms", wish="none")
    life.hear("order.placed", order="o-2")

    assert life.sent == ["hello", "hello-by-mail"]
    assert life.decisions[-2].because == "channel_unwanted"


def test_where_the_file_allows_no_other_way_it_waits_and_goes_when_she_changes_her_mind() -> None:
    life = lea_of(BY_TEXT_ALONE)
    life.hear("channel.chosen", "page", channel="sms", wish="none")

    life.hear("order.placed", order="o-1")
    assert life.sent == []
    assert life.live[0].state is RunState.HELD

    life.days(1).hear("channel.chosen", "page", channel="sms", wish="any")
    assert life.sent == ["hello"]


def test_what_she_never_wanted_is_given_up_and_said_so() -> None:
    life = lea_of(BY_TEXT_ALONE)
    life.hear("channel.chosen", "page", channel="sms", wish="none").hear("order.placed", order="1")

    life.days(40)

    assert life.sent == []
    assert life.live == []


def test_outside_her_hours_it_waits_for_her_next_one_and_goes_by_itself() -> None:
    life = lea_of(BY_TEXT_ALONE)  # it is Thursday, noon in Paris
    life.hear("quiet_hours.set", "page", **{"from": "11:00", "until": "15:00", "days": ["fri"]})

    life.hear("order.placed", order="o-1")
    assert (life.decisions[-1].verdict, life.decisions[-1].because) == (Verdict.HOLD, "quiet_hours")

    life.days(1)
    assert [act.due_at.hour for act in life.acts] == [14]  # three in the afternoon by her clock


def test_hours_that_she_takes_back_hold_nothing_any_more() -> None:
    life = lea_of(BY_TEXT_ALONE)
    life.hear("quiet_hours.set", "page", **{"from": "11:00", "until": "15:00"})
    life.until(life.now + timedelta(minutes=1)).hear("quiet_hours.set", "page")

    assert life.hear("order.placed", order="o-1").sent == ["hello"]


def test_a_stop_she_took_back_lets_the_next_run_reach_her() -> None:
    life = lea_of(BY_TEXT_ALONE)
    life.hear("automation.stopped", "page", automation="a-promise")
    assert life.hear("order.placed", order="o-1").sent == []

    life.days(1).hear("automation.resumed", "page", automation="a-promise")

    assert life.hear("order.placed", order="o-2").sent == ["hello"]
