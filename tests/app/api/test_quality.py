"""Detecting, segmenting, batching and joining cost no quality: chrF beside the model run directly."""

import pytest
from sacrebleu.metrics.chrf import CHRF

from models.contracts import LanguagePair
from tests.app.serving import Service
from tests.conftest import Flores

LINES = 60
MOST_LOST = 0.3


@pytest.mark.shared
@pytest.mark.parametrize(
    ("source", "target"), [(("pt", "por"), ("en", "eng")), (("en", "eng"), ("pt", "por"))]
)
def test_chrf_is_the_models_own(
    service: Service, flores: Flores, source: tuple[str, str], target: tuple[str, str]
) -> None:
    sources, references = flores(source[1], LINES), flores(target[1], LINES)
    direct = chrf(directly(service, sources, LanguagePair(source[0], target[0])), references)
    found = service.translate(sources, target[0])["translations"]
    through = chrf([each["text"] or "" for each in found], references)
    assert direct > 60
    assert through > direct - MOST_LOST
    assert [each["source"] for each in found] == [source[0]] * LINES


def directly(service: Service, lines: list[str], pair: LanguagePair) -> list[str]:
    """Whole lines, without anything of ours around the model."""
    card = service.runtime.catalogue.card(f"starter-{pair}")
    assert card
    with service.runtime.pool.use(card) as backend:
        return [each.text for each in backend.translate(backend.tokenize(lines, pair))]


def chrf(translations: list[str], references: list[str]) -> float:
    score: float = CHRF().corpus_score(translations, [references]).score
    return score
