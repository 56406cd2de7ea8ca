"""What OPUS-MT models are known to fail on, with the embedded models: whatever goes wrong is repaired or says so."""

import re

import pytest

from app.fidelity.glance import Glance
from app.fidelity.repetition import repeats
from app.repair.steps import REPAIRABLE
from tests.app.serving import Service

KNOWN = {
    "one word": ("salad", "canal", "os", "cada", "Ao"),
    "capitals": ("SOPA DE ERVILHA", "O CARRO VERMELHO FICOU NA GARAGEM.", "PEA SOUP"),
    "fragment": ("de 2,200.112 para", "boxes of the, and", "porta azul, terceira"),
    "numbers": ("Água 4571, pão 12, sal 913, 4402", "Boxes 4, 1871, 22; rooms 913, 4402, 7", "2.200.112"),
    "very long": ("o homem alto disse que a carrinha branca saiu do armazém e " * 12,),
    "chat": (
        "blz?",
        "n sei oq fazer",
        "pq vc n veio?",
        "Vc ta onde? kkkk",
        "u comin 2nite or nah lol",
        "q horas vc chega no role??",
    ),
    "two languages": ("Ele disse que they would come back amanhã cedo with the van.",),
}


@pytest.mark.parametrize("kind", KNOWN)
@pytest.mark.parametrize("target", ["en", "pt"])
def test_known_failures_are_repaired_or_said(service: Service, kind: str, target: str) -> None:
    source = "pt" if target == "en" else "en"
    answer = service.translate(KNOWN[kind], target, source=source, detail=True)
    for text, result in zip(KNOWN[kind], answer["translations"], strict=True):
        assert result["status"] in ("translated", "unchanged")
        for segment in result["segments"]:
            _assert_said(text[segment["start"] : segment["end"]], segment)
        kept = {each["step"] for part in result["segments"] for each in part["repairs"] if each["kept"]}
        assert result["repairs"] == sorted(kept)
        assert ("repaired" in result["flags"]) == bool(kept)


def _assert_said(source: str, segment: dict[str, object]) -> None:
    text, flags = str(segment["text"]), segment["flags"]
    repairs = segment["repairs"]
    assert isinstance(flags, list)
    assert isinstance(repairs, list)
    if source.isupper() and len(source) > 4:
        assert text.isupper()
    if segment["read_as"] is not None:
        # What was read in its place is told, and what is checked.
        assert {"recased", "expanded"} & {*flags}
        source = str(segment["read_as"])
    if repeats(Glance(source), Glance(text)):
        assert "repetition" in flags
    if sorted(re.findall(r"\d", source)) != sorted(re.findall(r"\d", text)):
        assert "numbers_differ" in flags or "no_language" in flags
    if not REPAIRABLE.isdisjoint(flags) and "split_long" not in flags:
        assert repairs, "a doubt was left without a try"
    if "repaired" in flags:
        assert any(each["kept"] for each in repairs)


def test_the_same_text_is_repaired_alike_alone_and_among_others(service: Service) -> None:
    texts = [text for found in KNOWN.values() for text in found]
    together = service.translate(texts, "en", source="pt", detail=True)["translations"]
    for text, among in zip(texts, together, strict=True):
        (alone,) = service.translate(text, "en", source="pt", detail=True)["translations"]
        assert (alone["text"], alone["flags"], alone["repairs"]) == (
            among["text"],
            among["flags"],
            among["repairs"],
        )
