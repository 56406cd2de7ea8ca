"""What chat writes, and what it says. Ours, from common knowledge.

A word that is a unit, an acronym or a code, too, in prose of some trade ("tb", "sla", "b4") is a loose one.
"""

from collections.abc import Mapping
from types import MappingProxyType

_PT = """
vc você|oq o que|oque o que|tbn também|tbem também|tambem também|nao não|naum não|voce você|voces vocês|ta está|tá está
tah está|tava estava|tavam estavam|tô estou|tou estou|cês vocês|qdo quando|qnd quando|qndo quando|qto quanto|qnto quanto
hj hoje|amanha amanhã|mtos muitos|mtas muitas|blz tudo bem|vlw obrigado|obg obrigado|obgd obrigado
obgda obrigada|pfv por favor|pfvr por favor|bjs beijos|bjos beijos|abç abraço|abçs abraços|flw até logo|sdds saudades
ngm ninguém|algm alguém|fzr fazer|msgs mensagens|qro quero|kero quero|cadê onde está|xau tchau
jah já|axo acho|entao então|ateh até|niver aniversário|mlhr melhor|qlq qualquer|qualqer qualquer|
crtz certeza|certz certeza
"""
_PT_LOOSE = """
q que|n não|ñ não|to estou|eh é|td tudo|p para|d de|c com|ne né|pf por favor|fz faz|qr quer|so só|ja já|la lá
ate até|alguem alguém|ninguem ninguém|vao vão|sao são|vcs vocês|pq por que|tb também|tbm também|cê você|aki aqui|qm quem
ctg contigo|dps depois|agr agora|msm mesmo|mto muito|mt muito|mta muita|tdo tudo|tds todos|tmj estamos juntos|nd nada
eai e aí|sla sei lá|mds meu Deus|vdd verdade|vms vamos|smp sempre|nss nossa|msg mensagem|kd onde está|cade onde está
soh só|gnt gente|hrs horas|cmg comigo|ctz certeza|nda nada|dnv de novo
"""
_EN = """
pls please|plz please|plss please|thx thanks|thnx thanks|tnx thanks|idk I don't know|btw by the way|omg oh my God
ive I've|dont don't|doesnt doesn't|didnt didn't|isnt isn't|wasnt wasn't|arent aren't|couldnt couldn't|wouldnt wouldn't
shouldnt shouldn't|havent haven't|hasnt hasn't|youre you're|theyre they're|thats that's|whats what's|wheres where's
shes she's|tmrw tomorrow|cuz because|bcuz because|tho though|abt about|hbu how about you
wyd what are you doing|hru how are you|wru where are you|bday birthday|imho in my opinion|brb I'll be right back
ttyl talk to you later|wdym what do you mean|msgs messages|luv love|dunno don't know|gotta have to|wanna want to
gonna going to|lemme let me|gimme give me|kinda kind of|sry sorry|soz sorry|asap as soon as possible
tysm thank you very much|wut what
"""
_EN_LOOSE = """
u you|ur your|r are|y why|k OK|c see|n and|cant can't|wont won't|ty thank you|gn good night|gm good morning|i I
bc because|lets let's|wat what|np no problem|rn right now|bf boyfriend|gf girlfriend|tmr tomorrow|ppl people|coz because
nvm never mind|imo in my opinion|msg message|wen when|2moro tomorrow|2morrow tomorrow|2day today|2nite tonight|b4 before
gr8 great|l8r later|l8 late|m8 mate|any1 anyone|some1 someone|every1 everyone|no1 no one|im I'm|hes he's
"""


def _table(rows: str) -> Mapping[str, str]:
    pairs = (entry.partition(" ") for row in rows.split("\n") for entry in row.split("|") if entry)
    return MappingProxyType({written: said for written, _, said in pairs if written != said})


SURE: Mapping[str, Mapping[str, str]] = {"pt": _table(_PT), "en": _table(_EN)}
"""No words of the language otherwise: written out where they stand in small letters, but see `NOT_BEHIND_ARTICLES`."""
LOOSE: Mapping[str, Mapping[str, str]] = {"pt": _table(_PT_LOOSE), "en": _table(_EN_LOOSE)}
"""Letters, codes and words that mean something else elsewhere: written out beside others of chat alone, and doubted."""
TELLING: Mapping[str, frozenset[str]] = {
    "pt": frozenset({"q", "n", "eh", "td", "to", "ñ"}),
    "en": frozenset({"u", "ur", "r", "y"}),
}
"""Of the loose ones, those that make a short line in small letters look like chat by themselves."""
PHRASES: Mapping[str, str] = {
    "pt": r"\b(?:td bem|q horas|n (?:sei|vai|vou|vem|veio|posso|quero|acredito|tenho|to)|to (?:\w+ )?\w+[aei]ndo)\b",
    "en": r"\b(?:[rcy] u|u r|(?:love|miss|need|thank) u|y did|(?:we|they|ppl|you) r|r (?:we|they))\b"
    r"|\b(?:im|hes) (?:not|so|here|late|gonna|going|coming)\b",
}
"""Patterns of several that hardly stand in prose: they make a short line in small letters chat."""
LANGUAGES = frozenset(SURE)
_ARTICLES = """
o os as do dos das no nos nas ao um uma da na coluna campo variável the a an column field variable
"""
ARTICLES = frozenset(_ARTICLES.split())
"""And nouns of which a name follows: no chat follows but nouns, letters and what lacks an accent."""
_UNNAMED = "vc ta hj obg flw jah pls omg idk brb thx hbu hru wru wyd"
NOT_BEHIND_ARTICLES = frozenset(_UNNAMED.split())
"""As chat they are never named: "o vc do paciente", "a pls regression"."""
LEFT: Mapping[str, frozenset[str]] = {
    language: TELLING[language].union(word for word in LOOSE[language] if len(word) > 1 and word != "lets")
    for language in LOOSE
}
"""Of the loose ones, those that say, where they are left in what looks like chat, that a model did not understand."""
SHOUTED: Mapping[str, frozenset[str]] = {
    language: frozenset(word for word in SURE[language] if len(word) > 2 or word in ("vc", "oq", "hj"))
    for language in SURE
}
"""In a text in capitals, where two letters are as often a name: "TB", "MT"."""
KNOWN: Mapping[str, frozenset[str]] = {
    language: frozenset({*SURE[language], *LOOSE[language]}) for language in SURE
}
_BARE = """
bcc cc cd cf cl cm cms cst ctrl db dj dl dm dr dvd ft gb gmt gps gsm hm hmm html hz jr kb kcal kg kgs km kms kw kwh lb
lbs ltd mb mg mhz ml mm mmhg mph mr mrs ms mv mw nm nr ns ph php pm pp ppb ppm psst rn rpm sgt shh sms sql sr srs ss st
sw th tv url usb vhf vs www xls xml yd yds
"""
BARE = frozenset(_BARE.split())
"""Without a vowel, and no chat."""
