"""A plan and the engine's outcomes become results. Pure; runs in a thread because checks cost time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from app import fidelity, flags, segmentation
from app.detection.mixed import mixed
from app.edges import as_in
from app.fidelity.confidence import LOW, confidence
from app.fidelity.glance import unusual
from app.glossary.enforcement import missing
from app.plan import Fate, PlannedSegment, PlannedText
from app.restoration import restore
from app.results import Failure, Remembered, Repair, SegmentResult, Status, TermUse, TextResult
from app.verbatim import tags_inside
from batching.work import Outcome
from models.contracts import Link
from models.links import carried
from models.offsets import Offsets

Work = Outcome | Failure | Remembered
DOUBTFUL_BELOW = 0.8
"""Detected languages less probable than this carry a flag."""
_ENGINE_FAILED = Failure(
    "engine_failed", "The engine failed on a segment of this text. Try it again, or shorter."
)
_NOTHING = Failure("empty_translation", "The model gave no translation for a segment of this text.")


_AS_WRITTEN = frozenset(fidelity.FLAGS) - {"length_unusual", "language_unexpected"}
"""Flags of what a translation of chat must have of it as written, too: not its length."""
Repairs = Mapping[int, tuple[Repair, ...]]
"""Of a text's segments, by their index."""


def assemble(
    plan: PlannedText, work: Mapping[int, Work], *, target: str, alternatives: int = 0
) -> TextResult:
    """`work`: for each segment to be translated, by its index, the outcome or why there is none."""
    segments = tuple(
        judge(plan, index, work.get(index), target=target) for index in range(len(plan.segments))
    )
    return _text(plan, segments, target=target, alternatives=alternatives)


def mend(
    plan: PlannedText,
    work: Mapping[int, Work],
    *,
    before: TextResult,
    repairs: Repairs,
    alternatives: int = 0,
) -> TextResult:
    """What `assemble` made `before`, with the segments in `repairs` as they are in `work` now."""
    segments = tuple(
        _repaired(judge(plan, index, work.get(index), target=before.target), repairs[index])
        if index in repairs
        else segment
        for index, segment in enumerate(before.segments)
    )
    return _text(plan, segments, target=before.target, alternatives=alternatives)


def _text(
    plan: PlannedText, segments: tuple[SegmentResult, ...], *, target: str, alternatives: int
) -> TextResult:
    status = _status(plan, segments)
    main = _main(plan, segments)
    joined = _joined(plan, [segment.text for segment in segments])
    return TextResult(
        text=None if status is Status.FAILED else joined,
        status=status,
        source=plan.source,
        detected=plan.detected,
        confidence=plan.confidence,
        languages=plan.languages,
        target=target,
        route=main.route.languages if main and main.route else (),
        models=main.route.models if main and main.route else (),
        characters=len(plan.text),
        flags=_flags(segments),
        failure=next((segment.failure for segment in segments if segment.failure), None),
        segments=segments,
        alternatives=_alternatives(plan, segments, joined)[:alternatives],
    )


def _joined(plan: PlannedText, texts: Sequence[str]) -> str:
    parts = [segmentation.Segment(part.start, part.end) for part in plan.segments]
    return segmentation.join(plan.text, parts, texts)


def _alternatives(plan: PlannedText, segments: Sequence[SegmentResult], best: str) -> tuple[str, ...]:
    """The next best of every segment together, and so on; a segment that has no more stays as it is."""
    most = max((len(segment.others) for segment in segments), default=0)
    found = (
        _joined(
            plan,
            [
                segment.others[number] if number < len(segment.others) else segment.text
                for segment in segments
            ],
        )
        for number in range(most)
    )
    return tuple(dict.fromkeys(text for text in found if text != best))


def translated(segment: PlannedSegment, result: SegmentResult) -> bool:
    return segment.fate is Fate.TRANSLATE and result.failure is None


