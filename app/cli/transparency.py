"""dragoman transparency."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli import console

EXAMPLES = console.examples(
    "dragoman transparency --out record",
    "dragoman transparency --out record --json",
)


def transparency(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write to; made if absent.")],
    answers: Annotated[
        Path | None,
        typer.Option("--answers", metavar="FILE", help='TOML with your own answers: contact = "…".'),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print the record as JSON in place of the path.")
    ] = False,
) -> None:
    """Write what this installation is, does, stores and cannot do, from its running configuration.

    transparency.html, transparency.json and sbom.cdx.json (CycloneDX 1.6). It holds no text and no names of tenants.
    """
    import orjson  # noqa: PLC0415

    from app import __version__  # noqa: PLC0415
    from app.cli.tenants import opened  # noqa: PLC0415
    from app.transparency import bill, facts, page, record, standard  # noqa: PLC0415

    own = {} if answers is None else standard.read_answers(answers)
    with opened() as (settings, database):
        found = facts.gather(settings, database)
    told = record.body(found, own)
    parts = bill.installed(__version__, found.catalogue.cards)
    out.mkdir(parents=True, exist_ok=True)
    (out / "transparency.json").write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
    (out / "transparency.html").write_text(page.page(told, parts), encoding="utf-8")
    (out / "sbom.cdx.json").write_bytes(orjson.dumps(parts, option=orjson.OPT_INDENT_2) + b"\n")
    if json:
        console.emit_json(told)
        return
    console.emit(f"{out / 'transparency.html'}\n")
    if told["open_fields"]:
        console.complain(f"Open, for you to answer with --answers: {', '.join(told['open_fields'])}.")
