"""Whether this web process was told to stop. Whoever answers without an end looks here.

Promise: a process that is told to stop waits for answers under way, and for nobody who only listens.
"""

import threading

told_to_stop = threading.Event()
