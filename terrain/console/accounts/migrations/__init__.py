"""The migrations of the accounts: Django writes these tables, since its own and django-allauth point at them."""
