"""A text of which some segments were tried again: only those are judged anew."""

from hypothesis import given
from hypothesis import strategies as st

from app import flags
from app.assembly import assemble, mend
from app.plan import Fate, PlannedSegment, PlannedText
from app.results import Repair
from batching.work import Outcome

PLAN = PlannedText(
    "Há 12 casas. Bom dia. Há 30 ruas.",
    tuple(
        PlannedSegment(start, end, Fate.TRANSLATE, "pt", None) for start, end in ((0, 12), (13, 21), (22, 33))
    ),
    detected=False,
)
ANSWERS = st.sampled_from(("There are 12 houses.", "There are 30 streets.", "Good morning.", "", None))


@given(st.lists(ANSWERS, min_size=3, max_size=3), st.dictionaries(st.integers(0, 2), ANSWERS, max_size=3))
def test_a_mended_text_is_what_its_outcomes_assembled_at_once_come_to(
    first: list[str | None], again: dict[int, str | None]
) -> None:
    work = {index: Outcome(answer) for index, answer in enumerate(first)}
    before = assemble(PLAN, work, target="en")
    work |= {index: Outcome(answer) for index, answer in again.items()}
    mended = mend(PLAN, work, before=before, repairs=dict.fromkeys(again, ()))
    assert mended == assemble(PLAN, work, target="en")
    assert all(mended.segments[index] is before.segments[index] for index in {0, 1, 2} - again.keys())


def test_what_was_tried_is_said_of_its_segment_alone() -> None:
    work = {0: Outcome("There are houses."), 1: Outcome("Good morning."), 2: Outcome("There are 30 streets.")}
    before = assemble(PLAN, work, target="en")
    tried = Repair("wider", kept=True, flags=())
    mended = mend(PLAN, {**work, 0: Outcome("There are 12 houses.")}, before=before, repairs={0: (tried,)})
    assert [segment.repairs for segment in mended.segments] == [(tried,), (), ()]
    assert mended.flags == (flags.REPAIRED,)
    assert mended.text == "There are 12 houses. Good morning. There are 30 streets."
