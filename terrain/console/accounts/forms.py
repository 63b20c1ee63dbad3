"""What somebody types about themselves: a name, an e-mail address, a new password.

Promise: whatever is wrong with it is said under its field, in the reader's language, all at once.
"""

from collections.abc import Mapping

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from email_validator import EmailNotValidError, validate_email

from terrain.console.accounts.models import Person

LONGEST_NAME = 80
# A password is hashed whole, so somebody could make us hash a novel.
LONGEST_PASSWORD = 1000
NAME, EMAIL, PASSWORD = "name", "email", "password"
Wrong = dict[str, str]


def typed(fields: Mapping[str, str]) -> tuple[Person, str]:
    """Return the person this form is about, not kept yet, and the password it holds."""
    name = " ".join(fields.get(NAME, "").split())
    email = fields.get(EMAIL, "").strip().lower()
    return Person(name=name, email=email), fields.get(PASSWORD, "")


def wrong_name(name: str) -> Wrong:
    """Return what is wrong with a name."""
    if not name:
        return {NAME: "name_missing"}
    return {NAME: "name_too_long"} if len(name) > LONGEST_NAME else {}


def wrong_email(email: str) -> Wrong:
    """Return what is wrong with an address, or that somebody has it already."""
    try:
        validate_email(email, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return {EMAIL: "email_wrong"}
    return {EMAIL: "email_taken"} if Person.objects.filter(email=email).exists() else {}


def wrong_password(password: str, person: Person) -> Wrong:
    """Return what is wrong with a new password of theirs."""
    if len(password) > LONGEST_PASSWORD:
        return {PASSWORD: "password_too_long"}
    try:
        validate_password(password, person)
    except ValidationError as error:
        return {PASSWORD: str(error.error_list[0].code)}
    return {}
