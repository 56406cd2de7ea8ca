"""Source and translation side by side, segment by segment. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.flags import FACTS
from app.results import TextResult


@dataclass(frozen=True, slots=True)
class Pair:
    number: int
    source: str
    translation: str
    language: str
    flags: tuple[str, ...]
    where: str
    """In the document; empty for a text."""
    target: str

    @property
    def doubtful(self) -> bool:
        return not FACTS.issuperset(self.flags)

    @property
    def translation_language(self) -> str:
        """What was left as it stood is in its own language still."""
        return self.language if self.translation == self.source else self.target


def pairs_of(text: str, result: TextResult) -> list[Pair]:
    """White space between sentences is left out."""
    shown = [each for each in result.segments if text[each.start : each.end].strip()]
    return [
        Pair(
            number,
            text[each.start : each.end].strip(),
            each.text.strip(),
            each.source,
            each.flags,
            "",
            result.target,
        )
        for number, each in enumerate(shown, 1)
    ]


def doubts(pairs: Iterable[Pair]) -> Mapping[str, int]:
    """Segments by flag, the most first."""
    found = Counter(flag for pair in pairs for flag in pair.flags if flag not in FACTS)
    return dict(found.most_common())


def languages(result: TextResult) -> Sequence[tuple[str, float]]:
    """Share of each, the most first; empty where there is one only."""
    shares = sorted(result.languages.items(), key=lambda each: -each[1])
    return [] if len(shares) < 2 else shares
