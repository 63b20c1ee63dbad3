"""What becomes of Léa while an automation is under way: each kind of step, each verdict."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from terrain.core.act import ActKind
from terrain.core.consent import Channel
from terrain.core.journey import advance
from terrain.core.run import RunState
from terrain.core.settling import settle
from terrain.core.walk import sticky_point
from tests.journeys import START, Life, examples, written

PARCEL: dict[str, Any] = {
    "order": "17",
    "date": "2026-02-05",
    "new_date": "2026-02-02",
    "item": {"sku": "shoes-42", "in_stock": True},
}
ADDRESS = {"street": "1 rue des Lilas", "city": "Lyon", "country": "FR"}


def a_parcel(**more: Any) -> Life:
    life = Life(examples()["faster-parcel"], lawful=True)
    life.hear("order.placed", order="17", address=ADDRESS, items=[{"sku": "shoes-42"}])
    return life.hear("parcel.could_go_faster", "shop", **PARCEL | more)


def on_order(steps: str, head: str = "starts: {when: order.placed}\nsteps:\n") -> Life:
    return Life(written(head + steps))


def placed(life: Life, order: str = "17", **more: Any) -> Life:
    return life.hear("order.placed", order=order, **more)


# -- the shoes ---------------------------------------------------------------------------------------


def test_nobody_is_sent_a_parcel_sooner_without_being_asked() -> None:
    life = a_parcel()

    assert life.sent == ["question"]
    assert life.asked().words["en"] == (
        "Your parcel could come on 2 February 2026 instead of 5 February 2026. Shall we?"
    )
    assert life.asked().words["fr"].startswith("Votre colis pourrait arriver le 2 février 2026")


def test_no_answer_means_no_change() -> None:
    life = a_parcel().days(2)

    assert life.sent == ["question"]
    assert not life.live


def test_yes_is_announced_before_it_takes_effect_and_then_done() -> None:
    life = a_parcel().answer("yes")
    assert life.sent == ["question", "upgrade_shipping-announced"]

    life.days(1)

    assert life.sent[-1] == "upgrade_shipping"
    assert life.acts[-1].due_at - life.acts[-2].due_at == timedelta(hours=1)
    assert life.acts[-1].content["payload"] == {
        "order": "17",
        "new_date": "2026-02-02",
        "subject": "order-17",
    }


def test_no_is_taken_and_never_asked_again_about_this_order() -> None:
    life = a_parcel().answer("no").days(1)

    life.hear("parcel.could_go_faster", "shop", **PARCEL).days(1)

    assert life.sent == ["question"]


def test_always_is_a_standing_wish_for_every_later_order() -> None:
    life = a_parcel().answer("always").days(1)

    life.hear("parcel.could_go_faster", "shop", **PARCEL | {"order": "18"}).days(1)

    assert life.sent.count("question") == 1
    assert life.sent.count("upgrade_shipping") == 2


def test_never_is_a_standing_wish_too() -> None:
    life = a_parcel().answer("never").days(1)

    life.hear("parcel.could_go_faster", "shop", **PARCEL | {"order": "18"}).days(1)

    assert life.sent == ["question"]


def test_the_last_pair_cannot_be_undone_and_is_weighed_so() -> None:
    easily = a_parcel().decisions[-1].proposal.undo
    never = a_parcel(item={"sku": "shoes-42", "in_stock": False}).decisions[-1].proposal.undo

    assert (easily, never) == ("easily", "never")


def test_an_order_that_was_cancelled_is_not_asked_about_any_more() -> None:
    life = a_parcel().hear("order.cancelled", order="17").answer("yes").days(1)

    assert life.sent == ["question"]


# -- waiting -----------------------------------------------------------------------------------------

WAIT_FOR_REVIEW = """
  - wait: {event: review.left, within: 14 days}
    then:
      - end: thanked
    or_else:
      - send: reminder
        by: email
        reach: inbox
