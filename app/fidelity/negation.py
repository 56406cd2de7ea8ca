# ruff: noqa: RUF001 - apostrophes
"""Whether the only "not" of a sentence is lost."""

import re
from collections.abc import Collection, Mapping

# Words that deny, as a sentence's only one. In English, what ends in n't, too.
_DENIES: Mapping[str, str] = {
    "bg": "не няма никога",
    "ca": "no mai",
    "cs": "ne není nejsou nebyl nebyla nebylo nikdy",
    "da": "ikke aldrig",
    "de": "nicht nie niemals kein keine keinen keinem keiner",
    "en": (
        "not never cannot no without neither nor nobody nothing nowhere none"
        " dont doesnt didnt isnt wasnt wont cant couldnt"
    ),
    "es": "no nunca jamás",
    "fr": "pas jamais",
    "gl": "non nunca",
    "hr": "ne nije nisu nikad nikada",
    "hu": "nem soha",
    "it": "non mai",
    "lt": "ne nėra niekada",
    "nl": "niet nooit geen",
    "no": "ikke aldri",
    "pl": "nie nigdy",
    "pt": "não nunca jamais sem nem ninguém nenhum nenhuma nada",
    "ro": "nu niciodată",
    "ru": "не нет никогда",
    "sk": "nie nikdy",
    "sl": "ne ni niso nikoli",
    "sr": "не није нису никада ne nije nisu",
    "sv": "inte aldrig",
    "uk": "не немає ніколи",
}
# What a good translation may say instead. Tried only where a denial is to be accounted for.
_INSTEAD: Mapping[str, str] = {
    "bg": r"без|ни\w+|липсв\w*|не\w{4,}",
    "ca": r"sense|ni|cap|res|ning\w+|tampoc|(?:in|im|des)\w{5,}|evit\w+",
    "cs": r"bez\w*|ni\w+|žádn\w+|ani|ne\w{3,}",
    "da": r"uden|ingen|intet|hverken|u\w{5,}|mangle\w*",
    "de": r"ohne|kaum|weder|nichts|niemand\w*|keinerlei|un(?!d|ter|ser)\w{4,}|miss\w{3,}|\w+los(?:e[mnrs]?)?|fehl\w+",
    "en": (
        r"\w+n['’]t|no|none|nothing|nobody|nor|neither|nowhere|without|hardly|barely|rarely|seldom|few|little|unless"
        r"|instead|rather|lack\w*|fail\w*|refus\w*|den(?:y|ie[sd]|ying)|prevent\w*|avoid\w*|absen\w+|miss(?:ed|es|ing)?"
        r"|stop\w*|standing|\w+-free|free (?:of|from)"
        r"|un(?!der|til|it|iv|ion|iq|less|fortunate)\w{4,}|dis(?!t|c|p|k|h|ease)\w{4,}|non-?\w*|\w{3,}less(?:ly)?"
        r"|im(?:possib|prob|prop|pract|mobil|mature|person)\w+|in(?:ab|ac|ad|ap|cap|comp|corr|cred|def|dep|dir|eff|elig"
        r"|evit|exp|ex|fer|form|just|op|sec|sens|suff|tol|val|vis)\w+|il(?:leg|lic|lit|log)\w+|ir(?:r)\w+"
        r"|dont|cant|wont|isnt|doesnt|didnt|wasnt|couldnt|havent|ain|feel free"
    ),
    "es": r"sin|ni|nada|nadie|ning\w+|tampoco|falta\w*|(?:in|im|des)\w{5,}|evit\w+|sino",
    "fr": r"ne|n['’]\w+|sans|ni|rien|personne|aucune?|guère|plus|non|(?:in|im|dés?)\w{5,}|manque\w*|évit\w+",
    "gl": r"sen|nin|nada|ningu\w+|tampouco|(?:in|im|des)\w{5,}",
    "hr": r"bez|ni\w+|ne\w{3,}",
    "hu": r"nélkül|sincs\w*|semmi\w*|senki\w*|ne|sem|nincs\w*|\w+t[ae]l[ae]n\w*",
    "it": r"senza|né|nulla|niente|nessun\w*|neppure|neanche|(?:in|im|dis)\w{5,}|manca\w*|no",
    "lt": r"be|ne\w+|ni\w+",
    "nl": r"zonder|geen\w*|niets|niemand|noch|on(?!d|s|t|geveer)\w{4,}|nauwelijks|\w+loos|\w+loze",
    "no": r"uten|ingen|intet|verken|ingenting|u(?!t|nder)\w{4,}|mangl\w*",
    "pl": r"bez|ni\w+|żad\w+|ani|brak\w*|nie\w{3,}",
    "pt": (
        r"sem|nem|nada|ninguém|nenhum\w*|tampouco|falt\w+|evit\w+|deix\w+ de|sequer|raramente|recus\w+"
        r"|neg(?:a|o|ou|ar)\w*|imped\w+|ñ|nao|im(?:poss|prov|próp|prec)\w+|in(?:cap|cert|comum|correct|corret|dispon|exist|segur|sufic|útil"
        r"|útei|válid|vis)\w+|des(?:conhec|cont|aparec|emprega|acompanh|necess|agrad|iguai|ocup|prot)\w+|ilega\w+"
        r"|irregul\w+|em vez|ao invés|aus[eê]n\w+"
    ),
    "ro": r"n-\w+|fără|nici\w*|nimic|nimeni|niciun\w*|lips\w+|ne\w{4,}|in\w{5,}|im\w{5,}",
    "ru": r"без\w*|ни\w*|нельзя|не\w{3,}|отсутств\w+",
    "sk": r"bez\w*|ni\w+|žiadn\w+|ani|ne\w{2,}",
    "sl": r"brez|ni\w+|ne\w{2,}",
    "sr": r"без|ни\w+|не\w{3,}|bez|ni\w+|ne\w{3,}",
    "sv": r"utan|ingen|inget|inga|ingenting|varken|o(?!ch|m|s)\w{4,}|sakna\w*",
    "uk": r"без\w*|ні\w*|не\w{3,}|жодн\w+|відсутн\w+",
}
_DENIALS = {language: frozenset(words.split()) for language, words in _DENIES.items()}
_ANY_INSTEAD = {
    language: re.compile(rf"\b(?:{'|'.join(_DENIALS[language])}|{words})\b", re.IGNORECASE)
    for language, words in _INSTEAD.items()
}
# "isn't it" and the like stand after the sentence whatever it says; "not only" and "without doubt" affirm.
_TAG = re.compile(
    r"\bnot only\b|\bnothing but\b|\bno (?:doubt|matter|sooner|later|less|fewer)\b|\bno(?:-|\. ?\d)"
    r"|\b(?:without|sem) (?:a |any )?(?:doubt|dúvida|fio)s?\b|\bnão só\b|\bné\b"
    r"|\bnão (?:há|tem) de quê\b|\bpas de quoi\b|\bno hay de qué\b"
    r"|(?:n['’]t|not) (?:it|you|he|she|they|we)\?|não é\?|, não\?",
    re.IGNORECASE,
)
_SHORT = re.compile(r"n['’]t\b", re.IGNORECASE)


def denials(language: str | None) -> frozenset[str]:
    """Words, in small letters; none for a language not known."""
    return _DENIALS.get(language or "", frozenset())


def lost(
    source: str,
    translation: str,
    *,
    languages: tuple[str, str],
    words: tuple[Collection[str], Collection[str]],
) -> bool:
    """Whether the source denies and the translation nowhere; False where a language is not known.

    `words` of both, in small letters: all that are `denials`, at least.
    """
    instead = _ANY_INSTEAD.get(languages[1])
    if instead is None or not _denies(source, languages[0], words[0]):
        return False
    if _denies(translation, languages[1], words[1]):
        return False
    return not instead.search(translation) and not _TAG.search(source)


def _denies(source: str, language: str, words: Collection[str]) -> bool:
    if words and not denials(language).isdisjoint(words):
        return True
    return language == "en" and ("'" in source or "’" in source) and _SHORT.search(source) is not None


def place(source: str, language: str) -> tuple[int, int] | None:
    """Where the source denies."""
    pattern = rf"\b(?:{'|'.join(sorted(_DENIALS[language]))})\b" + (
        r"|\w+n['’]t\b" if language == "en" else ""
    )
    found = re.search(pattern, source, re.IGNORECASE)
    return found.span() if found else None
