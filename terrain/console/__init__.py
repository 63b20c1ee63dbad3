"""Where people come in: Django under WSGI, for accounts, sessions, forms and migrations.

Promise: Django keeps accounts and nothing else; what is known of customers is `terrain.store`'s.
"""
