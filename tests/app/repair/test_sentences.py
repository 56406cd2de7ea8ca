"""A segment of several sentences in parts, and their answers as one."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.glossary.enforcement import Given
from app.glossary.matching import Match
from app.repair.sentences import parted
from batching.work import Outcome
from models.contracts import Link

words = st.sampled_from(["barco", "farol", "gato", "casa"])
sentences = st.lists(words, min_size=3, max_size=8).map(lambda found: f"O {' '.join(found)}.")
PAIR = ("pt", "en")


def answer(part: Given) -> Outcome:
    """In capitals and longer, with a link for each sentence and term."""
    text = f"Now {part.text.upper()}"
    spans = [(0, len(part.text)), *((match.start, match.end) for match in part.matches)]
    links = tuple(Link((start, end), (start + 4, end + 4), 1.0) for start, end in spans)
    return Outcome(
        text, source_tokens=2, target_tokens=3, compute_ns=5, queue_ns=len(text), links=links, scores=(-0.5,)
    )


@given(st.lists(sentences, min_size=2, max_size=5))
def test_what_is_put_together_is_what_was_answered_where_it_was_asked(found: list[str]) -> None:
    text = " ".join(found)
    places = [at for at in range(len(text)) if text.startswith("gato", at)]
    whole = Given(text, tuple(Match(at, at + 4, "cat") for at in places), PAIR)
    mine = parted(whole)
    assert mine is not None
    assert [part.text for part in mine.parts] == found
    assert all(part.text[m.start : m.end] == "gato" for part in mine.parts for m in part.matches)
    assert sum(len(part.matches) for part in mine.parts) == len(places)
    made = mine.joined([answer(part) for part in mine.parts])
    assert made.text == " ".join(f"Now {each.upper()}" for each in found)
    for link in made.links:
        assert made.text[slice(*link.target)] == text[slice(*link.source)].upper()
    assert len(made.links) == len(found) + len(places)
    assert (made.source_tokens, made.target_tokens) == (2 * len(found), 3 * len(found))
    assert (made.compute_ns, made.scores) == (5 * len(found), (-0.5,))


def test_one_sentence_has_no_parts_and_no_term_is_cut() -> None:
    assert parted(Given("O Dr. Silva vive no farol.", (), PAIR)) is None
    text = "Li no Yahoo! Japan ontem."
    at = text.index("Yahoo")
    term = Match(at, at + len("Yahoo! Japan"), "Yahoo! Japan", exact=True)
    assert parted(Given(text, (term,), PAIR)) is None


def test_where_one_has_no_answer_the_whole_has_none() -> None:
    mine = parted(Given("O farol apagou. O gato dorme.", (), PAIR))
    assert mine is not None
    first, second = (answer(part) for part in mine.parts)
    failed = mine.joined([first, replace(second, text=None, scores=())])
    assert (failed.text, failed.links, failed.scores, failed.compute_ns) == (None, (), (), 10)
