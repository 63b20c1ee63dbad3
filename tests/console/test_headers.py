"""What every answer carries, so that a browser helps us to keep our word."""

from typing import Any


def test_no_script_and_no_foreign_frame_is_let_in(reader: Any) -> None:
    headers = reader.get("/left").headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_nobody_is_told_where_a_reader_comes_from(reader: Any) -> None:
    answers = [reader.get(address) for address in ("/left", "/my/forged", "/nowhere")]

    assert {answer.headers["Referrer-Policy"] for answer in answers} == {"no-referrer"}
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}


def test_strict_transport_is_asked_for_only_under_tls(reader: Any, settings_of_django: Any) -> None:
    assert "Strict-Transport-Security" not in reader.get("/left").headers

    settings_of_django.SERVED_BY_TLS = True
    assert "max-age" in reader.get("/left").headers["Strict-Transport-Security"]


def test_what_a_page_is_dressed_in_is_kept_by_the_browser(reader: Any) -> None:
    from terrain.console.assets import address  # noqa: PLC0415

    answer = reader.get(address("terrain.css"))

    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["Cache-Control"]


def test_no_file_can_be_reached_beside_ours(reader: Any) -> None:
    for name in ("..%2Fsettings.py", "settings.py", "..", "terrain.css%00"):
        assert reader.get(f"/static/x/{name}").status_code == 404


def test_ten_megabytes_are_refused_before_they_are_read(reader: Any) -> None:
    answer = reader.post("/left", {"text": "x" * 10_000_000})

    assert answer.status_code == 413
    assert "64" in answer.content.decode()


def test_a_form_without_our_word_is_refused(reader: Any) -> None:
    assert reader.post("/left").status_code == 403


def test_a_form_may_hide_where_it_comes_from_but_not_come_from_elsewhere(
    reader: Any, operator: Any
) -> None:
    shown = operator.get("/demo").content.decode()
    word = {"csrfmiddlewaretoken": shown.split('csrfmiddlewaretoken" value="')[1].split('"')[0]}
    ours = {"HTTP_ORIGIN": "null", "HTTP_SEC_FETCH_SITE": "same-origin"}
    theirs = {"HTTP_ORIGIN": "null", "HTTP_SEC_FETCH_SITE": "cross-site"}

    assert reader.post("/left", word, **theirs).status_code == 403
    assert reader.post("/left", word, HTTP_ORIGIN="https://evil.example").status_code == 403
    assert reader.post("/left", word, **ours).status_code == 302
