"""The parameters of DeepL's translate, each honoured, passed over where that does no harm, or refused."""

from dataclasses import dataclass
from typing import Any, Literal

from app.api.deepl import words
from app.api.fields import Fields
from app.api.foreign import Wish
from app.documents.format import Options
from app.edges import Manner
from app.errors import InvalidRequest
from app.marked import Markup
from app.segmentation import Splitting
from models.router import Router

_CHOICES = {
    "split_sentences": {"0", "1", "nonewlines"},
    "tag_handling": {"html", "xml"},
    "tag_handling_version": {"v1", "v2"},
    "formality": {"default", "more", "less", "prefer_more", "prefer_less"},
    "model_type": {"quality_optimized", "prefer_quality_optimized", "latency_optimized"},
}
_SPLITTING = {"0": Splitting.NOTHING, "1": Splitting.SENTENCES, "nonewlines": Splitting.PUNCTUATION}
_YES = frozenset({"1", "true"})
_NO = frozenset({"0", "false"})
_MARKUP: dict[str, Markup] = {"html": "html", "xml": "xml"}
_NOT_HERE = ("style_id", "translation_memory_id", "custom_instructions")
FASTEST: Literal["latency_optimized"] = "latency_optimized"


@dataclass(frozen=True, slots=True)
class Asked:
    wish: Wish
    shows_billed: bool
    model_type: str | None
    """What is said to have been used; None: nobody asked."""


def asked(sent: Fields) -> Asked:
    """Raises InvalidRequest."""
    chosen = choices(sent)
    texts = sent.all("text")
    if not texts:
        raise InvalidRequest("Parameter 'text' not specified.")
    if not all(isinstance(text, str) for text in texts):
        raise InvalidRequest("Value for 'text' not supported.")
    source, target = pair(sent)
    wish = Wish(
        texts,
        target,
        source,
        _MARKUP.get(chosen["tag_handling"] or ""),
        _options(sent),
        manner=_manner(sent, chosen),
    )
    shows = str(sent.one("show_billed_characters")).lower() in _YES
    return Asked(wish, shows, FASTEST if chosen["model_type"] else None)


def choices(sent: Fields) -> dict[str, str | None]:
    """Of what texts and documents have in common. Raises what `asked` raises."""
    chosen = {name: _choice(sent, name) for name in _CHOICES}
    _refuse(sent, chosen)
    return chosen


def pair(sent: Fields) -> tuple[str | None, str]:
    """Source, None where it is to be detected, and target. Raises InvalidRequest."""
    source, target = sent.one("source_lang"), sent.one("target_lang")
    if target in (None, ""):
        raise InvalidRequest("Parameter 'target_lang' not specified.")
    return words.ours(source, "source_lang") if source else None, words.ours(target, "target_lang")


def check_pair(source: str | None, target: str, *, router: Router, tenant: str) -> None:
    """Raises InvalidRequest. A pair of known languages without a route is left to the service, which says what could
    be installed.
    """
    routes = router.routes(tenant=tenant)
    if target not in {route.languages[-1] for route in routes}:
        raise words.unsupported("target_lang")
    if source is not None and source not in {route.languages[0] for route in routes}:
        raise words.unsupported("source_lang")


def _choice(sent: Fields, name: str) -> str | None:
    value = sent.one(name)
    if value in (None, ""):
        return None
    if not isinstance(value, str | int) or str(value) not in _CHOICES[name]:
        raise InvalidRequest(f"Invalid value for '{name}'.")
    return str(value)


def _refuse(sent: Fields, chosen: dict[str, str | None]) -> None:
    if chosen["formality"] in ("more", "less"):
        raise InvalidRequest("'formality' is not supported for given 'target_lang'.")
    if chosen["model_type"] == "quality_optimized":
        raise InvalidRequest("'model_type' quality_optimized is not supported for the given languages.")
    for name in _NOT_HERE:
        if any(sent.all(name)):
            raise InvalidRequest(f"'{name}' is not supported.")


def _manner(sent: Fields, chosen: dict[str, str | None]) -> Manner:
    """Of HTML the only line breaks left are those that stand for tags, and of preformatted text."""
    splitting = _SPLITTING[chosen["split_sentences"] or "1"]
    if chosen["tag_handling"] == "html":
        splitting = Splitting.LINES if splitting is Splitting.NOTHING else Splitting.SENTENCES
    return Manner(splitting, edged=_preserves(sent))


def _preserves(sent: Fields) -> bool:
    value = sent.one("preserve_formatting")
    if value not in (None, "") and str(value).lower() not in _YES | _NO:
        raise InvalidRequest("Invalid value for 'preserve_formatting'.")
    return str(value).lower() in _YES


def _options(sent: Fields) -> Options:
    """DeepL finds structure by itself unless told not to, which leaves the tags named."""
    return Options(
        kept=_names(sent, "ignore_tags"),
        splitting=_names(sent, "splitting_tags"),
        joining=_names(sent, "non_splitting_tags"),
        outlined=str(sent.one("outline_detection")).lower() not in _NO,
    )


def _names(sent: Fields, name: str) -> tuple[str, ...]:
    """A list, or names separated by commas."""
    given: list[Any] = sent.all(name)
    return tuple(part.strip() for value in given for part in str(value).split(",") if part.strip())
