"""One message that the record will not take costs no other."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.api.conftest import WebProcess

# A rule that nobody expects, as a mistake of ours would be.
NO_OMAR = "ALTER TABLE event ADD CHECK (message_id <> 'omar')"
DIVIDES = """
    CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF new.message_id = 'omar' THEN RAISE 'secret' USING ERRCODE = 'P0001'; END IF;
    RETURN new; END $$;
    CREATE TRIGGER broken BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION broken()
"""


@pytest.mark.parametrize("rule", [NO_OMAR, DIVIDES], ids=["data", "bug"])
def test_the_one_to_blame_goes_to_the_tray_and_the_others_are_taken(
    own_web: "WebProcess", rule: str
) -> None:
    web = own_web
    with web.db() as db:
        db.execute(rule.encode())
    batch = [{"event": "x", "userId": "u", "messageId": name} for name in ("lea", "omar", "ines")]
    answer = web.post("/v1/batch", {"batch": batch}, web.key())

    assert [item["outcome"] for item in answer.json["items"]] == ["taken", "refused", "taken"]
    assert [event[0] for event in web.events()] == ["ines", "lea"]
    with web.db() as db:
        assert db.execute("SELECT code FROM tray").fetchall() == [("cannot_be_kept",)]


def test_who_spoke_is_known_a_few_seconds_later(web: "WebProcess") -> None:
    web.post("/v1/track", {"event": "x", "userId": "lea"}, web.key(source="bank"))
    web.app._write_down_who_spoke()

    with web.db() as db:
        assert db.execute("SELECT name, events FROM source").fetchall() == [("bank", 1)]
