import pytest

from app.detection import Detector
from app.detection.scripts import marked_language, writing_of, written_in

UNIQUE = {
    "Καλημέρα": "el",
    "안녕하세요": "ko",
    "สวัสดีครับ": "th",
    "გამარჯობა": "ka",
    "Բարև ձեզ": "hy",
    "வணக்கம்": "ta",
    "నమస్కారం": "te",
    "નમસ્તે": "gu",
    "ನಮಸ್ಕಾರ": "kn",
    "നമസ്കാരം": "ml",
    "ສະບາຍດີ": "lo",
    "សួស្តី": "km",
    "မင်္ဂလာပါ": "my",
    "ආයුබෝවන්": "si",
    "ਸਤ ਸ੍ਰੀ ਅਕਾਲ": "pa",
    "ନମସ୍କାର": "or",
    "ሰላም ለዓለም": "am",
    "שלום עולם": "he",
    "こんにちは": "ja",
    "東京に行きました": "ja",
    "我们明天去北京": "zh",
    "我們明天去臺北": "zh",
}


@pytest.mark.parametrize(("text", "language"), UNIQUE.items())
def test_a_script_of_one_language_decides(detector: Detector, text: str, language: str) -> None:
    found = detector.detect([text])[0]
    assert found.language == language
    assert found.confidence >= 0.8


def test_yiddish_is_not_called_hebrew(detector: Detector) -> None:
    found = detector.detect(["ווי גייט עס דיר, מײַן טײַערער פֿרײַנד?"])[0]  # noqa: RUF001
    assert found.language == "yi"


def test_yiddish_without_ligatures_is_told_by_its_vowels() -> None:
    assert marked_language("איך וואלט געוועזן געווען דער ערשטער", "Hebr") == "yi"
    assert marked_language("בראשית ברא אלהים את השמים ואת הארץ", "Hebr") is None


def test_tigrinya_is_not_called_amharic(detector: Detector) -> None:
    assert detector.detect(["ኣነ ናብ ገዛ እየ ዝኸይድ ዘለኹ"])[0].language == "ti"


def test_names_in_latin_do_not_make_a_text_latin(detector: Detector) -> None:
    assert detector.detect(["iPhoneを買いました"])[0].language == "ja"
    assert detector.detect(["Η Microsoft Windows είναι εδώ"])[0].language == "el"  # noqa: RUF001


def test_ideographs_alone_leave_room_for_japanese(detector: Detector) -> None:
    short, long = detector.detect(["東京", "我们明天早上去北京的图书馆"])
    assert short.confidence < long.confidence
    assert ("ja" in dict(short.alternatives)) or short.language == "und"


def test_a_script_nobody_knows_is_undetermined_but_linguistic(detector: Detector) -> None:
    found = detector.detect(["ᚠᚢᚦᚨᚱᚲ", "བོད་སྐད"])
    assert [(d.language, d.confidence, d.linguistic) for d in found] == [("und", 0.0, True)] * 2


def test_a_shared_script_narrows() -> None:
    assert writing_of("Привет").script == "Cyrl"
    assert written_in("ru", "Cyrl")
    assert not written_in("ru", "Latn")
    assert written_in("sr", "Latn")
    assert written_in("pt", "Latn")
    assert not written_in("zh", "Latn")
