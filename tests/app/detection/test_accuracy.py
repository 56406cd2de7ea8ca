"""Floors on held-back FLORES lines (odd numbers; the even ones fitted the calibration)."""

import pytest

from app.detection import Detector
from tests.conftest import Flores

pytestmark = pytest.mark.shared

NAMES = {"nob": "no", "nld": "nl", "deu": "de", "fra": "fr", "spa": "es", "ita": "it", "pol": "pl", "ron": "ro",
         "rus": "ru", "ukr": "uk", "ara": "ar", "fas": "fa", "tur": "tr", "hun": "hu", "fin": "fi", "swe": "sv",
         "dan": "da", "ces": "cs", "ell": "el", "heb": "he", "hin": "hi", "mar": "mr", "jpn": "ja", "kor": "ko",
         "cmn_Hans": "zh", "cmn_Hant": "zh", "tha": "th", "vie": "vi", "glg": "gl", "cat": "ca", "afr": "af",
         "swh": "sw", "zul": "zu", "som": "so", "urd": "ur", "ben": "bn", "tgl": "tl", "est": "et"}  # fmt: skip


def _held_back(flores: Flores, name: str) -> list[str]:
    return flores(name)[0::2]


@pytest.mark.parametrize(("name", "code"), [("por", "pt"), ("eng", "en")])
def test_portuguese_and_english_lines(detector: Detector, flores: Flores, name: str, code: str) -> None:
    found = detector.detect(_held_back(flores, name))
    assert sum(d.language == code for d in found) >= 0.99 * len(found)


@pytest.mark.parametrize(("name", "code"), [("por", "pt"), ("eng", "en")])
def test_three_words_between_portuguese_and_english(
    detector: Detector, flores: Flores, name: str, code: str
) -> None:
    starts = [" ".join(line.split()[:3]) for line in _held_back(flores, name)]
    found = detector.detect(starts, candidates=("en", "pt"))
    right = sum(d.language == code for d in found) / len(found)
    wrong = sum(d.language not in (code, "und") for d in found) / len(found)
    assert right >= 0.93
    assert wrong <= 0.02


def test_macro_accuracy_of_whole_lines(detector: Detector, flores: Flores) -> None:
    shares = []
    for name, code in NAMES.items():
        found = detector.detect(_held_back(flores, name)[::3])
        shares.append(sum(d.language == code for d in found) / len(found))
    assert sum(shares) / len(shares) >= 0.985


def test_an_english_line_in_a_portuguese_document(detector: Detector, flores: Flores) -> None:
    english = _held_back(flores, "eng")
    for start in range(0, 100, 10):
        document = _held_back(flores, "por")[start : start + 10]
        document[5] = english[start]
        assert [d.language for d in detector.detect_document(document)] == ["pt"] * 5 + ["en"] + ["pt"] * 4
