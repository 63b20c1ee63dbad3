"""What the reasons are called for which somebody pulls the cord.

Promise: every reason that can be stored has its words; pages and the terminal say the same.
"""

from terrain.core.flag import Reason
from terrain.words import _

# Why somebody says that something is wrong; what is met most often first, then those of which one is enough.
REASONS = {
    Reason.WRONG_FACT: _("a wrong fact"),
    Reason.TOO_MUCH: _("too much, too often"),
    Reason.OTHER: _("something else"),
    Reason.WRONG_PERSON: _("the wrong person"),
    Reason.VULNERABLE: _("somebody vulnerable is hurt"),
    Reason.SAFETY: _("it is dangerous"),
    Reason.LEGAL: _("it is against the law"),
}
