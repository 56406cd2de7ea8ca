"""Which segments of a plan a tenant's memory answers. Blocking."""

from collections.abc import Mapping, Sequence

from app.assembly import terms_in
from app.plan import PlannedSegment, PlannedText
from app.results import Remembered
from app.review.memory import Entry, Known, Memory, Wanted


def recalled(
    plans: Sequence[PlannedText], memory: Memory, *, tenant: str, target: str
) -> tuple[int, list[Mapping[int, Remembered]]]:
    """The memory's version and, for each text, its answers by the segments' indexes.

    Only where a model would be asked: what has no route fails as ever. A term that is enforced goes before the memory.
    """
    wanted = {
        _wanted(plan, part, target) for plan in plans for part in plan.segments if part.route is not None
    }
    known = memory.exact(tenant, wanted)
    return known.version, [_of(plan, known, target) for plan in plans]


def _of(plan: PlannedText, known: Known, target: str) -> Mapping[int, Remembered]:
    found = (
        (index, part, known.entries.get(_wanted(plan, part, target)))
        for index, part in enumerate(plan.segments)
        if part.route is not None
    )
    return {
        index: _remembered(entry)
        for index, part, entry in found
        if entry is not None and all(each.applied for each in terms_in(part, entry.target_text))
    }


def _wanted(plan: PlannedText, part: PlannedSegment, target: str) -> Wanted:
    return part.source, target, plan.text[part.start : part.end].strip()


def _remembered(entry: Entry) -> Remembered:
    return Remembered(entry.id, entry.target_text, entry.changed_at, entry.key_id, entry.place)
