"""Next best translations reach whoever asked for them: of the last hop, of cut texts, from memory; and nobody else."""

from collections.abc import Sequence
from dataclasses import replace

from batching.work import Outcome
from models.contracts import Decoding, TokenizedSegment, Translation
from models.reverse import ReverseBackend
from tests.batching.fakes import Controlled, House, house


class Inventive(Controlled):
    """Two more for each, by how many letters it has."""

    def translate(self, batch: Sequence[TokenizedSegment]) -> list[Translation]:
        return [
            replace(each, others=(each.text + "?", each.text + "!")[: len(each.text)])
            if segment.decoding.others
            else each
            for segment, each in zip(batch, super().translate(batch), strict=True)
        ]


async def ask(at: House, texts: list[str], *pairs: str, others: bool = True) -> list[Outcome]:
    return await at.dispatcher.submit(texts, at.route(*pairs), tenant="ann", decoding=Decoding(others=others))


async def test_of_the_last_hop_alone() -> None:
    async with house({"en-pt": Inventive(), "pt-es": Inventive()}) as at:
        found = await ask(at, ["abc", "x"], "en-pt", "pt-es")
        assert [each.text for each in found] == ["abc", "x"]
        assert [each.others for each in found] == [("abc?", "abc!"), ("x?",)]
        plain = await ask(at, ["abc"], "en-pt", "pt-es", others=False)
        assert plain[0].others == ()
        assert {key[1].others for key in at.dispatcher._lanes if "en-pt" in key[0]} == {False}


async def test_a_text_in_parts() -> None:
    text = " ".join(f"word{number}" for number in range(60))
    async with house({"en-pt": Inventive()}) as at:
        (found,) = await ask(at, [text], "en-pt")
        assert found.parts > 1
        assert [each.count("?") for each in found.others] == [found.parts, 0]
        assert [each.replace("?", "").replace("!", "") for each in found.others] == [found.text] * 2


async def test_calls_and_memory_of_their_own() -> None:
    backend = Inventive()
    async with house({"en-pt": backend}, cache_bytes=1 << 20) as at:
        plain = await ask(at, ["ab"], "en-pt", others=False)
        wide = await ask(at, ["ab"], "en-pt")
        again = await ask(at, ["ab"], "en-pt")
        assert [each[0].cached for each in (plain, wide, again)] == [False, False, True]
        assert again[0].others == wide[0].others == ("ba?", "ba!")
        assert backend.batches == [["ab"], ["ab"]]


async def test_a_backend_that_knows_but_one() -> None:
    async with house({"en-pt": ReverseBackend()}) as at:
        assert (await ask(at, ["ab"], "en-pt"))[0].others == ()
