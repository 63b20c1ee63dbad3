"""The pages as one WSGI application, to be mounted beside the machines' door or served alone.

Promise: importing this makes Django ready; nothing else has to be called first.
"""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "terrain.console.settings")

application = get_wsgi_application()
