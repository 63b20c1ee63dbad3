"""The one migration of the accounts: Django writes this table, since its own and django-allauth point at it."""
