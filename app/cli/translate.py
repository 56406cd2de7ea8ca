"""dragoman translate."""

import asyncio
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal

import typer

from app.cli import console, terms

EXAMPLES = console.examples(
    "dragoman translate --to en 'Bom dia, onde fica a estação?'",
    "echo 'The van left at 14:35.' | dragoman translate --to pt",
    "dragoman translate --from en --to pt --glossary examples/terms.tsv 'The van left the police station.'",
    "dragoman translate --to pt --candidates pt,en --json 'See you at six.' 'Até amanhã.'",
)


class Format(StrEnum):
    TEXT = "text"
    HTML = "html"
    XML = "xml"


Detail = Annotated[bool, typer.Option("--detail", help="With --json: each segment too.")]
Markup = Annotated[Format, typer.Option("--format", help="Of the texts: markup comes back as valid markup.")]
Kept = Annotated[
    str | None,
    typer.Option("--ignore-tags", metavar="NAME,…", help="Of markup: elements that stand as they are."),
]


def translate(
    to: console.Target,
    texts: console.Texts = None,
    source: console.Source = "auto",
    candidates: console.Candidates = None,
    json: console.Json = False,
    detail: Detail = False,
    confidence: console.Doubts = False,
    memory: console.Memory = None,
    glossary: terms.Glossary = None,
    protect: terms.Protect = None,
    format: Markup = Format.TEXT,  # noqa: A002
    ignore_tags: Kept = None,
    server: console.Server = None,
    key: console.Key = None,
) -> None:
    """Translate texts, given as arguments or piped in.

    Translations go to standard output, doubts and failures to standard error. Exits 1 when a text could not be
    translated.
    """
    found, piped = console.texts_or_stdin(texts)
    asked: dict[str, Any] = {
        "target": to,
        "source": console.declared(source),
        "candidates": console.codes(candidates),
        "detail": detail,
        "confidence": confidence,
        "glossary": terms.asked(glossary, source=console.declared(source), target=to),
        "protect": {"names": protect} if protect else None,
        "format": format.value,
        "ignore_tags": console.codes(ignore_tags) or [],
    }
    if ignore_tags and format is Format.TEXT:
        raise typer.BadParameter("--ignore-tags is for --format html and xml.")
    console.memory_of_a_server(memory, server)
    body = (
        _by_server(server, key, found, {**asked, "memory": memory})
        if server
        else asyncio.run(_embedded(found, **asked))
    )
    _tell(body, json=json, piped=piped)


def _by_server(
    server: str, key: str | None, texts: Sequence[str], asked: dict[str, Any]
) -> Mapping[str, Any]:
    from app.client import Dragoman  # noqa: PLC0415
    from app.validation import Limits, check_texts  # noqa: PLC0415

    check_texts(texts, Limits(None, None))
    with Dragoman(server, key=key) as client:
        return client.translate(texts, **{**asked, "glossary": terms.there(asked["glossary"], client)})


async def _embedded(
    texts: Sequence[str],
    *,
    target: str,
    source: str | None,
    candidates: list[str] | None,
    detail: bool,
    confidence: bool,
    glossary: str | Mapping[str, str] | None,
    protect: Mapping[str, list[str]] | None,
    format: Literal["text", "html", "xml"],  # noqa: A002
    ignore_tags: Sequence[str],
) -> dict[str, Any]:
    from app import bodies  # noqa: PLC0415
    from app.documents.format import Options  # noqa: PLC0415
    from app.glossary.asked import Asked  # noqa: PLC0415
    from app.marked import Marked  # noqa: PLC0415
    from app.results import TranslationRequest  # noqa: PLC0415
    from app.runtime import open_runtime  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415
    from app.tenants.tenant import LOCAL  # noqa: PLC0415

    console.quiet()
    async with open_runtime(load_settings(), unlimited=True) as running:
        asked = Asked(terms.here(glossary, running.glossaries), (protect or {}).get("names", ()))
        request = TranslationRequest(
            texts,
            target,
            source,
            candidates,
            protection=asked.protection(running.glossaries, LOCAL, target=target),
            scored=confidence,
        )
        if format == "text":
            result = await running.translation.translate(request)
        else:
            marked = Marked.read(texts, format, Options(kept=tuple(ignore_tags)))
            result = marked.answered(await running.translation.translate(marked.asked(request, counted=True)))
        return bodies.translation(result, detail=detail, made=running.made)


def _tell(body: Mapping[str, Any], *, json: bool, piped: bool) -> None:
    if json:
        console.emit_json(body)
    else:
        _print(body["translations"], piped=piped)
    if any(each["status"] == "failed" for each in body["translations"]):
        raise typer.Exit(1)


def _print(translations: Sequence[dict[str, Any]], *, piped: bool) -> None:
    for number, each in enumerate(translations, start=1):
        text = each["text"]
        if text is not None:
            console.emit(text if piped and text.endswith("\n") else text + "\n")
        name = "" if len(translations) == 1 else f"text {number}: "
        if each["error"] is not None:
            done = "not translated" if text is None else "not translated in part"
            console.complain(f"{name}{done} ({each['error']['code']}). {each['error']['message']}")
        if each["flags"]:
            console.complain(f"{name}{', '.join(each['flags'])}")
