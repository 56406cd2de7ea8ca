"""What a model's licence allows a business, as far as its name says. No legal advice."""

import re
from enum import Enum

from models.contracts import Untrusted

OPUS_MT = "CC-BY-4.0"


class Terms(Enum):
    OPEN = "may be used for any purpose, under its conditions"
    NON_COMMERCIAL = "may not be used commercially"
    UNKNOWN = "not stated, or not known here: read it before use"


_OPEN = re.compile(
    r"(cc[-_ ]?by([-_ ]?sa)?|cc0|apache|mit|bsd|isc|mpl|unlicense|cdla[-_ ]permissive|pddl|odc[-_ ]by|zlib)(?![a-z])"
)
_BOUND = re.compile(r"(?<![a-z])(nc|non[-_ ]?commercial|research[-_ ]only|academic)(?![a-z])")


def terms(licence: str) -> Terms:
    """By an SPDX id, the hub's short name or plain words; CC-BY-NC-ND is told apart from CC-BY."""
    plain = licence.strip().lower()
    if _BOUND.search(plain):
        return Terms.NON_COMMERCIAL
    return Terms.OPEN if _OPEN.match(plain) else Terms.UNKNOWN


def check(licence: str, *, allow_non_commercial: bool) -> Terms:
    """Raises Untrusted for a licence that forbids commercial use, unless that was allowed."""
    found = terms(licence)
    if found is Terms.NON_COMMERCIAL and not allow_non_commercial:
        raise Untrusted(
            f"The model's licence, {licence}, forbids commercial use. If yours is none, say --allow-non-commercial."
        )
    return found
