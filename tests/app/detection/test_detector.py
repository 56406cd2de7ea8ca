import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.detection import Detection, Detector
from app.detection.calibration import Calibration
from models.language import normalise

PAIR = ("en", "pt")
# What people write to each other: right or `und`, never something else with confidence.
SHORT_PORTUGUESE = ["sim", "Sim.", "bom dia", "Vc ta onde?", "não", "nao", "obrigado", "vou já", "tudo bem?",
                    "Onde estas?", "estou a chegar", "casa", "BOM DIA", "fixe", "até logo 👋"]  # fmt: skip
SHORT_ENGLISH = ["yes", "hello", "thanks", "see you tmrw", "where are you", "call me", "HELLO MY FRIEND",
                 "i dont know", "on my way!!", "the car is blue"]  # fmt: skip
JUNK = ["12345", "", "🙂", "!!!", "£12.50", "AB12 CDE", "\x00\x01\x1f", "\u200f\u200e", "\u0301\u0301",
        "KX65 TRV 07700 900123", "ana@example.org", "https://example.org/uma/pagina"]  # fmt: skip
STATEMENT = [
    "O declarante afirmou que saiu de casa por volta das oito da manhã e seguiu a pé até à estação.",
    "Sim.",
    "OK.",
    "Disse ainda que não conhecia o condutor do veículo que o esperava junto ao mercado.",
    "The officer then asked him whether he had ever seen the other man before that morning.",
    "Não.",
    "AB12 CDE",
    "Perguntado sobre a mala, respondeu que a tinha encontrado no autocarro.",
]


def _best(found: Detection) -> str:
    return found.alternatives[0][0] if found.language == "und" and found.alternatives else found.language


def test_sentences(detector: Detector) -> None:
    texts = {
        "O suspeito foi visto a sair da estação com uma mala preta.": "pt",
        "The suspect was seen leaving the station with a black suitcase.": "en",
        "El sospechoso fue visto saliendo de la estación con una maleta negra.": "es",
        "O sospeitoso foi visto saíndo da estación cunha maleta negra, dixo a veciña.": "gl",
        "Le suspect a été vu quittant la gare avec une valise noire.": "fr",
        "A gyanúsítottat látták, amint egy fekete bőrönddel elhagyja az állomást.": "hu",
        "Подозреваемого видели выходящим из вокзала с чёрным чемоданом.": "ru",  # noqa: RUF001
    }
    found = detector.detect(list(texts))
    assert [d.language for d in found] == list(texts.values())
    assert all(d.confidence > 0.7 and d.linguistic for d in found)


@pytest.mark.parametrize(
    ("text", "language"), [*((t, "pt") for t in SHORT_PORTUGUESE), *((t, "en") for t in SHORT_ENGLISH)]
)
def test_short_messages_are_right_or_undetermined(detector: Detector, text: str, language: str) -> None:
    wide, narrow = detector.detect([text])[0], detector.detect([text], candidates=PAIR)[0]
    assert wide.language in (language, "und")
    assert narrow.language in (language, "und")
    assert narrow.confidence >= dict([(wide.language, wide.confidence), *wide.alternatives]).get(
        language, 0.0
    )


def test_candidates_settle_most_short_messages(detector: Detector) -> None:
    found = detector.detect(SHORT_PORTUGUESE + SHORT_ENGLISH, candidates=PAIR)
    assert sum(d.language != "und" for d in found) >= 0.85 * len(found)


@pytest.mark.parametrize("text", JUNK)
def test_junk_has_no_language(detector: Detector, text: str) -> None:
    nothing = Detection("und", 0.0, (), linguistic=False)
    assert detector.detect([text]) == [nothing]
    assert detector.detect_document([text, text]) == [nothing, nothing]


def test_und_offers_its_best_guess(detector: Detector) -> None:
    found = detector.detect(["ok"])[0]
    assert found.language == "und"
    assert found.alternatives[0][1] == found.confidence < 0.5
    assert len(found.alternatives) == 5


def test_the_threshold_is_the_callers(detector: Detector) -> None:
    assert Detector(threshold=0.0).detect(["ok"])[0].language == detector.detect(["ok"])[0].alternatives[0][0]
    assert Detector(threshold=1.0).detect([STATEMENT[0]])[0].language == "und"


def test_a_foreign_text_is_not_forced_into_the_candidates(detector: Detector) -> None:
    texts = ["A gyanúsítottat látták, amint egy fekete bőrönddel elhagyja az állomást.", "Καλημέρα σε όλους"]
    for found in detector.detect(texts, candidates=PAIR):
        assert found.language == "und"
        assert found.confidence < 0.2
        assert {code for code, _ in found.alternatives} <= set(PAIR)


