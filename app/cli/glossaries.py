"""dragoman glossaries."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import console
from app.cli.shelf import shelf
from app.cli.terms import read

if TYPE_CHECKING:
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
Tenant = Annotated[
    str | None,
    typer.Option("--tenant", metavar="NAME", help="Whose; by default local, on a server the key's."),
]
Server = Annotated[
    str | None, typer.Option("--server", metavar="URL", help="That server's, not this machine's.")
]
From = Annotated[str, typer.Option("--from", metavar="LANG", help="Language of the terms.")]
To = Annotated[str, typer.Option("--to", metavar="LANG", help="Language of their translations.")]
FileFormat = Annotated[
    Format | None, typer.Option("--format", help="Of the file; by default, its ending says it.")
]
Version = Annotated[int | None, typer.Option("--version", min=1, metavar="N", help="The newest if left out.")]


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
    tenant: Tenant = None,
    server: Server = None,
    key: console.Key = None,
    json: console.Json = False,
) -> None:
    """Make a glossary and print its id."""
    from app.glossary.terms import Terms  # noqa: PLC0415

    if file is not None and (source is None or target is None):
        raise typer.BadParameter("A file needs --from and --to.")
    found = [] if file is None else [_dictionary(file, source or "", target or "", shape)]
    terms = Terms.made(found, protected=protect or (), patterns=pattern or ())
    with shelf(server, key, tenant) as kept:
        _tell(kept.create(name, terms), json=json)


@app.command("list", epilog=console.examples("dragoman glossaries list"))
def list_glossaries(
    tenant: Tenant = None,
    server: Server = None,
    key: console.Key = None,
    json: console.Json = False,
) -> None:
    """List glossaries, each at its newest version."""
    with shelf(server, key, tenant) as kept:
        body = kept.list()
    if json:
        console.emit_json(body)
        return
    columns = ("id", "name", "version", "size", "changed_at")
    rows = [[each[column] for column in columns] + [_pairs(each["pairs"])] for each in body["glossaries"]]
    console.emit_table([*columns[:4], "changed", "pairs"], rows)


@app.command(epilog=console.examples("dragoman glossaries show GLOSSARY"))
def show(
    glossary: Id,
    version: Version = None,
    tenant: Tenant = None,
    server: Server = None,
    key: console.Key = None,
    json: console.Json = False,
) -> None:
    """Show what a glossary says, and its versions."""
    with shelf(server, key, tenant) as kept:
        body = kept.show(glossary, version)
        history = kept.versions(glossary)["versions"]
    if json:
        console.emit_json({**body, "versions": history})
        return
    of = f"version {body['version']} of {history[0]['version']}"
    console.emit(f"{body['name']}, {of}, {body['changed_at']}\n")
    for each in body["dictionaries"]:
        rows = [(term["source"], term["target"]) for term in each["terms"]]
        console.emit_table([each["source"], each["target"]], rows)
    for kind, values in (("protected", body["protected"]), ("pattern", body["patterns"])):
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
    tenant: Tenant = None,
    server: Server = None,
    key: console.Key = None,
    json: console.Json = False,
) -> None:
    """Replace the terms of one language pair; other pairs stay. Makes a new version."""
    dictionary = _dictionary(file, source, target, shape)
    with shelf(server, key, tenant) as kept:
        _tell(kept.import_terms(glossary, dictionary), json=json)


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
    tenant: Tenant = None,
    server: Server = None,
    key: console.Key = None,
) -> None:
    """Write the terms of one language pair."""
    from app.validation import language_code  # noqa: PLC0415

    pair = language_code(source), language_code(target)
    with shelf(server, key, tenant) as kept:
        written = kept.export(glossary, pair, shape.value, version)
    if out is None:
        console.emit(written)
        return
    with out.open("x", encoding="utf-8", newline="") as file:
        file.write(written)


@app.command(epilog=console.examples("dragoman glossaries delete GLOSSARY"))
def delete(
    glossary: Id,
    tenant: Tenant = None,
    server: Server = None,
    key: console.Key = None,
    json: console.Json = False,
) -> None:
    """Delete a glossary with all its versions, at once."""
    with shelf(server, key, tenant) as kept:
        found = kept.delete(glossary)
    if json:
        console.emit_json(found)
    else:
        console.complain(f"Deleted {found['name']}, {found['size']:,} terms and names.")


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


def _tell(made: dict[str, Any], *, json: bool) -> None:
    if json:
        whole = ("dictionaries", "protected", "patterns")
        console.emit_json({name: value for name, value in made.items() if name not in whole})
        return
    console.emit(f"{made['id']}\n")
    console.complain(f"{made['name']}, version {made['version']}: {made['size']:,} terms and names.")
