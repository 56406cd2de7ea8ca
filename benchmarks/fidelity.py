"""How many faults the fidelity checks find and how many good translations they doubt: a table of counts.

Run: python -m benchmarks.fidelity. Needs ../shared; nothing here depends on the machine but the time a segment.
"""

import statistics
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.fidelity import check
from benchmarks.corruptions import Corruption, clean, corruptions, denials
from benchmarks.entities import Sentence
from benchmarks.texts import flores

_NAMES = {"en": "eng", "pt": "por"}
_MORE = (("es", "spa"), ("fr", "fra"), ("de", "deu"), ("it", "ita"))
"""Into and out of English and Portuguese, for denials alone: those two hold few."""
_DIRECTIONS = (("en", "pt"), ("pt", "en"))
_ROUNDS = 5
OWN: Mapping[str, str] = {
    **dict.fromkeys(
        ("number", "number dropped", "phone", "imei", "sum", "time", "number in words", "minus"),
        "numbers_differ",
    ),
    **dict.fromkeys(
        ("plate", "postcode", "email", "url", "handle", "iban", "placeholder"), "identifiers_differ"
    ),
    **dict.fromkeys(("date", "month", "date in figures", "day and month swapped"), "dates_differ"),
    **dict.fromkeys(("per cent", "unit"), "units_differ"),
    "emoji": "emoji_differ",
    "currency": "currencies_differ",
    "negation": "negation_lost",
    "length": "length_unusual",
    "repetition": "repetition",
    "source copied": "source_copied",
    "wrong language": "language_unexpected",
    "cut short": "ends_early",
}
"""The flag that names each fault."""


@dataclass(slots=True)
class Found:
    made: int = 0
    own: int = 0
    """By the flag that names the fault."""
    any: int = 0


def lines(name: str) -> list[str]:
    folder = flores()
    if folder is None:
        raise SystemExit("Needs FLORES in ../shared, or DRAGOMAN_SHARED to name its place.")
    return (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def sentences(languages: tuple[str, str]) -> list[Sentence]:
    names = {**_NAMES, **dict(_MORE)}
    source, target = (lines(names[language]) for language in languages)
    return list(zip(source, target, strict=True))


def faults(*, other: list[str]) -> Iterator[Corruption]:
    for languages in _DIRECTIONS:
        yield from corruptions(sentences(languages), languages, other=other)
    for language, _ in _MORE:
        for known in _NAMES:
            yield from denials(sentences((language, known)), (language, known))


def recall(made: Iterable[Corruption]) -> Mapping[str, Found]:
    found: defaultdict[str, Found] = defaultdict(Found)
    for each in made:
        flags, kind = check(each.source, each.translation, languages=each.languages), found[each.kind]
        kind.made += 1
        kind.own += OWN[each.kind] in flags
        kind.any += bool(flags)
    return found


def microseconds(good: list[Sentence], languages: tuple[str, str]) -> float:
    """Median over the segments of the fastest of some rounds each; of the processor's time."""
    fastest = []
    for source, translation in good:
        times = []
        for _ in range(_ROUNDS):
            began = time.process_time_ns()
            check(source, translation, languages=languages)
            times.append(time.process_time_ns() - began)
        fastest.append(min(times) / 1_000)
    return statistics.median(fastest)


def main() -> None:
    print("| fault | made | found by its flag | by any |\n| --- | ---: | ---: | ---: |")
    for kind, found in recall(faults(other=lines("fra"))).items():
        print(f"| {kind} | {found.made} | {found.own / found.made:.3f} | {found.any / found.made:.3f} |")
    for languages in _DIRECTIONS:
        good = sentences(languages)
        alarms = sum(bool(check(*pair, languages=languages)) for pair in good)
        put = [check(*pair, languages=languages) for pair in clean(good, languages[1])]
        print(
            f"\n{languages[0]} to {languages[1]}: {alarms} of {len(good)} good translations doubted"
            f" ({sum(map(bool, put))} with identifiers put into both sides);"
            f" {microseconds(good, languages):.1f} µs a segment in the median"
        )


if __name__ == "__main__":
    main()
