"""What the pages say, by language: languages/<code>.json, each with the same entries as en.json (a test compares)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from app.flags import FLAGS

RIGHT_TO_LEFT = frozenset({"ar", "arc", "dv", "fa", "he", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"})
EITHER = frozenset({"az", "ku", "ms", "pa", "und", "uz"})
"""Written both ways: the first letter decides."""
SHIPPED = ("en", "pt")
DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class Words:
    code: str
    texts: Mapping[str, str]
    flags: Mapping[str, str]
    errors: Mapping[str, str]
    """By code; what is not here is said in the error's own English."""
    languages: Mapping[str, str]

    def __call__(self, name: str, **values: object) -> str:
        return self.texts[name].format(**values)

    def language(self, code: str) -> str:
        """Its name, or the code where the catalogue has none."""
        return self.languages.get(code, code)

    def flag(self, name: str) -> str:
        return self.flags.get(name) or FLAGS.get(name, name)

    def number(self, value: int) -> str:
        return f"{value:,}".replace(",", self.texts["thousands"])

    def percent(self, share: float) -> str:
        """Rounded down: what is not certain is not called 100 %."""
        return f"{int(share * 100)}\N{NO-BREAK SPACE}%"


@cache
def words(code: str) -> Words:
    found: dict[str, Any] = json.loads((files("app.web") / "languages" / f"{code}.json").read_text("utf-8"))
    return Words(code, found["texts"], found["flags"], found["errors"], found["languages"])


def chosen(wanted: str | None, accept: str) -> str:
    """`wanted` if it is shipped, else the best of Accept-Language."""
    if wanted in SHIPPED:
        return str(wanted)
    ranked = sorted((_ranked(each) for each in accept.split(",")), key=lambda each: -each[0])
    return next((code for weight, code in ranked if weight > 0 and code in SHIPPED), DEFAULT)


def _ranked(part: str) -> tuple[float, str]:
    tag, _, weight = part.partition(";q=")
    try:
        return float(weight or 1), tag.strip().lower().partition("-")[0]
    except ValueError:
        return 0.0, ""


def direction(code: str) -> str:
    """For the attribute `dir`."""
    if code in RIGHT_TO_LEFT:
        return "rtl"
    return "auto" if code in EITHER else "ltr"