"""


def test_an_event_that_came_in_time_leads_one_way() -> None:
    life = placed(on_order(WAIT_FOR_REVIEW)).days(3).hear("review.left", order="17").days(30)

    assert life.run("order-17").because == "thanked"
    assert not life.sent


def test_an_event_that_never_came_leads_the_other_way() -> None:
    life = placed(on_order(WAIT_FOR_REVIEW)).days(15)

    assert life.sent_on("reminder") == ["2026-01-29"]


def test_a_review_of_another_order_is_not_the_one_that_is_waited_for() -> None:
    life = placed(on_order(WAIT_FOR_REVIEW)).hear("review.left", order="99").days(15)

    assert life.sent == ["reminder"]


def test_a_wait_of_days_is_days_of_her_own_clock() -> None:
    life = on_order("  - wait: 3 days\n").until(datetime(2026, 3, 27, 10, tzinfo=UTC))

    placed(life)

    assert life.live[0].due_at == datetime(2026, 3, 30, 9, tzinfo=UTC)


def test_a_wait_until_2030_does_not_fire() -> None:
    life = on_order(
        "  - wait: {until: {after: event.date}}\n  - {send: x, by: email, reach: inbox}\n"
    )

    placed(life, date="2030-01-01").days(1000)

    assert not life.sent
    assert life.live[0].due_at == datetime(2030, 1, 1, 8, tzinfo=UTC)


def test_a_date_that_nobody_knows_ends_the_run_and_says_why() -> None:
    life = placed(on_order("  - wait: {until: event.date}\n"))

    assert life.run("order-17").because == "date_unknown"


def test_the_event_that_is_heard_can_be_spoken_of() -> None:
    life = on_order("""
  - wait: {event: review.left, if: {heard.rating: {under: 3}}, within: 14 days}
    then:
      - task: {en: Call her, fr: L’appeler}
""")

    placed(life).hear("review.left", order="17", rating=5).hear("review.left", order="17", rating=1)

    assert [task.title for task in life.tasks] == ["Call her"]


# -- choosing ----------------------------------------------------------------------------------------


def test_the_first_way_that_fits_is_taken() -> None:
    steps = """
  - branch:
      - if: {order.total: {over: 100}}
        then: [{end: big}]
      - if: {order.total: {over: 10}}
        then: [{end: middle}]
      - otherwise: [{end: small}]
"""
    ends = [
        placed(on_order(steps), total=total).run("order-17").because
        for total in (500, "50.00", 3, None)
    ]

    assert ends == ["big", "middle", "small", "small"]


def test_the_same_customer_always_takes_the_same_part() -> None:
    steps = """
  - split:
      a: {share: 50 %, steps: [{end: a}]}
      b: {share: 50 %, steps: [{end: b}]}
"""
    life = on_order(steps)
    for order in range(5):
        placed(life, str(order))

    assert len({run.because for run in life.runs.values()}) == 1


def test_a_split_keeps_its_shares_over_many_customers() -> None:
    points = [sticky_point(number, "an-automation", "split") for number in range(10_000)]

    assert 0.28 < sum(point < 0.3 for point in points) / 10_000 < 0.32


def test_a_change_is_noted_as_no_more_than_inferred() -> None:
    life = placed(on_order("  - change: {customer.tags: [loyal]}\n"))

    [claim] = next(rows for key, rows in life.customer.claims.items() if key.fact == "tags")
    assert (claim.value, claim.source, claim.kind) == (
        ["loyal"],
        "automation:a-promise",
        "inferred",
    )


def test_a_repeat_keeps_to_the_calendar_and_stops_when_it_should() -> None:
    steps = """
  - repeat:
      times: 4
      every: 1 month
      until: {customer.tags: enough}
      steps:
        - {send: again, by: email, reach: inbox}
"""
    life = on_order(steps).until(datetime(2026, 1, 31, 11, tzinfo=UTC))
    placed(life).days(70)

    life.hear("fact.stated", "page", fact="tags", value=["enough"]).days(100)

    assert life.sent_on("again") == ["2026-01-31", "2026-02-28", "2026-03-31"]


def test_going_round_in_circles_stops() -> None:
    steps = "  - repeat: {times: 1000, steps: [{change: {customer.tags: [x]}}]}\n"

    life = placed(on_order(steps))

    assert life.run("order-17").because == "goes_round_in_circles"


# -- people ------------------------------------------------------------------------------------------

TASK = """
  - task: {en: Refund her, fr: La rembourser}
    within: 2 days
    shows: [order.total]
    then: [{end: refunded}]
    or_else: [{end: too_late}]
"""


def test_a_task_that_was_done_leads_on() -> None:
    life = placed(on_order(TASK), total=80)
    [task] = life.tasks
    assert task.file["shows"] == {"order.total": 80}

    life.hear("task.done", "desk", task_id=str(task.task_id), outcome="refunded")

    assert life.run("order-17").because == "refunded"


def test_a_task_that_was_not_done_in_time_leads_elsewhere() -> None:
    life = placed(on_order(TASK)).days(3)

    assert life.run("order-17").because == "too_late"


def test_what_is_adverse_goes_to_a_person_who_decides() -> None:
    life = on_order("""
  - {send: refusal, by: email, reach: account, adverse: yes, significant: yes}
  - end: after
""")
    placed(life)
    [task] = life.tasks
    assert (life.sent, task.file["proposed"]["name"]) == ([], "refusal")

    life.hear("task.done", "desk", task_id=str(task.task_id), outcome="done")

    assert life.run("order-17").because == "after"


# -- asking ------------------------------------------------------------------------------------------

QUESTION = """
  - ask:
      about: customer.wants_news
      en: Would you like news?
      fr: Voulez-vous des nouvelles ?
      within: 7 days
    by: email
  - branch:
      - if: {answer: yes}
        then: [{end: said_yes}]
      - otherwise: [{end: said_no}]
