"""Work on its way over several models, or in several parts."""

import pytest

from batching.work import Outcome
from models.contracts import ModelUnavailable
from models.reverse import IdentityBackend
from tests.batching.asking import submit, texts
from tests.batching.fakes import POISON, Controlled, Stock, house


async def test_a_pivot_adds_up_both_hops() -> None:
    first, second = Controlled(), Controlled()
    async with house({"de-en": first, "en-pt": second}) as at:
        outcomes = await submit(at, ["abc", "", "defg"], "de-en", "en-pt")

        assert texts(outcomes) == ["abc", "", "defg"]
        assert (sorted(first.seen), sorted(second.seen)) == (["abc", "defg"], ["cba", "gfed"])
        assert [each.source_tokens for each in outcomes] == [6, 0, 8]
        assert [each.target_tokens for each in outcomes] == [6, 0, 8]
        assert sum(each.compute_ns for each in outcomes) == at.recorder.compute_ns
        assert [each.parts for each in outcomes] == [1, 1, 1]


async def test_what_fails_on_the_first_hop_goes_no_further() -> None:
    second = Controlled()
    async with house({"de-en": Controlled(), "en-pt": second}) as at:
        outcomes = await submit(at, [f"a{POISON}", "bc"], "de-en", "en-pt")

        assert texts(outcomes) == [None, "bc"]
        assert second.seen == ["cb"]
        assert outcomes[0].compute_ns > 0


async def test_a_model_missing_on_the_second_hop_fails_the_request() -> None:
    stock: Stock = {"de-en": Controlled(), "en-pt": ModelUnavailable("Model en-pt cannot be loaded.")}
    async with house(stock) as at:
        with pytest.raises(ModelUnavailable, match="en-pt"):
            await submit(at, ["abc"], "de-en", "en-pt")


async def test_a_long_text_is_cut_translated_in_parts_and_joined() -> None:
    words = [f"word{number:03}" for number in range(100)]
    backend = Controlled()
    async with house({"en-pt": backend}) as at:
        long, short = await submit(at, ["  ".join(words), "short"])

        assert len(backend.seen) == long.parts + 1 > 4
        assert max(map(len, backend.seen)) <= backend.token_limit
        assert long.text is not None
        assert "  ".join(piece[::-1] for piece in long.text.split("  ")).count("word") == 100
        assert sorted(long.text.split()) == sorted(word[::-1] for word in words)
        assert long.source_tokens == sum(map(len, backend.seen)) - len("short")
        assert short == Outcome("trohs", 5, 5, short.compute_ns, short.queue_ns, load_ns=short.load_ns)
        assert long.compute_ns + short.compute_ns == at.recorder.compute_ns


async def test_an_identity_returns_a_cut_text_unchanged() -> None:
    text = " \n".join(f"Sentence {number}, and more." for number in range(60)) + "  "
    async with house({"en-pt": IdentityBackend()}) as at:
        outcomes = await submit(at, [text, "x" * 1000])

        assert texts(outcomes) == [text, "x" * 1000]
        assert outcomes[1].cached is False


async def test_one_failed_part_fails_its_text_and_no_other() -> None:
    async with house({"en-pt": Controlled()}) as at:
        outcomes = await submit(at, ["word " * 60 + POISON, "fine"])

        assert texts(outcomes) == [None, "enif"]
        assert outcomes[0].parts > 1


async def test_more_white_space_than_fits_comes_back_as_it_was() -> None:
    backend = Controlled()
    async with house({"en-pt": backend}) as at:
        assert texts(await submit(at, [" " * 300])) == [" " * 300]
        assert texts(await submit(at, [" " * 300, "ab"])) == [" " * 300, "ba"]
        assert backend.seen == ["ab"]
