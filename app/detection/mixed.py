"""Whether a text in one language holds a stretch of another. Pure, deterministic and cheap; no detector.

Words that carry grammar tell languages apart: they are few, common, and hardly borrowed. Ours, from common knowledge.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType

_LISTS = {
    "en": """
    the a an of and or but to in on at by for from with without about into over after before is are was were be
    been being have has had do does did not will would can could should must may might i you he she it we they
    me him her us them my your his its our their this that these those there here who whom which what when where
    why how if because so as than then very too also just only all some any no more most much many other another
    yes please up out off down let don't isn't wasn't can't won't i'm it's
    """,
    "pt": """
    o a os as um uma uns umas de do da dos das em no na nos nas ao à aos às por pelo pela pelos pelas para com
    sem sobre até após entre si durante desde e ou mas que se não é são era eram foi foram ser está estão estava
    estavam estar tem têm tinha há vai vão eu tu você ele ela nós vocês eles elas me te lhe lhes meu minha seu
    sua seus suas nosso nossa este esta isto esse essa isso aquele aquela quem qual quando onde como porque
    muito muita também já só ainda mais menos todos todas outro outra ontem hoje amanhã sim aqui ali lá então
    depois antes
    """,
    "es": """
    el la los las un una unos unas de del al en por para con sin sobre hasta y o pero que si no es son era eran
    fue fueron ser está están estaba estar hay ha han tiene yo tú usted él ella nosotros ellos ellas me te le
    nos les mi su sus nuestro este esta esto ese esa eso quien cual cuando donde como porque muy mucho también
    ya sólo más menos todos todas otro otra se lo solo uno dos así desde entre durante a e u ni ayer hoy mañana
    sí aquí entonces después antes
    """,
    "fr": """
    le la les un une des de du au aux en dans par pour avec sans sur et ou mais que qui si ne pas est sont était
    étaient été être a ont avait je tu il elle nous vous ils elles me te lui leur mon ma mes son sa ses notre
    votre ce cet cette se y à même deux d'un d'une entre pendant depuis comme ces quand où comment parce très
    aussi déjà plus moins tous toutes autre hier demain oui ici alors après avant
    """,
    "de": """
    der die das den dem des ein eine einen einem einer und oder aber in im an am auf aus bei mit nach von vom zu
    zum zur für über ohne nicht ist sind war waren sein hat haben hatte wird werden wurde ich du er sie es wir
    ihr mich mir dich ihm ihn uns mein seine unser dieser diese dieses wer was wann wo wie warum wenn weil dass
    sehr auch schon nur noch mehr alle andere gestern heute morgen ja hier dann
    """,
    "it": """
    il lo la i gli le un uno una di del della dei delle da dal in nel nella a al alla con su sul per senza e o
    ma che se non è sono era erano essere ha hanno aveva io tu lui lei noi voi loro mi ti ci vi mio suo sua
    nostro questo questa quello chi quale quando dove come perché molto anche già solo ancora più meno tutti
    altro ieri oggi domani sì qui allora dopo prima
    """,
}
LANGUAGES = frozenset(_LISTS)
_WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {language: frozenset(words.split()) for language, words in _LISTS.items()}
)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_BREAK = re.compile(r"[^\s,'\u2019\"\u201c\u201d«»()\w-]")
_LEAST = 3
"""Words of a stretch."""
_LONG = 4
"""Words of a stretch in which one of these is enough."""
_TELLING = frozenset(
    {
        *("the", "and", "was", "were", "with", "which", "that", "what", "they", "have", "would"),
        *("não", "você", "também", "uma", "ele", "ela", "foi", "muito"),
    }
)
"""Of the grammar of English or Portuguese alone."""


def mixed(text: str, language: str) -> bool:
    """Whether three words or more in a row are of another language than `language`, of those that are known here.

    Names are no words: a capital ends a stretch, but for the first letter of the text.
    """
    own = _WORDS.get(language)
    if own is None:
        return False
    return any(_foreign(stretch, language) for stretch in _stretches(text, own))


def _stretches(text: str, own: frozenset[str]) -> Iterator[list[str]]:
    """Words in a row none of which is of the grammar of the text's language, in small letters."""
    found: list[str] = []
    end = 0
    for match in _WORD.finditer(text):
        word = match[0].lower()
        if _BREAK.search(text, end, match.start()) or word in own or (match[0] != word and match.start()):
            yield found
            found = []
        if word not in own and (match[0] == word or not match.start()):
            found.append(word)
        end = match.end()
    yield found


def _foreign(stretch: Sequence[str], language: str) -> bool:
    """Two different words that carry the grammar of one other language alone, or one that nothing else is like."""
    if len(stretch) < _LEAST:
        return False
    held = set(stretch)
    if len(stretch) >= _LONG and not _TELLING.isdisjoint(held):
        return True
    return any(len(words & held) > 1 for words in _others(language))


@cache
def _others(language: str) -> tuple[frozenset[str], ...]:
    return tuple(words - _WORDS[language] for other, words in _WORDS.items() if other != language)
