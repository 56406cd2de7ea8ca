"""What is to be done with each segment of each text, before any engine time is spent. Blocking; runs in a thread."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from app import segmentation
from app.detection import Detection, Detector
from app.detection.identifiers import strip_identifiers
from app.edges import USUAL, Manner
from app.glossary.matching import PLAIN, Match, Protection
from app.reading import Reading, read
from app.traces import UNTRACED, Span, Traces
from models.contracts import NoRouteError
from models.route import Route
from models.router import ANYONE, Router

UNDETERMINED = "und"
MOST_ROUTES = 8
"""Named in a trace."""
# No identifier takes letters alone between spaces, four (a plate has three beside its digits) to 23 (a key has more).
_SURE_WORD = re.compile(r"(?<!\S)[A-Za-z]{4,23}(?!\S)")


class Fate(Enum):
    TRANSLATE = "translate"
    """A route leads to the target language."""
    ALREADY_TARGET = "already_target"
    """In the target language: passes through."""
    NO_LANGUAGE = "no_language"
    """No words: passes through."""
    UNDETERMINED = "language_undetermined"
    """No language reaches the threshold: cannot be translated."""
    NO_ROUTE = "no_route"
    """No model for its language: cannot be translated."""


@dataclass(frozen=True, slots=True)
class PlannedSegment:
    start: int
    end: int
    fate: Fate
    source: str
    """Language code, or `und`."""
    confidence: float | None
    """Calibrated probability of the source language; None where the caller named it."""
    route: Route | None = None
    reason: str | None = None
    """Why it cannot be translated, for the caller."""
    reading: Reading | None = None
    """What the engine reads in place of the text as written: capitals in sentence case, chat written out."""
    noisy: bool = False
    """What it reads is chat that models do not know."""
    matches: tuple[Match, ...] = ()
    """Terms and protected text, by their places in the segment."""

    def given(self, written: str) -> str:
        """What the engine reads."""
        return written if self.reading is None else self.reading.text


@dataclass(frozen=True)  # without slots, which leave no room for what is reckoned once
class PlannedText:
    text: str
    segments: tuple[PlannedSegment, ...]
    detected: bool
    edged: bool = False
    """Whether translations begin and end as their source does: app.edges."""

    @cached_property
    def languages(self) -> dict[str, float]:
        """Share of each language in the characters that hold words, largest first; sums to 1 or is empty."""
        sizes: Counter[str] = Counter()
        for segment in self.segments:
            if segment.fate is not Fate.NO_LANGUAGE:
                sizes[segment.source] += segment.end - segment.start
        total = sum(sizes.values())
        return {language: size / total for language, size in sizes.most_common()}

    @cached_property
    def source(self) -> str:
        """The language of most of it, undetermined parts aside."""
        return next((each for each in self.languages if each != UNDETERMINED), UNDETERMINED)

    @property
    def confidence(self) -> float | None:
        """Mean probability of the main language over its segments, by length; None where the caller named it."""
        if not self.detected:
            return None
        mine = [(s.end - s.start, s.confidence or 0.0) for s in self.segments if s.source == self.source]
        total = sum(size for size, _ in mine)
        return sum(size * confidence for size, confidence in mine) / total if total else 0.0


class Planner:
    def __init__(self, detector: Detector, router: Router, *, traces: Traces = UNTRACED) -> None:
        self._detector = detector
        self._router = router
        self._traces = traces

    def plan(
        self,
        texts: Sequence[str],
        *,
        target: str,
        source: str | None = None,
        candidates: Collection[str] | None = None,
        protection: Protection = PLAIN,
        tenant: str = ANYONE,
        manner: Manner = USUAL,
    ) -> list[PlannedText]:
        """`source` None detects the language of every segment, among `candidates` if given. `tenant`: whose models."""
        aim = _Aim(target, tenant, protection, manner)
        if source is not None:
            with self._traces.span("route", texts=len(texts)) as span:
                return self._told(span, [self._declared(text, source, aim) for text in texts])
        with self._traces.span("detect", texts=len(texts)):
            wholes = self._detector.detect(texts, candidates=candidates)
        with self._traces.span("route", texts=len(texts)) as span:
            pairs = zip(texts, wholes, strict=True)
            return self._told(span, [self._detected(text, whole, aim, candidates) for text, whole in pairs])

    def _told(self, span: Span, plans: list[PlannedText]) -> list[PlannedText]:
        """How many segments, and which routes: what is looked for only where somebody wants to know."""
        if self._traces.on:
            segments = [segment for plan in plans for segment in plan.segments]
            span.say("segments", len(segments))
            routes = {"-".join(each.route.languages) for each in segments if each.route is not None}
            span.say("routes", sorted(routes)[:MOST_ROUTES])
        return plans

    def _declared(self, text: str, source: str, aim: "_Aim") -> PlannedText:
        segments = tuple(
            self._segment(
                part,
                source,
                None,
                aim,
                text=text,
                words=has_words(text[part.start : part.end]),
            )
            for part in _split(text, source, aim)
        )
        return PlannedText(text, segments, detected=False, edged=aim.manner.edged)

    def _detected(
        self,
        text: str,
        whole: Detection,
        aim: "_Aim",
        candidates: Collection[str] | None,
    ) -> PlannedText:
        parts = _split(text, whole.language, aim)
        if len(parts) == 1:
            detections = [whole]
        else:
            pieces = [text[part.start : part.end] for part in parts]
            detections = self._detector.detect_document(pieces, candidates=candidates)
        unknown = sorted(set(candidates or ()) - frozenset(self._detector.languages))
        segments = tuple(
            self._segment(
                part,
                found.language,
                found,
                aim,
                text=text,
                words=found.linguistic,
                unknown=unknown,
            )
            for part, found in zip(parts, detections, strict=True)
        )
        return PlannedText(text, segments, detected=True, edged=aim.manner.edged)

    def _segment(
        self,
        part: segmentation.Segment,
        source: str,
        found: Detection | None,
        aim: "_Aim",
        *,
        text: str,
        words: bool,
        unknown: Sequence[str] = (),
    ) -> PlannedSegment:
        """`unknown`: candidates that no detection can answer."""
        written = text[part.start : part.end]
        words = words and not _all_protected(written, aim.protection)
        fate, route, reason = self._decide(source, found, aim, words=words, unknown=unknown)
        confidence = None if found is None else found.confidence
        if route is None:
            return PlannedSegment(part.start, part.end, fate, source, confidence, reason=reason)
        matches = aim.protection.find(written, source, aim.target)
        reading, noisy = read(written, source, [(match.start, match.end) for match in matches])
        return PlannedSegment(
            part.start, part.end, fate, source, confidence, route, reason, reading, noisy, matches
        )

    def _decide(
        self,
        source: str,
        found: Detection | None,
        aim: "_Aim",
        *,
        words: bool,
        unknown: Sequence[str],
    ) -> tuple[Fate, Route | None, str | None]:
        if not words:
            return Fate.NO_LANGUAGE, None, None
        if source == UNDETERMINED:
            return Fate.UNDETERMINED, None, _undetermined(found, unknown)
        if source == aim.target:
            return Fate.ALREADY_TARGET, None, None
        try:
            return Fate.TRANSLATE, self._router.route(source, aim.target, tenant=aim.tenant), None
        except NoRouteError as error:
            return Fate.NO_ROUTE, None, f"{error}{_second_thoughts(found)}"


@dataclass(frozen=True, slots=True)
class _Aim:
    """Into which language, with whose models, what is kept from them, and how."""

    target: str
    tenant: str
    protection: Protection
    manner: Manner


def _split(text: str, source: str, aim: _Aim) -> list[segmentation.Segment]:
    """Sentences, or as wanted; none ends inside a term ("St. Mary's", "Yahoo! Japan")."""
    parts = segmentation.split(text, source, splitting=aim.manner.splitting)
    if not aim.protection.terms.size:
        return parts
    found = aim.protection.find(text, source, aim.target)
    spans = [(match.start, match.end) for match in found if match.asked]
    return segmentation.merge(parts, spans)


def _all_protected(text: str, protection: Protection) -> bool:
    """Whether what is not to be translated leaves no word over."""
    if not protection.terms.size:
        return False
    places = [
        segmentation.Segment(match.start, match.end)
        for match in protection.find(text, None, "")
        if match.exact and match.asked
    ]
    return bool(places) and not has_words(segmentation.join(text, places, [" "] * len(places)))


def has_words(text: str) -> bool:
    """Whether anything but numbers, identifiers and symbols is left to translate."""
    if _SURE_WORD.search(text):
        return True
    return any(character.isalpha() for character in strip_identifiers(text))


def _second_thoughts(found: Detection | None) -> str:
    """A language detected in a short text may be its neighbour; the caller may know better."""
    if found is None:
        return ""
    return (
        f" If the text is not {found.language} (probability {found.confidence:.2f}), name its language with "
        f"`source`, or narrow the choice with `candidates`."
    )


def _undetermined(found: Detection | None, unknown: Sequence[str]) -> str:
    guess = ""
    if found is not None and found.alternatives:
        language, probability = found.alternatives[0]
        guess = f" (best guess: {language}, probability {probability:.2f})"
    if unknown:
        return (
            f"The language could not be determined{guess}. Of `candidates`, these cannot be detected here: "
            f"{', '.join(unknown)}. Name the language with `source`."
        )
    return (
        f"The language could not be determined{guess}. "
        f"Name it with `source`, or narrow the choice with `candidates`."
    )