def judge(plan: PlannedText, index: int, work: Work | None, *, target: str) -> SegmentResult:
    """What a segment comes to, with its doubts."""
    part = plan.segments[index]
    source = plan.text[part.start : part.end]
    doubt = _doubt(plan, part)
    if isinstance(work, Remembered):
        return _recalled(part, source, work, doubt)
    if isinstance(work, Outcome) and work.text is not None and work.text.strip():
        return _done(part, source, work, doubt, target=target, edged=plan.edged)
    if part.fate in (Fate.NO_LANGUAGE, Fate.ALREADY_TARGET):
        strange = part.fate is Fate.ALREADY_TARGET and mixed(source, target)
        return _kept(part, source, (*doubt, part.fate.value, *((flags.MIXED_LANGUAGES,) if strange else ())))
    return _kept(part, source, (*doubt, flags.LEFT_UNTRANSLATED), _failure(part, work))


def _repaired(result: SegmentResult, repairs: tuple[Repair, ...]) -> SegmentResult:
    """Says what was tried, and with a flag if the first answer was replaced."""
    if not repairs:
        return result
    flag = (flags.REPAIRED,) if any(each.kept for each in repairs) else ()
    return replace(result, repairs=repairs, flags=tuple(sorted({*result.flags, *flag})))


def _done(
    part: PlannedSegment,
    source: str,
    outcome: Outcome,
    doubt: tuple[str, ...],
    *,
    target: str,
    edged: bool,
) -> SegmentResult:
    given = part.given(source)
    came = (outcome.text or "").strip()
    text, doubtful = restore(given, came, finished=not outcome.truncated)
    if part.matches and missing(text, part.matches) > missing(came, part.matches):
        text, doubtful = came, False
    found = [*doubt, *_checked(part, given, text, target)]
    if part.reading is not None:
        text = part.reading.as_written(text, source=source, language=target)
    found += _of_reading(part, source, text)
    if edged:
        text = _edged(part, source, text, target)
    if doubtful:
        found.append(flags.SYMBOL_RESTORED)
    if outcome.truncated:
        found.append(flags.TRUNCATED)
    if outcome.unknown and not _unknown_kept(part, given, text):
        found.append(flags.UNKNOWN_CHARACTERS)
    if outcome.parts > 1:
        found.append(flags.SPLIT_LONG)
    quality = confidence(outcome.scores)
    if quality is not None and quality < LOW:
        found.append(flags.LOW_CONFIDENCE)
    terms = terms_in(part, text)
    if not all(each.applied for each in terms):
        found.append(flags.GLOSSARY_MISSED)
    links = _links(outcome, given=given, source=source, text=text)
    others = tuple(
        _like_it(part, source, each, outcome, target=target) for each in outcome.others if each.strip()
    )
    return SegmentResult(
        part.start,
        part.end,
        part.source,
        part.confidence,
        text,
        tuple(sorted(set(found))),
        cached=outcome.cached,
        terms=terms,
        links=links,
        quality=quality,
        route=part.route if outcome.source_tokens else None,
        via=outcome.via,
        others=others,
        read_as=None if part.reading is None else part.reading.text,
    )


def _checked(part: PlannedSegment, given: str, text: str, target: str) -> tuple[str, ...]:
    """Chat is compared as it was written, too: what writing it out lost, no model could keep."""
    seen, languages = fidelity.Glance(text), (part.source, target)
    found = fidelity.check(given, seen, languages=languages)
    if part.reading is None or part.reading.chat is None or part.reading.chat.checked == given:
        return found
    written = fidelity.check(part.reading.chat.checked, seen, languages=languages)
    return (*found, *(flag for flag in written if flag in _AS_WRITTEN))


def _of_reading(part: PlannedSegment, source: str, text: str) -> list[str]:
    """What was changed before the engine read it, whether it is chat still, and whether it holds tags between words,
    which came through, but nothing says round which.
    """
    reading = part.reading
    told = (
        (flags.RECASED, reading is not None and reading.recased),
        (flags.EXPANDED, reading is not None and reading.chat is not None),
        (flags.INFORMAL, part.noisy),
        (flags.FORMATTING_APPROXIMATE, tags_inside(source) or tags_inside(text)),
    )
    return [flag for flag, holds in told if holds]