"""


def test_an_answer_is_learnt_and_followed() -> None:
    life = placed(on_order(QUESTION))
    assert life.acts[-1].kind is ActKind.ASK

    life.answer("yes")

    assert life.run("order-17").because == "said_yes"


def test_what_was_answered_is_not_asked_again() -> None:
    life = placed(on_order(QUESTION)).answer("no").days(5)

    placed(life, "18")

    assert life.sent == ["question"]
    assert life.run("order-18").because == "said_no"


def test_what_she_said_unasked_is_not_asked_either() -> None:
    life = on_order(QUESTION).hear("fact.stated", "page", fact="wants_news", value=True)

    placed(life)

    assert not life.sent
    assert life.run("order-17").because == "said_yes"


def test_silence_is_what_the_file_says_it_is() -> None:
    assert placed(on_order(QUESTION)).days(8).run("order-17").because == "said_no"


# -- verdicts ----------------------------------------------------------------------------------------


def test_a_reminder_waits_while_a_complaint_is_open_and_leaves_when_it_is_closed() -> None:
    life = on_order("  - {send: hello, by: email, reach: inbox}\n")
    life.hear("complaint.opened", "desk", complaint_id="c1", about="a leak")
    placed(life)
    assert life.live[0].state is RunState.HELD

    life.days(3).hear("complaint.closed", "desk", complaint_id="c1")

    assert life.sent_on("hello") == ["2026-01-18"]


def test_a_letter_by_post_goes_to_the_postal_address() -> None:
    life = on_order("  - {send: hello, by: post, reach: home}\n")
    life.hear("fact.stated", "page", fact="address", value={"street": "3 quai Rambaud"})

    assert [act.recipient for act in placed(life).acts] == ["address"]


def test_what_was_held_too_long_is_left_out_and_said_so() -> None:
    life = on_order("  - {send: hello, by: email, reach: inbox}\n")
    life.hear("complaint.opened", "desk", complaint_id="c1", about="a leak")

    placed(life).days(31)

    run = life.run("order-17")
    assert (run.state, run.because) == (RunState.ENDED, "done")
    assert run.context["skipped"][0]["because"] == "held_too_long"


def test_the_house_says_how_long_an_act_is_held_where_the_file_does_not() -> None:
    life = on_order("  - {send: hello, by: email, reach: inbox}\n")
    patient = msgspec.structs.replace(life.house.settings, hold_days_inbox=40)
    life.house = msgspec.structs.replace(life.house, settings=patient)
    life.hear("complaint.opened", "desk", complaint_id="c1", about="a leak")

    assert placed(life).days(31).run("order-17").state is RunState.HELD
    assert life.days(10).run("order-17").state is RunState.ENDED


def test_what_the_guard_does_not_let_go_may_go_another_way() -> None:
    life = on_order("""
  - send: wish
    by: sms
    reach: phone
    benefit: pleasant
    or_else:
      - {send: wish-by-mail, by: email, reach: inbox, benefit: pleasant}
""")

    placed(life)

    assert life.sent == ["wish-by-mail"]
    assert life.acts[0].channel is Channel.EMAIL


def test_stopped_means_that_the_run_is_over_with_its_reason() -> None:
    life = on_order("  - wait: 1 day\n  - {send: hello, by: email, reach: inbox}\n")

    placed(life).hear("automation.stopped", "page", automation="a-promise").days(2)

    assert not life.sent
    assert life.run("order-17").state is RunState.ENDED


# -- versions ----------------------------------------------------------------------------------------


def test_a_run_finishes_on_the_version_it_started_with() -> None:
    first = written("starts: {when: order.placed}\nsteps: [{wait: 2 days}, {end: old}]\n")
    second = msgspec.structs.replace(
        written("starts: {when: order.placed}\nsteps: [{end: new}]\n"), version=2
    )
    life = placed(Life(first))
    life.house = msgspec.structs.replace(
        life.house,
        versions={(first.name, 1): first, (first.name, 2): second},
        live={first.name: second},
    )

    placed(life, "18").days(3)

    assert (life.run("order-17").because, life.run("order-18").because) == ("old", "new")


def test_a_version_that_is_lost_fails_the_run_and_says_so() -> None:
    life = placed(on_order("  - wait: 1 day\n"))
    life.house = msgspec.structs.replace(life.house, versions={}, live={})

    life.days(2)

    assert life.run("order-17").because == "version_missing"


def test_an_ended_run_stays_as_it_is() -> None:
    life = placed(on_order("  - end: done\n"))
    run = life.run("order-17")

    assert advance(run, life.customer, life.house, START).run == run


def test_two_orders_of_one_day_have_runs_of_their_own() -> None:
    life = on_order("  - wait: 1 day\n")

    placed(placed(life), "18")

    assert [run.subject for run in life.live] == ["order-17", "order-18"]


def test_settle_leaves_a_run_ready_only_when_there_is_something_left_to_do() -> None:
    assert settle is not None
    life = placed(on_order("  - {send: hello, by: email, reach: inbox}\n"))

    assert life.run("order-17").state is RunState.ENDED


# -- odd things --------------------------------------------------------------------------------------


def test_a_question_with_a_hole_in_it_is_not_put_and_a_person_is_told() -> None:
    life = a_parcel(new_date=None)

    assert not life.sent
    assert life.run("order-17").because == "question_gap"
    assert [task.title for task in life.tasks] == ["question_gap"]


def test_a_person_who_took_nothing_up_in_time_leaves_the_act_undone_and_said_so() -> None:
    life = on_order("""
  - {send: refusal, by: email, reach: account, adverse: yes, significant: yes, expires: 2 days}
  - end: after
