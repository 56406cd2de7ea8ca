"""Languages by name: in the language of whoever reads, from Unicode's CLDR, and back to codes."""

import os
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from app.languages import name as english
from models.language import normalise

ENGLISH = "en"


_RARE: Mapping[str, str] = dict(
    line.split(" ", 1)
    for line in """\
aed Argentine Sign Language
ber Berber languages
bzs Brazilian Sign Language
cjp Cabécar
csg Chilean Sign Language
csn Colombian Sign Language
dop Lukpa
fse Finnish Sign Language
iso Isoko
kqn Kaonde
kwn Kwangali
kwy San Salvador Kongo
lld Ladin
lue Luvale
mfs Mexican Sign Language
nyk Nyaneka
prl Peruvian Sign Language
quw Tena Lowland Quichua
rnd Ruund
ssp Spanish Sign Language
tdt Tetun Dili
tll Tetela
toi Tonga (Zambia)
tzo Tzotzil
vsl Venezuelan Sign Language
wls Wallisian
yua Yucateco
zne Zande
""".splitlines()
)
"""English names, by ISO 639-3 (`ber`: 639-5), of languages of published models that CLDR has no word for."""


def reader(environment: dict[str, str] | None = None) -> str:
    """The language of the terminal's owner as a locale such as `pt_BR`: LC_ALL, LC_MESSAGES, LANG, else English."""
    settings = os.environ if environment is None else environment
    chosen = next((settings[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if settings.get(name)), "")
    return chosen.partition(".")[0].partition("@")[0] or ENGLISH


def named(code: str, language: str = ENGLISH) -> str:
    """What speakers of `language` call it; in English where they have no word known here, else the code."""
    return _names(language).get(code) or _names(ENGLISH).get(code) or _RARE.get(code) or english(code)


def code_of(text: str, language: str = ENGLISH, *, known: Iterable[str]) -> str:
    """The base code of a code (zh-TW, nob) or of a name in `language`, in English or in the language itself.

    `known`: the codes that a name may stand for. Raises UnknownCode.
    """
    wanted = _plain(text)
    # Some names are codes of something else: "Ewe" is no sheep, and "fon" no telephone.
    for code in known:
        if wanted in {_plain(named(code, each)) for each in (language, ENGLISH, code)}:
            return code
    return normalise(text)


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[\W_]+", "", "".join(letter for letter in letters if not unicodedata.combining(letter)))


@lru_cache(maxsize=512)
def _names(language: str) -> dict[str, str]:
    """Empty for a language that CLDR has no names in."""
    try:
        return dict(Locale.parse(language.replace("-", "_")).languages)
    except (UnknownLocaleError, ValueError):
        return {}
