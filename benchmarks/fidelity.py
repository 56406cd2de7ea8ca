"""How many faults the fidelity checks find and how many good translations they doubt: a table of counts.

Run: python -m benchmarks.fidelity. Needs ../shared; nothing here depends on the machine but the time a segment.
"""

import statistics
import time
from collections import Counter

from app.fidelity import check
from benchmarks.corruptions import Sentence, clean, corruptions
from benchmarks.texts import flores

_NAMES = {"en": "eng", "pt": "por"}
_ROUNDS = 5


def lines(name: str) -> list[str]:
    folder = flores()
    if folder is None:
        raise SystemExit("Needs FLORES in ../shared, or DRAGOMAN_SHARED to name its place.")
    return (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def sentences(languages: tuple[str, str]) -> list[Sentence]:
    source, target = (lines(_NAMES[language]) for language in languages)
    return list(zip(source, target, strict=True))


def microseconds(good: list[Sentence], languages: tuple[str, str]) -> float:
    """Median over the segments of the fastest of some rounds each."""
    fastest = []
    for source, translation in good:
        times = []
        for _ in range(_ROUNDS):
            began = time.perf_counter_ns()
            check(source, translation, languages=languages)
            times.append(time.perf_counter_ns() - began)
        fastest.append(min(times) / 1_000)
    return statistics.median(fastest)


def main() -> None:
    directions = (("en", "pt"), ("pt", "en"))
    made, found = Counter[str](), Counter[str]()
    other = lines("fra")
    for languages in directions:
        for each in corruptions(sentences(languages), languages, other=other):
            made[each.kind] += 1
            found[each.kind] += bool(check(each.source, each.translation, languages=languages))
    print("| fault | made | found |\n| --- | ---: | ---: |")
    for kind, count in made.items():
        print(f"| {kind} | {count} | {found[kind] / count:.3f} |")
    for languages in directions:
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
