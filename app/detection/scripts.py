"""What the writing system alone decides, and which languages it leaves."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

# Unicode blocks as (first, last, ISO 15924 script); only letters are looked up, so blocks are close enough.
_RANGES: tuple[tuple[int, int, str], ...] = (
    (0x0041, 0x024F, "Latn"),
    (0x0250, 0x02AF, "Latn"),
    (0x0370, 0x03FF, "Grek"),
    (0x0400, 0x052F, "Cyrl"),
    (0x0530, 0x058F, "Armn"),
    (0x0590, 0x05FF, "Hebr"),
    (0x0600, 0x06FF, "Arab"),
    (0x0750, 0x077F, "Arab"),
    (0x0870, 0x08FF, "Arab"),
    (0x0900, 0x097F, "Deva"),
    (0x0980, 0x09FF, "Beng"),
    (0x0A00, 0x0A7F, "Guru"),
    (0x0A80, 0x0AFF, "Gujr"),
    (0x0B00, 0x0B7F, "Orya"),
    (0x0B80, 0x0BFF, "Taml"),
    (0x0C00, 0x0C7F, "Telu"),
    (0x0C80, 0x0CFF, "Knda"),
    (0x0D00, 0x0D7F, "Mlym"),
    (0x0D80, 0x0DFF, "Sinh"),
    (0x0E00, 0x0E7F, "Thai"),
    (0x0E80, 0x0EFF, "Laoo"),
    (0x0F00, 0x0FFF, "Tibt"),
    (0x1000, 0x109F, "Mymr"),
    (0x10A0, 0x10FF, "Geor"),
    (0x1100, 0x11FF, "Hang"),
    (0x1200, 0x139F, "Ethi"),
    (0x1780, 0x17FF, "Khmr"),
    (0x1C80, 0x1C8F, "Cyrl"),
    (0x1C90, 0x1CBF, "Geor"),
    (0x1D00, 0x1DBF, "Latn"),
    (0x1E00, 0x1EFF, "Latn"),
    (0x1F00, 0x1FFF, "Grek"),
    (0x2C60, 0x2C7F, "Latn"),
    (0x2D00, 0x2D2F, "Geor"),
    (0x2D80, 0x2DDF, "Ethi"),
    (0x2DE0, 0x2DFF, "Cyrl"),
    (0x3005, 0x3007, "Hani"),
    (0x3040, 0x30FF, "Kana"),
    (0x3130, 0x318F, "Hang"),
    (0x31F0, 0x31FF, "Kana"),
    (0x3400, 0x4DBF, "Hani"),
    (0x4E00, 0x9FFF, "Hani"),
    (0xA640, 0xA69F, "Cyrl"),
    (0xA720, 0xA7FF, "Latn"),
    (0xA8E0, 0xA8FF, "Deva"),
    (0xA9E0, 0xA9FF, "Mymr"),
    (0xAA60, 0xAA7F, "Mymr"),
    (0xAB00, 0xAB2F, "Ethi"),
    (0xAC00, 0xD7FF, "Hang"),
    (0xF900, 0xFAFF, "Hani"),
    (0xFB00, 0xFB06, "Latn"),
    (0xFB1D, 0xFB4F, "Hebr"),
    (0xFB50, 0xFDFF, "Arab"),
    (0xFE70, 0xFEFF, "Arab"),
    (0xFF21, 0xFF5A, "Latn"),
    (0xFF66, 0xFF9F, "Kana"),
    (0x20000, 0x3FFFF, "Hani"),
)
_STARTS = [first for first, _, _ in _RANGES]

# A syllable or an ideograph says as much as two or three letters, and Latin names stand in texts of every script
# while the reverse is rare: `iPhoneを買いました` is Japanese.
_WORTH: Mapping[str, int] = MappingProxyType({"Latn": 1, "Hang": 6, "Hani": 6, "Kana": 4})
_USUAL_WORTH = 2

UNIQUE: Mapping[str, str] = MappingProxyType(
    {
        "Armn": "hy",
        "Ethi": "am",
        "Geor": "ka",
        "Grek": "el",
        "Gujr": "gu",
        "Guru": "pa",
        "Hang": "ko",
        "Hebr": "he",
        "Kana": "ja",
        "Khmr": "km",
        "Knda": "kn",
        "Laoo": "lo",
        "Mlym": "ml",
        "Mymr": "my",
        "Orya": "or",
        "Sinh": "si",
        "Taml": "ta",
        "Telu": "te",
        "Thai": "th",
    }
)
"""Scripts with one language among those the identifiers know (Hebr and Ethi: see `marked_language`)."""

SHARED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "Arab": frozenset(["ar", "az", "fa", "ku", "ps", "ug", "ur", "uz"]),
        "Beng": frozenset(["as", "bn"]),
        "Cyrl": frozenset(
            ["az", "ba", "be", "bg", "crh", "kk", "ky", "mk", "mn", "ru", "sr", "tg", "tk", "tt", "uk", "uz"]
        ),
        "Deva": frozenset(["gom", "hi", "mr", "ne", "sa"]),
    }
)
"""Scripts several languages share; Latin is every language that is in neither table, and those in LATIN_TOO."""

LATIN_TOO = frozenset(["az", "crh", "ku", "sr", "tk", "uz"])

# Yiddish and Tigrinya are known to no identifier and would be called Hebrew and Amharic.
_YIDDISH_LIGATURE = re.compile("[\u05f0-\u05f2\ufb1f]")
_AYIN = "\u05e2"
_AYIN_SHARE = 0.085  # Hebrew stays near 0.035; Yiddish writes its commonest vowel with it
_TIGRINYA = re.compile("[\u1250-\u125d\u12a3]")


@dataclass(frozen=True, slots=True)
class Writing:
    script: str | None
    """ISO 15924 code of the script most of the text is in; None for scripts not in the table."""

    share: float
    """That script's share of the letters, by what a sign is worth."""

    letters: int
    distinct: int


