"""A segment that holds several sentences, as so many segments, and their answers as one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.glossary.enforcement import Given
from app.segmentation import Segment, join, merge, split
from batching.work import Outcome
from models.contracts import Link


@dataclass(frozen=True, slots=True)
class Parted:
    given: Given
    places: tuple[Segment, ...]
    """Of its sentences; what lies between them is copied."""

    @property
    def parts(self) -> list[Given]:
        return [self._part(place) for place in self.places]

    def joined(self, answers: Sequence[Outcome]) -> Outcome:
        """Without text where a sentence has none."""
        texts = [answer.text for answer in answers if answer.text is not None]
        whole = len(texts) == len(answers)
        return Outcome(
            join(self.given.text, self.places, texts) if whole else None,
            source_tokens=sum(each.source_tokens for each in answers),
            target_tokens=sum(each.target_tokens for each in answers),
            compute_ns=sum(each.compute_ns for each in answers),
            queue_ns=max(each.queue_ns for each in answers),
            load_ns=max(each.load_ns for each in answers),
            cached=all(each.cached for each in answers),
            truncated=any(each.truncated for each in answers),
            unknown=sum(each.unknown for each in answers),
            parts=max(each.parts for each in answers),
            links=self._links(answers, texts) if whole else (),
            via=tuple(" ".join(said) for said in zip(*(each.via for each in answers), strict=False)),
            scores=_scores(answers),
        )

    def _part(self, place: Segment) -> Given:
        matches = tuple(
            replace(match, start=match.start - place.start, end=match.end - place.start)
            for match in self.given.matches
            if place.start <= match.start and match.end <= place.end
        )
        return replace(self.given, text=self.given.text[place.start : place.end], matches=matches)

    def _links(self, answers: Sequence[Outcome], texts: Sequence[str]) -> tuple[Link, ...]:
        found: list[Link] = []
        grown = 0
        for place, answer, text in zip(self.places, answers, texts, strict=True):
            begins = place.start + grown
            found += (
                Link(_moved(link.source, place.start), _moved(link.target, begins), link.weight)
                for link in answer.links
            )
            grown += len(text) - (place.end - place.start)
        return tuple(found)


def parted(given: Given) -> Parted | None:
    """None for a single sentence. No term is cut."""
    spans = [(match.start, match.end) for match in given.matches]
    places = merge(split(given.text, given.pair[0]), spans)
    return Parted(given, tuple(places)) if len(places) > 1 else None


def _scores(answers: Sequence[Outcome]) -> tuple[float, ...]:
    """Of the worst sentence, hop by hop; none unless all have them."""
    if not all(each.scores for each in answers):
        return ()
    return tuple(map(min, zip(*(each.scores for each in answers), strict=False)))


def _moved(span: tuple[int, int], by: int) -> tuple[int, int]:
    return span[0] + by, span[1] + by