""")

    placed(life).days(3)

    run = life.run("order-17")
    assert run.because == "after"
    assert run.context["skipped"][0]["because"] == "no_person_in_time"


def test_an_announcement_that_cannot_go_keeps_the_change_from_being_made() -> None:
    life = Life(examples()["faster-parcel"])
    life.hear("order.placed", order="17", address=ADDRESS, items=[{"sku": "shoes-42"}])
    life.hear("automation.stopped", "page", automation="faster-parcel")
    life.hear("parcel.could_go_faster", "shop", **PARCEL).days(30)

    assert "upgrade_shipping" not in life.sent


def test_an_end_by_condition_comes_wherever_the_run_stands() -> None:
    head = "starts: {when: order.placed}\nends: {if: {customer.tags: gone}}\nsteps:\n"
    life = on_order("  - wait: {event: review.left, within: 30 days}\n", head)
    placed(life).hear("fact.stated", "page", fact="tags", value=["gone"])

    life.hear("review.left", order="17")

    assert life.run("order-17").because == "ends_when"


def test_a_change_takes_what_the_event_says() -> None:
    life = placed(on_order("  - change: {customer.handle: event.currency}\n"), currency="EUR")

    [claim] = next(rows for key, rows in life.customer.claims.items() if key.fact == "handle")
    assert claim.value == "EUR"


def test_a_yes_or_no_fact_can_be_changed() -> None:
    life = placed(on_order("  - change: {customer.welcomed: yes}\n"))

    [claim] = next(rows for key, rows in life.customer.claims.items() if key.fact == "welcomed")
    assert claim.value is True


def test_values_that_a_message_names_travel_with_it() -> None:
    steps = """
  - send: hello
    by: email
    reach: inbox
    lane: bulk
    with: {total: order.total, thing: event.product, unknown: event.reason}
"""
    life = on_order(steps.replace(", unknown: event.reason", ""))
    placed(life, total=12.5, sku="filter-a")

    content = life.acts[0].content
    assert life.acts[0].lane == "bulk"
    assert content["values"]["total"] == 12.5
    assert content["values"]["thing"] == "Spring water filter"
    assert content["offers"] == ["a_person", "stop_these"]


def test_she_is_written_to_in_her_own_language() -> None:
    life = on_order("  - {send: hello, by: email, reach: inbox}\n")
    life.hear("fact.stated", "page", fact="language", value="fr_FR")

    placed(life)

    assert life.acts[0].content["language"] == "fr"


def test_a_question_by_text_message_goes_to_the_phone() -> None:
    life = on_order("""
  - ask: {about: customer.wants_news, en: News?, fr: Des nouvelles ?, within: 2 days}
    by: sms
    waiting: danger
    benefit: vital
    assumes: [customer.phone]
""")
    life.hear("fact.stated", "page", fact="phone", value="+33612345678")

    placed(life)

    assert [(act.recipient, act.reach) for act in life.acts] == [("phone", "phone")]


def test_always_then_never_the_last_word_counts() -> None:
    life = a_parcel().answer("always").days(1)

    life.hear("fact.stated", "page", fact="wish.never", about="wants_sooner", value=True)
    life.hear("parcel.could_go_faster", "shop", **PARCEL | {"order": "18"}).days(1)

    assert life.sent.count("upgrade_shipping") == 1


def test_a_no_is_not_got_round_by_another_way() -> None:
    life = on_order("""
  - send: offer
    by: email
    reach: account
    assumes: [customer.wants_sooner(event.order)]
    benefit: important
    ask: {en: Shall we?, fr: On le fait ?, within: 1 day}
    or_else:
      - {send: another-way, by: email, reach: inbox}
""")
    placed(life)
    assert life.sent == ["question"]

    life.answer("no").days(3)

    assert life.sent == ["question"]