def _unknown_kept(part: PlannedSegment, given: str, text: str) -> bool:
    """Whether all that a model might not know lies in what came through to the letter.

    An engine says how many pieces it did not know, not which: outside there must be common letters and marks only.
    """
    kept = [match for match in part.matches if match.exact]
    if not kept or part.reading is not None or missing(text, kept):
        return False
    places = [segmentation.Segment(match.start, match.end) for match in kept]
    return not unusual(segmentation.join(given, places, [""] * len(places))).strip(b"0123456789")


def _recalled(part: PlannedSegment, source: str, work: Remembered, doubt: tuple[str, ...]) -> SegmentResult:
    """A person's words stand as they were written: no check doubts them. Whose language it is, is doubted still."""
    return replace(
        _kept(part, source, (*doubt, flags.MEMORY)),
        text=work.text,
        cached=True,
        terms=terms_in(part, work.text),
        memory=work,
    )


def _edged(part: PlannedSegment, source: str, text: str, target: str) -> str:
    """A term or a name that stands at an edge keeps it as it is."""
    made = as_in(source, text, target)
    return text if missing(made, part.matches) > missing(text, part.matches) else made


def _like_it(part: PlannedSegment, source: str, other: str, outcome: Outcome, *, target: str) -> str:
    """With signs put back and in capitals, as the best is."""
    text, _ = restore(part.given(source), other.strip(), finished=not outcome.truncated)
    return text if part.reading is None else part.reading.as_written(text, source=source, language=target)


def terms_in(part: PlannedSegment, text: str) -> tuple[TermUse, ...]:
    """Those that were asked for. Of two that want the same where it stands once, neither counts as applied."""
    asked = [match for match in part.matches if match.asked]
    left = {
        match.wanted
        for match in asked
        if missing(text, [other for other in asked if other.wanted == match.wanted])
    }
    return tuple(
        TermUse(part.start + match.start, part.start + match.end, match.wanted, match.wanted not in left)
        for match in asked
    )


def _links(outcome: Outcome, *, given: str, source: str, text: str) -> tuple[Link, ...]:
    """From the source as it was sent to the text that is delivered, whatever was changed round the engine."""
    if not outcome.links:
        return ()
    return carried(outcome.links, source=Offsets(given, source), target=Offsets(outcome.text or "", text))


def _kept(
    part: PlannedSegment, source: str, found: tuple[str, ...], failure: Failure | None = None
) -> SegmentResult:
    return SegmentResult(
        part.start,
        part.end,
        part.source,
        part.confidence,
        source,
        tuple(sorted(found)),
        failure=failure,
    )


def _failure(part: PlannedSegment, work: Work | None) -> Failure:
    if isinstance(work, Failure):
        return work
    if isinstance(work, Outcome):
        return _ENGINE_FAILED if work.text is None else _NOTHING
    return Failure(part.fate.value, part.reason or "")


def _doubt(plan: PlannedText, part: PlannedSegment) -> tuple[str, ...]:
    doubtful = (
        plan.detected
        and part.fate in (Fate.TRANSLATE, Fate.ALREADY_TARGET, Fate.NO_ROUTE)
        and part.confidence is not None
        and part.confidence < DOUBTFUL_BELOW
    )
    return (flags.DETECTION_DOUBTFUL,) if doubtful else ()


def _status(plan: PlannedText, segments: tuple[SegmentResult, ...]) -> Status:
    if any(translated(part, result) for part, result in zip(plan.segments, segments, strict=True)):
        return Status.TRANSLATED
    stands = any(part.fate is Fate.ALREADY_TARGET for part in plan.segments)
    if not stands and any(segment.failure for segment in segments):
        return Status.FAILED
    return Status.UNCHANGED


def _main(plan: PlannedText, segments: Sequence[SegmentResult]) -> PlannedSegment | None:
    """The longest segment of the main language that goes to a model; it names the text's route."""
    routed = [
        part
        for part, result in zip(plan.segments, segments, strict=True)
        if part.route is not None and result.memory is None
    ]
    return max(
        routed,
        key=lambda part: (part.source == plan.source, part.end - part.start, -part.start),
        default=None,
    )


def _flags(segments: tuple[SegmentResult, ...]) -> tuple[str, ...]:
    if not segments:
        return (flags.NO_LANGUAGE,)
    return tuple(sorted({flag for segment in segments for flag in segment.flags}))
