"""`confidence`: what it says, and what it leaves as it is."""

from app.fidelity.confidence import LOW, confidence
from tests.app.serving import Service

TEXTS = [
    "O homem deixou a carrinha no armazém às 14:35.",
    "Vc ta onde? kkkk",
    "Ele disse que virá amanhã. Não sei a que horas.",
    "12345",
]


def test_it_is_said_where_asked_for_and_changes_no_translation(service: Service) -> None:
    plain = service.translate(TEXTS, detail=True, source="pt")["translations"]
    scored = service.translate(TEXTS, detail=True, source="pt", confidence=True)["translations"]
    assert [each["text"] for each in plain] == [each["text"] for each in scored]
    assert all(each["translation_confidence"] is None for each in plain)
    assert all(0 < each["translation_confidence"] < 1 for each in scored[:3])
    assert scored[3]["translation_confidence"] is None
    for text in scored:
        for segment in text["segments"]:
            said = segment["translation_confidence"]
            assert ("low_confidence" in segment["flags"]) == (said is not None and said < LOW)


def test_it_falls_with_the_score_and_with_each_hop() -> None:
    assert confidence([]) is None
    sure, unsure = confidence([-0.05]), confidence([-0.6])
    assert sure is not None
    assert unsure is not None
    assert unsure < LOW < sure
    both = confidence([-0.05, -0.6])
    assert both is not None
    assert both < unsure
