"""Who waits for an answer is told that the client has hung up."""

from app.api.departure import Departure


def test_everyone_who_waits_is_told_once() -> None:
    departure, told = Departure(), list[str]()
    departure.tell(lambda: told.append("one"))
    departure.tell(lambda: told.append("two"))

    departure.happen()

    assert told == ["one", "two"]


def test_whoever_comes_afterwards_is_told_at_once() -> None:
    departure, told = Departure(), list[str]()
    departure.happen()

    departure.tell(lambda: told.append("late"))

    assert told == ["late"]


def test_whoever_has_the_answer_is_not_told() -> None:
    departure, told = Departure(), list[str]()

    def answered() -> None:
        told.append("answered")

    departure.tell(answered)
    departure.forget(answered)
    departure.happen()

    assert told == []
