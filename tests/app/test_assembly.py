"""A text of which some segments were tried again: only those are judged anew."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import flags
from app.assembly import assemble, mend
from app.glossary.matching import Protection
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


@pytest.mark.parametrize(
    ("source", "answer", "raised"),
    [
        ("Olá {name}, pague já.", "Hello {name}, pay now.", False),
        ("Olá {name}, pague 5 já.", "Hello {name}, pay 5 now.", False),
        ("Olá {name}, pague já.", "Hello name, pay now.", True),
        ("Olá {name}, ☂ já.", "Hello {name}, now.", True),
        ("Olá, pague já.", "Hello, pay now.", True),
    ],
)
def test_characters_that_came_through_to_the_letter_are_not_unknown(
    source: str, answer: str, *, raised: bool
) -> None:
    found = Protection().find(source, "pt", "en")
    part = PlannedSegment(0, len(source), Fate.TRANSLATE, "pt", None, matches=found)
    result = assemble(
        PlannedText(source, (part,), detected=False), {0: Outcome(answer, unknown=2)}, target="en"
    )
    assert (flags.UNKNOWN_CHARACTERS in result.flags) is raised


@pytest.mark.parametrize(
    ("source", "answer", "raised"),
    [
        ("Pague <b>agora</b> já.", "Pay <b>now</b> already.", True),
        ("<b>Pague</b> já.", "<b>Pay</b> now.", True),
        ("<b>Pague já.</b>", "<b>Pay now.</b>", False),
        ("<p><b>Pague já</b>.</p>", "<p><b>Pay now</b>.</p>", False),
        ("<b>Pague já.</b>", "<b>Pay</b> now.", True),
        (f'Pague <a href="{"x" * 900}">já</a>.', f'Pay <a href="{"x" * 900}">now</a>.', True),
        ("Se a < b e c > d, pague.", "If a < b and c > d, pay.", False),
    ],
)
def test_tags_between_words_of_plain_text_are_a_doubt(source: str, answer: str, *, raised: bool) -> None:
    part = PlannedSegment(0, len(source), Fate.TRANSLATE, "pt", None)
    result = assemble(PlannedText(source, (part,), detected=False), {0: Outcome(answer)}, target="en")
    assert (flags.FORMATTING_APPROXIMATE in result.flags) is raised
    assert "identifiers_differ" not in result.flags
