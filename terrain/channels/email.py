"""E-mail out, over SMTP, on one connection that stays open.

Promise: says of each letter whether it left, was refused for good, may go later, or may have left
(the line broke between the last word and the answer). One letter at a time is on its way.
"""

import contextlib
import re
import smtplib
import ssl
import time
from datetime import datetime, timedelta
from functools import cache
from urllib.parse import unquote, urlsplit

from email_validator import EmailNotValidError, validate_email

from terrain.channels.mime import as_bytes
from terrain.core.message import Letter
from terrain.core.outbox import How, Result

SECONDS = 20.0
SECONDS_FOR_THE_LAST_WORD = 45.0
# Servers close what is silent, and some count the letters of a connection.
LONGEST_SILENCE = 30.0
MOST_LETTERS = 100
LONGEST_DETAIL = 200
# After a server could not be reached, nobody waits for it again for a while: others wait behind.
REST_SECONDS = 15.0
GREYLISTED = timedelta(minutes=5)
PORTS = {"smtp": 25, "smtps": 465}
OK, GO_ON = 250, 354
# The third digit group of 5.1.x and 5.2.x speaks of the mailbox; 5.7.x is a matter of policy.
_OF_THE_ADDRESS = re.compile(r"\b5\.[12]\.\d")
_STATUS = re.compile(r"\b[45]\.\d{1,3}\.\d{1,3}\b")
_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")


class Mailer:
    """Gives letters to one mail server."""

    def __init__(self, url: str) -> None:
        self.url = urlsplit(url)
        self._server: smtplib.SMTP | None = None
        self._last_used = 0.0
        self._letters = 0
        self._rests_until = 0.0

    def send(self, letter: Letter, now: datetime) -> Result:
        """Give this letter to the server; say how it went."""
        try:
            to = validate_email(letter.to, check_deliverability=False)
        except EmailNotValidError:
            return Result(how=How.REFUSED, because="no_address", address_is_wrong=True)
        message = as_bytes(letter, now)
        if time.monotonic() < self._rests_until:
            return Result(how=How.NOT_YET, because="no_mail_server", detail="rests")
        try:
            server = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            self._rests_until = time.monotonic() + REST_SECONDS
            return Result(how=How.NOT_YET, because="no_mail_server", detail=type(error).__name__)
        result = self._give(server, letter, to.ascii_email or to.normalized, message)
        self._last_used = time.monotonic()
        return result

    def close(self) -> None:
        """Say goodbye, if there is anybody to say it to."""
        if self._server is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._server.quit()
            self._server.close()
            self._server = None

    def _give(self, server: smtplib.SMTP, letter: Letter, to: str, message: bytes) -> Result:
        """Say it in the order of SMTP; until the last dot, a broken line means that nothing left."""
        try:
            refused = self._announce(server, letter.returns or letter.sender, to)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Result(how=How.NOT_YET, because="no_mail_server", detail=type(error).__name__)
        if refused is not None:
            self._start_over(server)
            return refused
        try:
            _patience(server, SECONDS_FOR_THE_LAST_WORD)
            code, said = _say_all(server, message)
            _patience(server, SECONDS)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Result(how=How.UNKNOWN, because="mail_server_lost", detail=type(error).__name__)
        return understood(code, said)

    def _announce(self, server: smtplib.SMTP, sender: str, to: str) -> Result | None:
        """Say from whom and to whom; return the refusal, if the server will not have the letter."""
        options = ["BODY=8BITMIME"] if server.has_extn("8bitmime") else []
        if not to.isascii():
            if not server.has_extn("smtputf8"):
                return Result(how=How.REFUSED, because="address_not_spoken", address_is_wrong=True)
            options.append("SMTPUTF8")
            server.command_encoding = "utf-8"
        code, answer = server.mail(sender, options)
        if code != OK:
            return understood(code, answer)
        code, answer = server.rcpt(to)
        if code not in (250, 251):
            return understood(code, answer, of_recipient=True)
        code, answer = server.docmd("DATA")
        return None if code == GO_ON else understood(code, answer)

    def _start_over(self, server: smtplib.SMTP) -> None:
        try:
            server.rset()
        except (OSError, smtplib.SMTPException):
            self.close()

    def _connected(self) -> smtplib.SMTP:
        silent = time.monotonic() - self._last_used > LONGEST_SILENCE
        if self._server is not None and (silent or self._letters >= MOST_LETTERS):
            self.close()
        if self._server is None:
            self._server = self._greeted()
            self._letters = 0
        self._letters += 1
        return self._server

    def _greeted(self) -> smtplib.SMTP:
        host, port = self.url.hostname or "localhost", self.url.port or PORTS[self.url.scheme]
        server = (
            smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=_trust(to_the_name=True))
            if self.url.scheme == "smtps"
            else smtplib.SMTP(host, port, timeout=SECONDS)
        )
        try:
            server.ehlo_or_helo_if_needed()
            if self.url.scheme == "smtp" and server.has_extn("starttls"):
                # Without a password to lose, a relay's home-made certificate is better than none.
                server.starttls(context=_trust(to_the_name=bool(self.url.password)))
                server.ehlo()
            if self.url.username:
                server.login(unquote(self.url.username), unquote(self.url.password or ""))
        except BaseException:
            server.close()
            raise
        return server


def understood(code: int, said: bytes, *, of_recipient: bool = False) -> Result:
    """Return what an answer of the server means; addresses in it are not kept."""
    text = _ADDRESS.sub("…@…", said.decode("utf-8", "replace"))
    detail = f"{code} {text}"[:LONGEST_DETAIL]
    if code < 400:
        return Result(how=How.LEFT, detail=detail)
    if code < 500:
        after = GREYLISTED if code in (450, 451, 421) else None
        return Result(how=How.NOT_YET, because="mail_not_yet", detail=detail, again_after=after)
    # A server that gives a fuller code says there whether the address is at fault.
    fuller = _STATUS.search(text)
    wrong = bool(_OF_THE_ADDRESS.search(text)) if fuller else of_recipient
    because = "address_refused" if wrong else "mail_refused"
    return Result(how=How.REFUSED, because=because, detail=detail, address_is_wrong=wrong)


def _say_all(server: smtplib.SMTP, message: bytes) -> tuple[int, bytes]:
    """Say the letter and the last dot; a line of it that begins with a dot gets another one."""
    server.send(message.replace(b"\r\n.", b"\r\n..") + b".\r\n")
    return server.getreply()


@cache
def _trust(*, to_the_name: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not to_the_name:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _patience(server: smtplib.SMTP, seconds: float) -> None:
    if server.sock is not None:
        server.sock.settimeout(seconds)