def writing_of(text: str) -> Writing:
    letters = {char: count for char, count in Counter(text).items() if char.isalpha()}
    weights: Counter[str] = Counter()
    for char, count in letters.items():
        script = _script_of(char)
        weights[script] += count * _WORTH.get(script, _USUAL_WORTH)
    if weights["Kana"]:  # Japanese mixes; a single kana settles what the ideographs are
        weights["Kana"] += weights.pop("Hani", 0)
    script, weight = max(weights.items(), key=lambda item: (item[1], item[0]), default=("", 0))
    if not script:
        return Writing(None, 0.0, sum(letters.values()), len(letters))
    return Writing(script, weight / weights.total(), sum(letters.values()), len(letters))


def marked_language(text: str, script: str) -> str | None:
    """Languages told from their script's usual one by signs of their own."""
    if script == "Hebr" and (_YIDDISH_LIGATURE.search(text) or _ayin_share(text) > _AYIN_SHARE):
        return "yi"
    if script == "Ethi" and _TIGRINYA.search(text):
        return "ti"
    return None


def written_in(language: str, script: str) -> bool:
    if script in SHARED:
        return language in SHARED[script]
    if script != "Latn":
        return False
    elsewhere = language in UNIQUE.values() or any(language in languages for languages in SHARED.values())
    return language in LATIN_TOO or not (elsewhere or language in {"dz", "zh"})


def _ayin_share(text: str) -> float:
    letters = sum(map(str.isalpha, text))
    return text.count(_AYIN) / letters if letters >= 16 else 0.0


@lru_cache(maxsize=8_192)
def _script_of(char: str) -> str:
    index = bisect_right(_STARTS, ord(char)) - 1
    if index < 0 or ord(char) > _RANGES[index][1]:
        return ""
    return _RANGES[index][2]
