"""What a result adds to the quality counts: segments and their doubts by pair and models. Pure; never text."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

BINS = 10
"""Of the histogram of confidence, equally wide."""
PER_MILLE = 1000
SEGMENTS, CHARACTERS, DOUBTFUL = "segments", "characters", "doubtful"
SCORED, SUM, SQUARES = "confidence", "confidence:sum", "confidence:squares"
"""Segments with a confidence, and the sums of it and of its square, in thousandths."""
FLAG, BIN = "flag:", "confidence:"
"""Beginnings of the names of counts of one flag, and of one bin."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Segments of one language pair that went through the same models, or through none."""

    source: str
    target: str
    models: tuple[str, ...]
    """Ids, one a hop; () for what no model translated."""
    fingerprints: tuple[str, ...]
    segments: int
    characters: int
    doubtful: int
    """Segments with a flag that is a doubt."""
    flags: Mapping[str, int]
    confidences: tuple[int, ...] = ()
    """In thousandths, of segments for which it was asked."""

    def counts(self) -> Iterator[tuple[str, int]]:
        """What is stored, by name; none is zero."""
        yield SEGMENTS, self.segments
        yield CHARACTERS, self.characters
        if self.doubtful:
            yield DOUBTFUL, self.doubtful
        for flag, count in self.flags.items():
            yield f"{FLAG}{flag}", count
        if self.confidences:
            yield SCORED, len(self.confidences)
            yield SUM, sum(self.confidences)
            yield SQUARES, sum(each * each for each in self.confidences)
            for number, count in Counter(map(bin_of, self.confidences)).items():
                yield f"{BIN}{number}", count


def bin_of(confidence: int) -> int:
    """Of thousandths; 1 is in the last."""
    return min(confidence * BINS // PER_MILLE, BINS - 1)
