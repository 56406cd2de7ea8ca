"""dragoman glossaries."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from app.cli import console
from app.cli.tenants import opened
from app.cli.terms import read

if TYPE_CHECKING:
    from app.glossary.store import Glossaries
    from app.glossary.terms import Dictionary

app = typer.Typer(
    help="Glossaries: terms that translations must use.", no_args_is_help=True, rich_markup_mode=None
)


class Format(StrEnum):
    TSV = "tsv"
    CSV = "csv"
    JSON = "json"
    TBX = "tbx"


Id = Annotated[str, typer.Argument(metavar="ID", help="As `dragoman glossaries list` shows it.")]
Tenant = Annotated[str, typer.Option("--tenant", metavar="NAME", help="Whose glossary it is.")]
From = Annotated[str, typer.Option("--from", metavar="LANG", help="Language of the terms.")]
To = Annotated[str, typer.Option("--to", metavar="LANG", help="Language of their translations.")]
FileFormat = Annotated[
    Format | None, typer.Option("--format", help="Of the file; by default, its ending says it.")
]
Version = Annotated[int | None, typer.Option("--version", min=1, metavar="N", help="The newest if left out.")]
LOCAL = "local"
T = TypeVar("T")


@app.command(
    epilog=console.examples(
        "dragoman glossaries create Statements examples/terms.tsv --from en --to pt",
        "dragoman glossaries create Names --protect 'Niche RMS' --pattern 'REP-[0-9]{4}' --json",
    )
)
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called.")],
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="Terms: TSV, CSV, JSON or TBX.", exists=True, dir_okay=False),
    ] = None,
    source: Annotated[
        str | None, typer.Option("--from", metavar="LANG", help="Language of the terms.")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--to", metavar="LANG", help="Language of their translations.")
    ] = None,
    shape: FileFormat = None,
    protect: Annotated[
        list[str] | None, typer.Option("--protect", metavar="NAME", help="Stands as it is; repeatable.")
    ] = None,
    pattern: Annotated[
        list[str] | None, typer.Option("--pattern", metavar="RE2", help="What it matches stands as it is.")
    ] = None,
    tenant: Tenant = LOCAL,
    json: console.Json = False,
) -> None:
    """Make a glossary and print its id."""
    from app.glossary.terms import Terms  # noqa: PLC0415

    if file is not None and (source is None or target is None):
        raise typer.BadParameter("A file needs --from and --to.")
    found = [] if file is None else [_dictionary(file, source or "", target or "", shape)]
    terms = Terms.made(found, protected=protect or (), patterns=pattern or ())
    made = _with(lambda kept: kept.create(tenant, name, terms))
    _tell(made, json=json)


@app.command("list", epilog=console.examples("dragoman glossaries list"))
def list_glossaries(tenant: Tenant = LOCAL, json: console.Json = False) -> None:
    """List glossaries, each at its newest version."""
    from app.glossary import bodies  # noqa: PLC0415

    found = [bodies.summary(each) for each in _with(lambda kept: kept.all(tenant))]
    if json:
        console.emit_json({"glossaries": found})
        return
    columns = ("id", "name", "version", "size", "changed_at")
    rows = [[each[column] for column in columns] + [_pairs(each["pairs"])] for each in found]
    console.emit_table([*columns[:4], "changed", "pairs"], rows)


@app.command(epilog=console.examples("dragoman glossaries show GLOSSARY"))
def show(glossary: Id, version: Version = None, tenant: Tenant = LOCAL, json: console.Json = False) -> None:
    """Show what a glossary says, and its versions."""
    from app.glossary import bodies  # noqa: PLC0415

    found = _with(lambda kept: kept.get(tenant, glossary, version))
    history = _with(lambda kept: kept.history(tenant, glossary))
    body = bodies.glossary(found)
    if json:
        console.emit_json({**body, "versions": [bodies.summary(each) for each in history]})
        return
    console.emit(f"{found.name}, version {found.version} of {history[0].version}, {body['changed_at']}\n")
    for each in found.terms.dictionaries:
        rows = [(term.source, term.target) for term in each.terms]
        console.emit_table([each.source, each.target], rows)
    for kind, values in (("protected", found.terms.protected), ("pattern", found.terms.patterns)):
        console.emit("".join(f"{kind}: {value}\n" for value in values))


@app.command(
    "import",
    epilog=console.examples("dragoman glossaries import GLOSSARY examples/terms.tsv --from en --to pt"),
)
def import_terms(
    glossary: Id,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="Terms: TSV, CSV, JSON or TBX.", exists=True, dir_okay=False),
    ],
    source: From,
    target: To,
    shape: FileFormat = None,
    tenant: Tenant = LOCAL,
    json: console.Json = False,
) -> None:
    """Replace the terms of one language pair; other pairs stay. Makes a new version."""
    dictionary = _dictionary(file, source, target, shape)
    made = _with(lambda kept: kept.change(tenant, glossary, lambda old: old.with_dictionary(dictionary)))
    _tell(made, json=json)


@app.command(
    epilog=console.examples(
        "dragoman glossaries export GLOSSARY --from en --to pt --format tbx --out terms.tbx"
    )
)
def export(
    glossary: Id,
    source: From,
    target: To,
    shape: Annotated[Format, typer.Option("--format", help="Of the file.")] = Format.TSV,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="OUT", help="File to write; by default, print it.")
    ] = None,
    version: Version = None,
    tenant: Tenant = LOCAL,
) -> None:
    """Write the terms of one language pair."""
    from app.errors import NotThere  # noqa: PLC0415
    from app.glossary import exchange  # noqa: PLC0415
    from app.validation import language_code  # noqa: PLC0415

    found = _with(lambda kept: kept.get(tenant, glossary, version))
    pair = language_code(source), language_code(target)
    mine = next((each for each in found.terms.dictionaries if each.pair == pair), None)
    if mine is None:
        raise NotThere("The glossary has no terms for this language pair.")
    written = exchange.written(mine, shape.value)
    if out is None:
        console.emit(written)
        return
    with out.open("x", encoding="utf-8", newline="") as file:
        file.write(written)


@app.command(epilog=console.examples("dragoman glossaries delete GLOSSARY"))
def delete(glossary: Id, tenant: Tenant = LOCAL, json: console.Json = False) -> None:
    """Delete a glossary with all its versions, at once."""
    from app.glossary import bodies  # noqa: PLC0415

    found = _with(lambda kept: kept.delete(tenant, glossary))
    if json:
        console.emit_json(bodies.summary(found))
    else:
        console.complain(f"Deleted {found.name}, {found.size:,} terms and names.")


def _with(work: "Callable[[Glossaries], T]") -> T:
    """On the glossaries of the database that the settings name."""
    from app.glossary.store import Glossaries  # noqa: PLC0415

    with opened() as (_, database):
        return work(Glossaries(database))


def _dictionary(file: Path, source: str, target: str, shape: Format | None) -> "Dictionary":
    from app.errors import InvalidRequest  # noqa: PLC0415
    from app.glossary.terms import Dictionary  # noqa: PLC0415
    from app.validation import language_code  # noqa: PLC0415

    here, there = language_code(source), language_code(target)
    if here == there:
        raise InvalidRequest("A dictionary is of two languages.")
    terms = read(file, source=here, target=there, form=None if shape is None else shape.value)
    return Dictionary(here, there, terms)


def _pairs(pairs: Sequence[Any]) -> str:
    return ", ".join(f"{each['source']}-{each['target']} {each['terms']}" for each in pairs)


def _tell(made: Any, *, json: bool) -> None:
    from app.glossary import bodies  # noqa: PLC0415
    from app.glossary.store import summary  # noqa: PLC0415

    if json:
        console.emit_json(bodies.summary(summary(made)))
        return
    console.emit(f"{made.id}\n")
    console.complain(f"{made.name}, version {made.version}: {made.terms.size:,} terms and names.")
