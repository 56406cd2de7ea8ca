from app.repeats import Seen, mistaken

MODELS = ("en-pt",)


def test_a_text_is_a_repeat_from_the_second_time_on_and_for_its_models_alone() -> None:
    seen = Seen()
    assert [seen.repeated(MODELS, "Bom dia.") for _ in range(3)] == [False, True, True]
    assert not seen.repeated(("en-es",), "Bom dia.")


def test_new_texts_are_hardly_ever_taken_for_repeats() -> None:
    seen = Seen()
    assert sum(seen.repeated(MODELS, f"Record number {number}.") for number in range(50_000)) == 0
    assert mistaken(1_000_000) < 1e-8
    assert mistaken(10_000_000) < 1 / 5_000
    assert mistaken(50_000_000) < 1 / 10
