"""What `typed` gives: type a command, get its exit code and words, or its answer in JSON."""

from collections.abc import Callable
from typing import Any

Typed = Callable[..., Any]
