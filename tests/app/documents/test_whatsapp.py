import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents import registry
from app.documents.whatsapp import WhatsApp
from tests.app.documents.backends import assert_untouched, linear, same, shouted, texts, through

CHAT = WhatsApp()
STAMPS = [
    "31/12/2020, 23:59 - ",
    "12/31/20, 11:59 PM - ",
    "12/31/20, 11:59\u202fPM - ",
    "31.12.20, 23:59 - ",
    "2020-12-31, 23:59 - ",
    "31/12/2020 23:59 - ",
    "31/12/20 11:59 p. m. - ",
    "31/12/2020 às 23:59 - ",
    "[31/12/2020, 23:59:59] ",
    "\u200e[31/12/20, 11:59:59\u202fPM] ",
    "[31.12.20, 23:59:59] ",
    "[2020-12-31, 11:59:59 PM] ",
]
OURS = """\u200e[31/12/20, 21:00:00] Ana: \u200eMessages and calls are end-to-end encrypted.
[31/12/20, 21:01:02] Ana Silva: olá, tudo bem?
segunda linha: sim
[31/12/20, 21:01:09] +351 912 345 678: <Media omitted>
[31/12/20, 21:01:10] Bruno: IMG-20201231-WA0001.jpg (file attached)
[31/12/20, 21:02:00] Bruno: vou já <This message was edited>
[31/12/20, 21:03:00] Bruno changed the subject
"""


@pytest.mark.parametrize("stamp", STAMPS)
def test_every_countrys_stamp_is_known(stamp: str) -> None:
    source = f"{stamp}Ana Silva: bom dia\n{stamp}Bruno: até já\nà tarde\n"
    assert texts(CHAT, source) == ["bom dia", "até já", "à tarde"]
    assert shouted(CHAT, source) == f"{stamp}Ana Silva: BOM DIA\n{stamp}Bruno: ATÉ JÁ\nÀ TARDE\n"
    assert registry.find(source.encode(), "chat.txt").name == "whatsapp"


def test_what_the_program_wrote_stays() -> None:
    assert texts(CHAT, OURS) == ["olá, tudo bem?", "segunda linha: sim", "vou já"]
    assert_untouched(CHAT, OURS.encode())


@pytest.mark.parametrize(
    "text", ["31/12/2020 is a date.\nThis is a letter.\nIt goes on: here.\n", "Ana: olá\nBruno: sim\n"]
)
def test_what_is_no_chat_is_a_text(text: str) -> None:
    assert registry.find(text.encode(), "letter.txt").name == "txt"


@given(
    st.lists(
        st.sampled_from([*STAMPS, "Ana: ", "olá ", "\n", "\r\n", "<a>", "\u200e", ":", "x.jpg (a)"])
    ).map("".join)
)
def test_any_text_comes_back(source: str) -> None:
    assert_untouched(CHAT, source.encode())
    through(CHAT, source)


@pytest.mark.parametrize(
    "unit", ["[31/12/20, 21:01:02] A: a\n", "a" * 100, "1/1/1, 1:1", "<", "A:", "\n", "[1"]
)
def test_hostile_chats_take_linear_time(unit: str) -> None:
    source = ("[31/12/20, 21:01:02] A: " + unit * (300_000 // len(unit))).encode()
    with linear():
        assert through(CHAT, source, same).data == source
