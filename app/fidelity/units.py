# ruff: noqa: RUF001 - signs that look alike
"""What is counted or measured: 5 kg is not 5 g, 50 % is not 50, and -5 is not 5.

Only units at a figure, in nine European languages. A unit that the other side writes at another number or none is
there; one that it nowhere names is lost.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.fidelity.counting import Said
from app.numerals import Number, Numbered

# The unit, then how it is written; in small letters where capitals make no difference.
_NAMES = """
kg: kilogram kilograms kilogramme kilogrammes kilo kilos quilo quilos quilograma quilogramas kilogramo kilogramos
 kilogramm chilo chili chilogrammo chilogrammi kilogrammi
g: gram grams gramme grammes grama gramas gramo gramos gramm grammo grammi gr
mg: milligram milligrams milligramme milligrammes miligrama miligramas miligramo miligramos milligramm milligrammo
 milligrammi
µg: microgram micrograms microgramme microgrammes micrograma microgramas microgramo microgramos mikrogramm mcg μg
t: tonne tonnes ton tons tonelada toneladas tonnen tonnellata tonnellate
km: kilometre kilometres kilometer kilometers quilómetro quilómetros quilômetro quilômetros kilómetro kilómetros
 kilomètre kilomètres chilometro chilometri kilometern
m: metre metres meter meters metro metros mètre mètres metri metern
cm: centimetre centimetres centimeter centimeters centímetro centímetros centimètre centimètres centimetro centimetri
 zentimeter
mm: millimetre millimetres millimeter millimeters milímetro milímetros millimètre millimètres millimetro millimetri
mi: mile miles milha milhas milla millas meile meilen miglio miglia
ft: foot feet pé pés
lb: lbs pound pounds libra libras livre livres pfund libbra libbre
oz: ounce ounces onça onças onza onzas
l: litre litres liter liters litro litros litri
ml: millilitre millilitres milliliter milliliters mililitro mililitros millilitro millilitri
cl: centilitre centilitres centiliter centiliters centilitro centilitros
ha: hectare hectares hectárea hectáreas hektar ettaro ettari
s: second seconds segundo segundos seconde secondes sekunde sekunden secondo secondi sec seg
min: minute minutes minuto minutos minuten minuti mins
h: hour hours hora horas heure heures stunde stunden ora ore uur hrs hr
day: day days dia dias día días jour jours tag tage tagen giorno giorni dag dagen
week: week weeks semana semanas semaine semaines woche wochen settimana settimane weken
month: month months mês meses mes mois monat monate monaten mese mesi maand maanden
year: year years ano anos año años ans année années jahr jahre jahren anno anni jaar
W: watt watts vatios
kW: kilowatt kilowatts quilowatt quilowatts kilovatio kilovatios
MW: megawatt megawatts
kWh: kilowatt-hour
V: volt volts volte voltios
A: ampere amperes ampère ampères amp amps amperios
Hz: hertz
KB: kilobyte kilobytes
MB: megabyte megabytes
GB: gigabyte gigabytes
TB: terabyte terabytes
°C: celsius centigrade centígrados
°F: fahrenheit
°: degree degrees grau graus grado grados degré degrés grad gradi graden
%: percent percentage pct porcentagem percentagem percentual percentuais porcentaje prozent procent procento pourcent
 pourcentage percentuale проц процент процента процентов відсоток відсотків