def test_candidates_are_read_as_codes(detector: Detector) -> None:
    found = detector.detect(["Vi ses i morgen tidlig, sa han"], candidates=["nb-NO", "pt_BR", "xx"])
    assert found[0].language == "no"
    assert detector.detect(["Bom dia a todos"], candidates=["pt-PT"])[0].language == "pt"


@pytest.mark.parametrize("candidates", [[], ["xx"]])
def test_no_known_candidate_is_undetermined(detector: Detector, candidates: list[str]) -> None:
    assert detector.detect(["Bom dia a todos"], candidates=candidates) == [
        Detection("und", 0.0, (), linguistic=True)
    ]


def test_a_document_gives_its_language_to_short_segments(detector: Detector) -> None:
    found = detector.detect_document(STATEMENT)
    assert [d.language for d in found] == ["pt", "pt", "pt", "pt", "en", "pt", "und", "pt"]
    assert found[4].confidence > 0.9
    assert not found[6].linguistic


def test_a_document_of_one_segment_is_that_segment(detector: Detector) -> None:
    for text in (*STATEMENT, "hello", "שלום"):
        alone, document = detector.detect([text])[0], detector.detect_document([text])[0]
        assert document.language == alone.language
        assert document.confidence == pytest.approx(alone.confidence)
    assert detector.detect_document([]) == []
    assert detector.detect([]) == []


def test_one_text_does_not_change_another(detector: Detector) -> None:
    together = detector.detect(STATEMENT + JUNK)
    assert together == [detector.detect([text])[0] for text in STATEMENT + JUNK]


def test_threads_get_the_same_answers(detector: Detector) -> None:
    texts = STATEMENT + SHORT_PORTUGUESE + SHORT_ENGLISH + JUNK
    expected = detector.detect(texts)
    with ThreadPoolExecutor(8) as threads:
        answers = threads.map(lambda _: Detector().detect(texts), range(16))
        assert all(answer == expected for answer in answers)


@pytest.mark.parametrize("text", ["a" * 1_000_000, "palavra" * 150_000, "e\u0301" * 500_000, "Aa1" * 350_000,
                                  "a@" * 500_000, "a." * 500_000, "A-" * 500_000, "中" * 1_000_000])  # fmt: skip
def test_a_megabyte_without_a_space_costs_what_a_page_does(detector: Detector, text: str) -> None:
    started = time.process_time()
    detector.detect([text])
    assert time.process_time() - started < 0.5


@given(st.lists(st.text(max_size=60), max_size=6), st.sampled_from([None, PAIR, ("pt",)]))
def test_any_text_gets_an_honest_answer(
    detector: Detector, texts: list[str], candidates: tuple[str, ...] | None
) -> None:
    for found in (
        detector.detect(texts, candidates=candidates),
        detector.detect_document(texts, candidates=candidates),
    ):
        assert len(found) == len(texts)
        for each in found:
            _check(each, detector, candidates)


def _check(found: Detection, detector: Detector, candidates: tuple[str, ...] | None) -> None:
    listed = list(_codes(found))
    assert 0.0 <= found.confidence <= 1.0
    assert set(listed) <= set(candidates or detector.languages)
    assert len(found.alternatives) <= 5
    assert [p for _, p in found.alternatives] == sorted((p for _, p in found.alternatives), reverse=True)
    assert (found.language == "und") == (found.confidence < 0.5)
    assert found.linguistic or (found.confidence == 0.0 and not found.alternatives)


def _codes(found: Detection) -> Iterator[str]:
    if found.language != "und":
        yield found.language
    yield from (code for code, _ in found.alternatives)


def test_langdetect_is_selectable() -> None:
    other = Detector(engine="langdetect")
    found = other.detect([STATEMENT[0], STATEMENT[4], "12345", "Καλημέρα"])
    assert [d.language for d in found] == ["pt", "en", "und", "el"]
    assert found == other.detect([STATEMENT[0], STATEMENT[4], "12345", "Καλημέρα"])
    assert "gl" not in other.languages


def test_languages_are_base_codes(detector: Detector) -> None:
    assert list(detector.languages) == sorted(set(detector.languages))
    assert {"pt", "en", "zh", "no", "he", "tl", "yi", "ti"} <= set(detector.languages)
    assert not {"nb", "nn", "iw", "zxx", "zh-cn", "und"} & set(detector.languages)


def test_requests_and_answers_name_languages_alike(detector: Detector) -> None:
    """Else a text in the target language would not be seen to be so."""
    assert {code: normalise(code) for code in detector.languages} == {
        code: code for code in detector.languages
    }


def test_the_calibration_says_where_it_comes_from() -> None:
    calibration = Calibration.load()
    assert calibration.vote.bias
    assert 0.5 < calibration.chinese(1) < calibration.chinese(4) < 1.0
