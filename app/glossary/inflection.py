"""Regular plurals of terms, and the gender of Portuguese ones: as much grammar as a glossary needs.

English and Portuguese, the languages of the embedded models; in others a term has the forms that it is given.
"""

import re

_HEAD_ENDS = {
    "en": frozenset(("of", "in", "on", "at", "to", "for", "with", "from", "by", "and", "or")),
    "pt": frozenset(
        (
            "de", "do", "da", "dos", "das", "em", "no", "na", "nos", "nas", "a", "à", "ao", "aos", "às", "com", "para",
            "por", "sem", "e", "ou",
        )
    ),
}  # fmt: skip
_VOWELS = "aeiouáàâãéêíóôõú"
_ACCENT = re.compile("[áâãéêíóôõú]")
_FEMININE = re.compile(r"(?:a|ã|ção|são|dade|gem|ncia|tude|ice|se)$")
_MASCULINE = re.compile(r"(?:ema|ama|oma|eta|dia|mapa|guarda|ase|esse)$")
_FEMININE_WORDS = frozenset(
    (
        "carne", "chave", "equipe", "fonte", "frente", "gente", "lei", "mão", "morte", "mulher", "noite", "nuvem",
        "parte", "ponte", "rede", "sede", "tarde",
    )
)  # fmt: skip


def plural(term: str, language: str) -> str | None:
    """None where there is no rule: other languages, compounds with hyphens, names, and what is a plural already."""
    ends = _HEAD_ENDS.get(language)
    words = term.split(" ")
    if ends is None or not term.islower():
        return None
    head = next((number for number, word in enumerate(words) if number and word in ends), len(words))
    # The noun comes last before a preposition in English; in Portuguese its adjectives follow and agree.
    first = head - 1 if language == "en" else 0
    rule = _english if language == "en" else _portuguese
    inflected = [rule(word) if word.isalpha() else None for word in words[first:head]]
    if None in inflected:
        return None
    return " ".join([*words[:first], *map(str, inflected), *words[head:]])


def feminine(term: str) -> bool:
    """Whether a Portuguese term is, by the ending of its noun; where that does not say, it is not."""
    word = term.split(" ", maxsplit=1)[0].casefold().rstrip(".,")
    if word in _FEMININE_WORDS:
        return True
    word = singular(word)
    return word in _FEMININE_WORDS or (
        _FEMININE.search(word) is not None and _MASCULINE.search(word) is None and not word.endswith("ês")
    )


def singular(word: str) -> str:
    """Of a Portuguese noun, as far as its gender shows in it."""
    for ending, single in (("ões", "ão"), ("ens", "em"), ("ais", "al"), ("res", "r"), ("zes", "z")):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)] + single
    return word[:-1] if word.endswith("s") and len(word) > 3 else word


def is_plural(term: str, language: str) -> bool:
    """By its ending alone."""
    ends = _HEAD_ENDS.get(language, frozenset())
    words = term.casefold().split(" ")
    head = next((number for number, word in enumerate(words) if number and word in ends), len(words))
    word = words[head - 1] if language == "en" else words[0]
    return word.endswith("s") and not word.endswith(("ss", "us", "is" if language == "en" else "ês"))


def indefinite(following: str) -> str:
    """The English article before it: "a" or "an", by how it most likely sounds."""
    word = re.split(r"[\s-]", following, maxsplit=1)[0]
    if len(word) > 1 and word.isupper() and not re.search("[AEIOU]", word[1:]):
        return "an" if word[0] in "AEFHILMNORSX" else "a"
    low = word.casefold()
    if re.match(r"(?:hour|hono|heir)", low):
        return "an"
    if re.match(r"(?:uni(?!n)|use|usu|ut[ei]|eu|one\b|once)", low):
        return "a"
    return "an" if low[:1] in tuple("aeiou") else "a"


def _english(word: str) -> str | None:
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return None if word.endswith(("ics", "ings", "rs", "ns", "ts", "es", "ds")) else word + "es"
    if word.endswith("y") and word[-2:-1] not in tuple("aeiou"):
        return word[:-1] + "ies"
    if word in ("knife", "wife", "life"):
        return word[:-2] + "ves"
    if word.endswith("man"):
        return word[:-2] + "en"
    return word + "s"


def _portuguese(word: str) -> str | None:
    if word.endswith("s"):
        return word[:-2] + "eses" if word.endswith("ês") else None
    if word.endswith("ão"):
        return word[:-2] + "ões"
    if word.endswith("m"):
        return word[:-1] + "ns"
    if word.endswith(("r", "z")):
        return word + "es"
    if word.endswith("l"):
        return _with_l(word)
    return word + "s" if word[-1:] in tuple(_VOWELS) else None


def _with_l(word: str) -> str | None:
    stem, vowel = word[:-2], word[-2:-1]
    if vowel in ("a", "u"):
        return stem + vowel + "is"
    if vowel in ("e", "o"):
        # The stress stays: painel, painéis, but telemóvel, telemóveis.
        bare = _ACCENT.search(stem) is not None
        return stem + (vowel if bare else {"e": "é", "o": "ó"}[vowel]) + "is"
    return None
