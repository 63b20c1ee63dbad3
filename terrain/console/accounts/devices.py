"""What a browser calls itself, in words that its owner knows it by: "Firefox, Linux".

Promise: what is not known is left out; nothing that a stranger sent is shown as it came.
"""

# The first that fits: Edge says that it is Chrome, too, and Chrome that it is Safari.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def named(browser: str) -> str:
    """Return what to call it; nothing if nobody knows."""
    known = [_first(browser, BROWSERS), _first(browser, SYSTEMS)]
    return ", ".join(each for each in known if each)


def _first(text: str, known: tuple[tuple[str, str], ...]) -> str:
    return next((name for sign, name in known if sign in text), "")
