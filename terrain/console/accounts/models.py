"""Somebody who works here, and where they are signed in, as Django and django-allauth know them.

Promise: an e-mail address belongs to one account, however it is written. Everything but signing in reads
the same table through `terrain.store.staff`.
"""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower, Now

from terrain.core.staff import Role, Staff


class Person(AbstractBaseUser):
    email = models.EmailField()
    name = models.TextField()
    language = models.TextField(default="", db_default="")
    roles = ArrayField(models.TextField(), default=list, db_default=[])
    is_active = models.BooleanField(default=True, db_default=True)
    invited_by = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    made_at = models.DateTimeField(db_default=Now())
    joined_at = models.DateTimeField(null=True)

    objects = BaseUserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ("name",)

    class Meta:
        """What Django asks about the table."""

        db_table = "staff"
        constraints = (models.UniqueConstraint(Lower("email"), name="staff_email"),)

    @property
    def as_staff(self) -> Staff:
        """Return them as the pages know them."""
        return Staff(
            staff_id=self.pk,
            name=self.name,
            email=self.email,
            roles=frozenset(Role(each) for each in self.roles if each in set(Role)),
        )


class Session(AbstractBaseSession):
    """One browser that holds a key of ours; `terrain.store.sessions` reads and ends those of somebody."""

    staff = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    ip = models.GenericIPAddressField(null=True)
    browser = models.TextField(default="")
    began_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        """What Django asks about the table."""

        db_table = "staff_session"