"""
_SYMBOLS = (
    "kg g mg µg t km m cm mm nm mi ft lb oz l L ml mL cl min kW MW GW kWh MWh V Hz kHz MHz GHz KB kB MB GB TB"
    " mph kph kmh"
)
_SAME = {"L": "l", "mL": "ml", "kB": "KB", "mph": "mi/h", "kph": "km/h", "kmh": "km/h"}
_UNITS: Mapping[str, str] = {
    **{name: unit for unit, _, names in (line.partition(":") for line in _NAMES.replace("\n ", " ").split("\n"))
       for name in names.split()},
    **{symbol: _SAME.get(symbol, symbol) for symbol in _SYMBOLS.split()},
}  # fmt: skip
_READ = frozenset({"de", "en", "es", "fr", "it", "pt"})
"""Languages whose names of units, per cent and minus are known well enough to miss one."""
_TELLING = "kg g mg µg t km m cm mm nm l ml cl W kW MW kWh V Hz kHz MHz GHz KB MB GB TB % °C °F km/h m/s mi/h"
_DEMANDED = frozenset(_TELLING.split())
"""Not what people leave out or say otherwise: hours, years, degrees, pounds."""
_NAME = r"[^\W\d_]+"
_AFTER = re.compile(
    r"[ \xa0\u202f-]{0,2}(?:(?P<percent>[%％٪]|(?:por|per|pour) ?(?:cento|ciento|cent)\b)"
    r"|(?:[°º] ?(?P<scale>[CF])\b)|(?P<degrees>°)"
    rf"|(?:de )?(?:(?P<power>square|sq\.?|cubic) )?(?P<name>{_NAME})(?P<raised>[²³23](?![\d.,]))?(?![\w])"
    rf"(?: (?P<powered>quadrad|cuadrad|carré|cúbic|cube)\w*)?"
    rf"(?:(?:/| ?(?:per|por|par|pro|an|a|à l'|all'|al) ?)(?P<each>{_NAME})(?!\w))?"
    r"(?: (?P<celsius>celsius|cent[ií]grad\w+|fahrenheit|C|F)\b)?)",
    re.IGNORECASE,
)
# What follows a figure; most figures are followed by no unit.
_HINT = re.compile(r"\d[ \xa0\u202f-]{0,2}(?:de )?([^\W\d_]+|[%％٪°º])")
_BETWEEN = (
    "% ％ ٪ ° º por per pour square sq cubic thousand million billion trillion mil milhão milhões bilhão bilhões"
    " trilhão trilhões bilião biliões"
)
_HINTS = frozenset(
    spelling for name in (*_BETWEEN.split(), *_UNITS) for spelling in (name, name.capitalize(), name.upper())
)
_OF_CLOCK = re.compile(r"\d ?[hH:] ?$")
_CUBED = ("cub", "cúb", "³", "3")
_TIMES = frozenset({"s", "min", "h", "day", "week", "month", "year"})
_WORD = re.compile(rf"{_NAME}|[%％٪°]")
_PERCENT = re.compile(r"[%％٪]|\b(?:por|per|pour) ?(?:cento|ciento|cent)\b", re.IGNORECASE)
_PERCENT_SAID = re.compile(
    r"\b(?:percent|percentage|pct|por[cs]ent\w*|percent\w+|pour ?cents?|prozent\w*|procent\w*|half|metade)\b",
    re.IGNORECASE,
)
_LEADS = re.compile(
    r" ?(?:[,;/–—-]|to|and|or|a|até|e|ou|y|o|et|à|ou|bis|und|oder|,? (?:and|or|e|ou)) ?", re.IGNORECASE
)
_MINUS = re.compile(r"(?:^|(?<=[\s(\[\"'“]))(?<!\d )[-−–](?:[£€$] ?|R\$ ?)?$")
_MINUS_WORDS = re.compile(r"(?<!pelo )(?<!a[ol] )(?<!au )\b(?:minus|menos|moins) $", re.IGNORECASE)
_COLD = re.compile(r" ?(?:°|º ?C|degrees|graus|grados|degrés|celsius)", re.IGNORECASE)
_MINUS_FIRST = re.compile(
    r"[-−–mM](?:(?<=[-−–])(?<![^\s(\[\"'“].)[£€$Rr ]{0,3}\d|(?<!\w.)(?i:(?<=m)(?:inus|enos|oins)) \d)"
)
_MINUS_SAID = re.compile(
    r"\b(?:minus|menos|negativ\w*|moins|meno|below|beneath|abaixo|bajo|unter|sous|sotto|sub)\b", re.IGNORECASE
)
_LONGEST_MINUS = 11

Span = tuple[int, int]
Measures = Mapping[str, Mapping[str, Span]]
"""By value, the units it has and where."""
_NONE: Measures = {}


@dataclass(frozen=True, slots=True)
class Doubt:
    unit: str
    place: Span
    """Of the number with its unit."""
    in_source: bool


def doubts(
    source: Numbered,
    translation: Numbered,
    counted: tuple[Measures, Measures],
    *,
    languages: tuple[str, str] | None,
) -> list[Doubt]:
    """Units that became others, and those that only one side has. `counted`: those at numbers in words."""
    here, there = measures(source, counted[0]), measures(translation, counted[1])
    if not here and not there:
        return []
    read = languages is None or _READ.issuperset(languages)
    found = [Doubt(unit, place, True) for unit, place in _alone(here, there, translation, read)]
    return found + [Doubt(unit, place, False) for unit, place in _alone(there, here, source, read)]


def named(words: Iterable[str]) -> bool:
    """Whether one of the words, in small letters, is a unit; cheap."""
    return not _UNITS.keys().isdisjoint(words)


def counted(said: Sequence[Said], words: Sequence[str], spans: Callable[[], list[Span]]) -> Measures:
    """Units at numbers in words. `spans`: where the words stand, asked for only where there are units."""
    found: dict[str, dict[str, Span]] = {}
    for each in said:
        if unit := _UNITS.get(words[each.end]) if each.end < len(words) else None:
            where = spans()
            found.setdefault(each.value, {})[unit] = (where[each.first][0], where[each.end][1])
    return found


def _alone(here: Measures, there: Measures, other: Numbered, read: bool) -> list[tuple[str, Span]]:
    values = _bare(other) if read else {}
    found = []
    for value, units in here.items():
        twins = there.get(value)
        for unit, place in units.items():
            if twins:
                alone = not any(_same(unit, twin) for twin in twins)
            else:
                alone = unit in _DEMANDED and value in values and not _named(unit, other.text, values[value])
            if alone:
                found.append((unit, place))
    return found


def _bare(read: Numbered) -> Mapping[str, bool]:
    """Of every number whether it leads to another, as the first of "20 to 30 %"."""
    found = read.numbers
    return {
        number.value: number is not found[-1]
        and _LEADS.fullmatch(read.text, number.reach, after.start) is not None
        for number, after in zip(found, [*found[1:], *found[-1:]], strict=True)
    }


def _same(one: str, other: str) -> bool:
    return one == other or {one, other} <= {"m", "min"} or (one[0] == other[0] == "°" and "°" in (one, other))


def _named(unit: str, text: str, leads: bool) -> bool:
    """Whether the text has it anywhere; per cent must stand at each number."""
    if unit == "%":
        return _PERCENT_SAID.search(text) is not None or (leads and _PERCENT.search(text) is not None)
    parts = set(unit.rstrip("²³").split("/")) | ({"°"} if unit[0] == "°" else set())
    return any(_unit(word[0]) in parts for word in _WORD.finditer(text))


def measures(read: Numbered, counted: Measures = _NONE) -> Measures:
    text = read.text
    if _HINTS.isdisjoint(_HINT.findall(text)):
        return counted
    found: defaultdict[str, dict[str, Span]] = defaultdict(dict)
    for value, units in counted.items():
        found[value].update(units)
    for number in read.numbers:
        if _OF_CLOCK.search(text, max(0, number.start - 4), number.start):
            continue
        match = _AFTER.match(text, number.reach)
        if match is not None and (unit := _written(match)):
            found[number.value][unit] = (number.start, match.end())
    return found


def _written(match: re.Match[str]) -> str | None:
    if match["percent"]:
        return "%"
    if match["scale"]:
        return "°" + match["scale"].upper()
    if match["degrees"]:
        return "°"
    unit = _unit(match["name"])
    if unit is None:
        return None
    if unit == "°" and match["celsius"]:
        return "°" + match["celsius"][0].upper()
    if power := match["power"] or match["raised"] or match["powered"]:
        unit += "³" if power.lower().startswith(_CUBED) else "²"
    each = match["each"] and (_unit(match["each"]) or match["each"])
    return f"{unit}/{each}" if each in _TIMES else unit


def _unit(name: str) -> str | None:
    """Symbols tell capitals from small letters, words do not."""
    return _UNITS.get(name) or (_UNITS.get(name.lower()) if len(name) > 2 else None)


def minus_differs(
    source: Numbered, translation: Numbered, *, languages: tuple[str, str] | None
) -> list[Doubt]:
    """Numbers below zero on one side alone."""
    if languages is not None and not _READ.issuperset(languages):
        return []
    if not (_below(source.text) or _below(translation.text)):
        return []
    return [
        *(Doubt("-", place, True) for place in _below_zero(source, translation)),
        *(Doubt("-", place, False) for place in _below_zero(translation, source)),
    ]


def _below(text: str) -> bool:
    # Spelt out: a loop costs more than all of these, and the pattern more than both.
    low = text.lower()
    if not ("-" in low or "−" in low or "–" in low or "minus" in low or "menos" in low or "moins" in low):
        return False
    return _MINUS_FIRST.search(text) is not None


def _below_zero(here: Numbered, there: Numbered) -> list[Span]:
    found = [number for number in here.numbers if _negative(here.text, number)]
    if not found or _MINUS_SAID.search(there.text):
        return []
    negative = {number.value for number in there.numbers if _negative(there.text, number)}
    plain = {number.value for number in there.numbers} - negative
    return [(number.start - 1, number.end) for number in found if number.value in plain]


def _negative(text: str, number: Number) -> bool:
    before = text[max(0, number.start - _LONGEST_MINUS) : number.start]
    if _MINUS.search(before):
        return True
    # Elsewhere "menos 5" takes away: "pelo menos 5", "5 fewer".
    return _MINUS_WORDS.search(before) is not None and _COLD.match(text, number.reach) is not None
