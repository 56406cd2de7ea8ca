"""Links reach whoever asked for them: over pivots, in cut texts, from memory; and nobody else."""

import asyncio
from collections.abc import Collection

from batching.work import Outcome
from models.contracts import Link
from models.reverse import IdentityBackend, ReverseBackend
from tests.batching.fakes import Controlled, House, house


async def links(at: House, texts: list[str], *pairs: str, linked: Collection[int]) -> list[Outcome]:
    return await at.dispatcher.submit(texts, at.route(*pairs), tenant="ann", linked=linked)


async def test_only_who_asked_gets_links() -> None:
    async with house({"en-pt": ReverseBackend()}) as at:
        outcomes = await links(at, ["ab", "cd", ""], "en-pt", linked=[0, 2])
        assert [each.links for each in outcomes] == [
            (Link((0, 1), (1, 2), 1.0), Link((1, 2), (0, 1), 1.0)),
            (),
            (),
        ]


async def test_a_pivot_leads_from_the_first_text_to_the_last() -> None:
    async with house({"en-pt": ReverseBackend(), "pt-es": IdentityBackend()}) as at:
        (outcome,) = await links(at, ["abc"], "en-pt", "pt-es", linked=[0])
        assert outcome.text == "cba"
        assert set(outcome.links) == {Link((at, at + 1), (2 - at, 3 - at), 1.0) for at in range(3)}


async def test_a_text_in_parts_has_the_links_of_all_of_them() -> None:
    text = " ".join(f"word{number}" for number in range(60))
    async with house({"en-pt": ReverseBackend()}) as at:
        (outcome,) = await links(at, [text], "en-pt", linked=[0])
        assert outcome.parts > 1
        assert outcome.text is not None
        assert {text[slice(*link.source)] == outcome.text[slice(*link.target)] for link in outcome.links} == {
            True
        }
        linked = {link.source[0] for link in outcome.links}
        assert all(at in linked for at, letter in enumerate(text) if not letter.isspace())


async def test_an_answer_without_links_is_not_given_to_who_needs_them() -> None:
    async with house({"en-pt": ReverseBackend()}, cache_bytes=1 << 20) as at:
        (plain,) = await links(at, ["ab"], "en-pt", linked=[])
        (linked,) = await links(at, ["ab"], "en-pt", linked=[0])
        (again,) = await links(at, ["ab"], "en-pt", linked=[0])
        assert (plain.cached, linked.cached, again.cached) == (False, False, True)
        assert again.links == linked.links != plain.links == ()


async def test_equal_segments_in_flight_share_their_links() -> None:
    backend = Controlled(held=True)
    async with house({"en-pt": backend}) as at:
        tasks = [asyncio.create_task(links(at, ["busy"], "en-pt", linked=[]))]
        await backend.started()
        tasks += [asyncio.create_task(links(at, ["ab"], "en-pt", linked=asked)) for asked in ([0], [0], [])]
        await at.recorder.until(lambda seen: seen.coalesced_segments == 1 and seen.waiting == len("abab"))
        backend.open()
        _, first, second, plain = await asyncio.gather(*tasks)
        assert first[0].links == second[0].links != ()
        assert [each[0].cached for each in (first, second, plain)] == [False, True, False]
        assert plain[0].links == ()
