"""dragoman models search and available: what could be installed."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import console

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.catalogue import Catalogue, Release

_MANY = 4
_MOST = 40
SEARCH = console.examples(
    "dragoman models search --from hu --to en", "dragoman models search --from zh-TW --to Swedish --json"
)
AVAILABLE = console.examples("dragoman models available", "dragoman models available --in pt")

Reader = Annotated[
    str | None,
    typer.Option("--in", metavar="LANG", help="Language to name languages in; the terminal's if left out."),
]


def search(
    source: Annotated[
        str | None, typer.Option("--from", metavar="LANG", help="A code, or a language's name.")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--to", metavar="LANG", help="A code, or a language's name.")
    ] = None,
    names_in: Reader = None,
    sizes: Annotated[
        bool, typer.Option("--sizes", help="Ask the server for the size of every download.")
    ] = False,
    every: Annotated[bool, typer.Option("--all", help=f"List all, not the first {_MOST}.")] = False,
    json: console.Json = False,
) -> None:
    """Find published OPUS-MT models by language. Those for fewest languages come first, then the best scored."""
    from app.naming import reader  # noqa: PLC0415
    from models.catalogue import find  # noqa: PLC0415

    language = names_in or reader()
    wanted = _code(source, language), _code(target, language)
    found = find(source=wanted[0], target=wanted[1])
    shown = found if every or json else found[:_MOST]
    rows = _bodies(shown, language, _sizes(shown, asked=sizes, every=every))
    if json:
        console.emit_json({"releases": rows})
    if not found:
        console.complain(_none(*wanted))
        raise typer.Exit(1)
    if not json:
        _print(rows, of=len(found), sizes=sizes)


def _print(rows: "Sequence[dict[str, Any]]", *, of: int, sizes: bool) -> None:
    console.emit_table(
        ("name", "from", "to", "chrF", "released", "size", "licence", "installed"),
        [_row(row) for row in rows],
    )
    if not sizes:
        console.complain(
            "the list holds no sizes: --sizes asks the server, and a pull says it before it begins."
        )
    if len(rows) < of:
        console.complain(f"{of - len(rows)} more; --all lists them.")


def _none(source: str | None, target: str | None) -> str:
    from models.catalogue import refused  # noqa: PLC0415

    cut = [release.short for release in refused(source=source, target=target)]
    said = "OPUS-MT publishes no such model that can be installed."
    if cut:
        said += f" What it has cuts words by BPE codes, which is not done here: {', '.join(cut[:_MANY])}."
    return f"{said} A pivot may do: search each half. A hub's own are pulled as owner/name."


def available(names_in: Reader = None, json: console.Json = False) -> None:
    """List the languages that models can be had for, with the number of models from and into each."""
    from app.naming import named, reader  # noqa: PLC0415
    from models.catalogue import find  # noqa: PLC0415

    language = names_in or reader()
    sources: Counter[str] = Counter()
    targets: Counter[str] = Counter()
    for release in find():
        sources.update(release.sources)
        targets.update(release.targets)
    here = _installed().pairs
    body = [
        {
            "language": code,
            "name": named(code, language),
            "from": sources[code],
            "into": targets[code],
            "installed_from": sum(pair.source == code for pair in here),
            "installed_into": sum(pair.target == code for pair in here),
        }
        for code in sorted({*sources, *targets})
    ]
    if json:
        console.emit_json({"languages": body})
        return
    columns = ("code", "language", "models from", "models into", "pairs installed from", "into")
    console.emit_table(columns, [tuple(row.values()) for row in body])


def _code(text: str | None, language: str) -> str | None:
    from app.errors import UnknownLanguage  # noqa: PLC0415
    from app.naming import code_of  # noqa: PLC0415
    from models.catalogue import languages  # noqa: PLC0415
    from models.language import UnknownCode  # noqa: PLC0415

    if text is None:
        return None
    try:
        code = code_of(text, language, known=languages())
    except UnknownCode:
        raise UnknownLanguage(
            f"{text[:40]!a} is neither a language code nor a language's name known here."
        ) from None
    if "-" in text and code != text:
        console.complain(f"{text[:40]} is filed under {code}.")
    return code


def _bodies(
    releases: "Sequence[Release]", language: str, sizes: "Sequence[int | None]"
) -> list[dict[str, Any]]:
    here = {card.id for card in _installed().cards}
    return [_body(release, language, size, here=here) for release, size in zip(releases, sizes, strict=True)]


def _body(release: "Release", language: str, size: int | None, *, here: "set[str]") -> dict[str, Any]:
    from app.naming import named  # noqa: PLC0415
    from models.install.licence import OPUS_MT  # noqa: PLC0415
    from models.install.pull import PREFIX  # noqa: PLC0415

    return {
        "name": release.short,
        "from": [{"code": code, "name": named(code, language)} for code in sorted(release.sources)],
        "to": [{"code": code, "name": named(code, language)} for code in sorted(release.targets)],
        "chrf": release.chrf,
        "released": release.date,
        "size": size,
        "licence": OPUS_MT,
        "url": release.zip,
        "installed": f"{PREFIX}{release.short}" in here,
    }


def _row(body: dict[str, Any]) -> tuple[str, ...]:
    from models.install.room import megabytes  # noqa: PLC0415

    return (
        body["name"],
        _several(body["from"]),
        _several(body["to"]),
        "not published" if body["chrf"] is None else f"{body['chrf']:.1f}",
        body["released"],
        "unknown" if body["size"] is None else megabytes(body["size"]),
        body["licence"],
        "yes" if body["installed"] else "",
    )


def _several(languages: list[dict[str, str]]) -> str:
    if len(languages) > _MANY:
        return f"{len(languages)} languages"
    return ", ".join(each["name"] for each in languages)


def _sizes(releases: "Sequence[Release]", *, asked: bool, every: bool) -> "list[int | None]":
    """None where the size is not known; what is not known although it was to be asked is said."""
    if not asked:
        return [None] * len(releases)
    asking = releases if every else releases[:_MOST]
    found = _answers(asking)
    if silent := found.count(None):
        console.complain(f"the server named no size for {silent} of the {len(found)} that it was asked for.")
    if len(asking) < len(releases):
        console.complain(f"sizes were asked for the first {_MOST} only; --all asks for all.")
    return [*found, *[None] * (len(releases) - len(found))]


def _answers(releases: "Sequence[Release]") -> "list[int | None]":
    """As many as there were before the server could not be asked any more."""
    from models.contracts import InstallError  # noqa: PLC0415
    from models.install.download import open_client, size_of  # noqa: PLC0415

    found: list[int | None] = []
    with open_client() as client:
        try:
            for release in releases:
                found.append(size_of(client, release.zip))  # noqa: PERF401  what was answered is kept
        except InstallError as error:
            console.complain(f"{error} {len(releases) - len(found)} sizes are unknown.")
    return found


def _installed() -> "Catalogue":
    """A model directory that the first installation will make holds nothing yet."""
    from app.settings import load_settings  # noqa: PLC0415
    from models.catalogue import installed  # noqa: PLC0415

    folder = load_settings().model_dir
    return installed(folder if folder is None or folder.exists() else None)
