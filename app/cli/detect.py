"""dragoman detect."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.cli import console

EXAMPLES = console.examples(
    "dragoman detect 'Onde fica a estação?' 'Where is the station?'",
    "echo 'Hol van az állomás?' | dragoman detect --json",
)


def detect(
    texts: console.Texts = None,
    candidates: console.Candidates = None,
    json: console.Json = False,
    server: console.Server = None,
    key: console.Key = None,
) -> None:
    """Name the language of texts, given as arguments or piped in.

    One line a text: its language, or und for undetermined, and the calibrated probability. Costs nothing.
    """
    found, _ = console.texts_or_stdin(texts)
    narrowed = console.codes(candidates)
    body = _by_server(server, key, found, narrowed) if server else _embedded(found, narrowed)
    if json:
        console.emit_json(body)
        return
    for each in body["detections"]:
        console.emit(f"{each['language']}\t{each['confidence']:.2f}\n")


def _by_server(
    server: str, key: str | None, texts: Sequence[str], candidates: list[str] | None
) -> Mapping[str, Any]:
    from app.client import Dragoman  # noqa: PLC0415
    from app.validation import Limits, check_texts  # noqa: PLC0415

    check_texts(texts, Limits(None, None))
    with Dragoman(server, key=key) as client:
        return client.detect(texts, candidates=candidates)


def _embedded(texts: Sequence[str], candidates: list[str] | None) -> dict[str, Any]:
    from app import bodies  # noqa: PLC0415
    from app.detection import Detector  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415
    from app.validation import Limits, candidate_codes, check_texts, listed_codes  # noqa: PLC0415

    settings = load_settings()
    narrowed = candidate_codes(candidates) or listed_codes(settings.candidates)
    check_texts(texts, Limits(None, None))
    detector = Detector(threshold=settings.detection_threshold, engine=settings.detector)
    return {"detections": [bodies.detection(each) for each in detector.detect(texts, candidates=narrowed)]}
