from models.contracts import Link
from models.links import attended, placed, through


def test_pieces_have_their_places_in_the_text_as_it_was_written() -> None:
    text = "It  cost £40 — “found”…"
    pieces = ["▁It", "▁co", "st", "▁$", "40", "▁-", '▁"', "found", '"', "..."]
    words = [text[start:end] for start, end in placed(pieces, text)]
    assert words == ["It", "co", "st", "£", "40", "—", "“", "found", "”…", "”…"]


def test_a_space_of_its_own_has_no_place() -> None:
    assert placed(["▁", "a"], " a") == ((0, 0), (1, 2))
    assert placed([], "") == ()


def test_what_a_piece_pays_to_markers_and_in_passing_is_no_link() -> None:
    found = attended([[0.02, 0.6, 0.38]], ((0, 2), (3, 5), (0, 0)), ((0, 4),))
    assert found == (Link((3, 5), (0, 4), 0.6),)


def test_two_models_in_a_row_share_the_weight_out() -> None:
    first = [Link((0, 3), (0, 4), 0.5), Link((4, 7), (0, 4), 0.5), Link((8, 9), (5, 6), 1.0)]
    second = [Link((0, 2), (0, 2), 1.0), Link((2, 6), (3, 9), 0.8)]
    found = {(link.source, link.target): round(link.weight, 3) for link in through(first, second)}
    assert found == {
        ((0, 3), (0, 2)): 0.5,
        ((4, 7), (0, 2)): 0.5,
        ((0, 3), (3, 9)): 0.2,
        ((4, 7), (3, 9)): 0.2,
        ((8, 9), (3, 9)): 0.2,
    }
