"""Learns what app/fidelity/languages.json holds, from FLORES-101: figures and word counts, never a sentence.

For each language: how long its lines are beside the English ones (natural logarithm of the ratio of characters,
mean and standard deviation over the lines) and its commonest words. Run: python -m benchmarks.fidelity_calibration
"""

import json
import math
import statistics
from collections import Counter

from app.fidelity.languages import FILE, UNSPACED, tokens
from benchmarks.texts import flores
from models.language import normalise

COMMONEST = 60


def learn(lines: list[str], english: list[str], language: str) -> dict[str, object]:
    ratios = [math.log(len(line) / len(other)) for line, other in zip(lines, english, strict=True)]
    counted = Counter(token for line in lines for token in tokens(line, unspaced=language in UNSPACED))
    common = sorted(counted, key=lambda token: (-counted[token], token))[:COMMONEST]
    return {
        "length": [round(statistics.mean(ratios), 3), round(statistics.pstdev(ratios), 3)],
        "common": " ".join(sorted(common)),
    }


def main() -> None:
    folder = flores()
    if folder is None:
        raise SystemExit("Needs FLORES in ../shared, or DRAGOMAN_SHARED to name its place.")
    english = (folder / "eng.txt").read_text(encoding="utf-8").splitlines()
    learnt: dict[str, object] = {}
    for file in sorted(folder.glob("*.txt")):
        language = normalise(file.stem)
        if language not in learnt:  # Traditional Chinese comes after Simplified
            lines = file.read_text(encoding="utf-8").splitlines()
            learnt[language] = learn(lines, english, language)
    text = json.dumps(dict(sorted(learnt.items())), ensure_ascii=False, indent=1)
    FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
