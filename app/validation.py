"""Early refusals: what is wrong with a request as a whole is said before any work is done."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import InvalidRequest, InvalidText, NoRoute, TooLarge, UnknownLanguage
from app.results import TranslationRequest
from models.contracts import NoRouteError
from models.language import UnknownCode, normalise
from models.router import Router

COST_CENTRE = 64
"""Characters of its name at most."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one request; None is no limit."""

    texts: int | None
    characters: int | None


@dataclass(frozen=True, slots=True)
class Languages:
    """A request's language codes as the models know them."""

    target: str
    source: str | None
    """None: detect."""
    candidates: tuple[str, ...] | None


def language_code(code: str) -> str:
    """`pt-BR`, `PT` and `por` are `pt`. Raises UnknownLanguage."""
    try:
        return normalise(code)
    except UnknownCode:
        raise UnknownLanguage(
            f"{code[:35]!a} is not a language code. Use BCP 47 codes such as pt, en or pt-BR."
        ) from None


def candidate_codes(codes: Sequence[str] | None) -> tuple[str, ...] | None:
    if codes is None:
        return None
    if not codes:
        raise InvalidRequest("`candidates` is empty. Name at least one language, or leave it out.")
    return tuple(dict.fromkeys(language_code(code) for code in codes))


def listed_codes(text: str) -> tuple[str, ...] | None:
    """Of a setting such as `pt, en`; None where it is empty. Raises UnknownLanguage."""
    return candidate_codes([code.strip() for code in text.split(",") if code.strip()] or None)


def cost_centre(name: str | None) -> str | None:
    """Raises InvalidRequest for what no report could print on a line."""
    if name is None:
        return None
    name = name.strip()
    if not name or len(name) > COST_CENTRE or not name.isprintable():
        raise InvalidRequest(f"A cost centre is 1 to {COST_CENTRE} printable characters.")
    return name


def languages(
    request: TranslationRequest, router: Router, *, candidates: tuple[str, ...] | None = None
) -> Languages:
    """`candidates`: those of the server, for a request that names none.

    Raises UnknownLanguage, and NoRoute for a declared pair that no model serves.
    """
    source = None if request.source is None else language_code(request.source)
    target = language_code(request.target)
    if source is not None and source != target:
        _require_route(source, target, router, request.tenant)
    return Languages(target, source, candidate_codes(request.candidates) or candidates)


def check_texts(texts: Sequence[str], limits: Limits) -> None:
    """Raises TooLarge, or InvalidText for text that no encoding can carry."""
    if limits.texts is not None and len(texts) > limits.texts:
        raise TooLarge(_too_large(len(texts), "texts", limits.texts))
    characters = sum(map(len, texts))
    if limits.characters is not None and characters > limits.characters:
        raise TooLarge(_too_large(characters, "characters", limits.characters))
    for index, text in enumerate(texts):
        _refuse_surrogates(text, index)


def _require_route(source: str, target: str, router: Router, tenant: str) -> None:
    try:
        router.route(source, target, tenant=tenant)
    except NoRouteError as error:
        raise NoRoute(str(error)) from error


def _too_large(number: int, unit: str, limit: int) -> str:
    return (
        f"{number} {unit} in one request; this server takes {limit}. "
        f"Send less at a time, or use `dragoman bulk run`."
    )


def _refuse_surrogates(text: str, index: int) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidText(
            f"Text {index} holds half of a surrogate pair at position {error.start}, which is not a character. "
            f"Send whole characters."
        ) from None
