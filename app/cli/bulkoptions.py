"""The options of `dragoman bulk run` that no other command has."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from app.bulk.form import Format


class Where(StrEnum):
    LOCAL = "local"
    RAY = "ray"


Named = Annotated[
    list[str],
    typer.Argument(metavar="IN...", help="Files, folders or patterns to read; - is standard input."),
]
Out = Annotated[
    str, typer.Option(metavar="OUT", help="File to write, or folder for several; - is standard output.")
]
Field = Annotated[
    list[str] | None,
    typer.Option(help="Field or column that holds a text; may be given several times. Default: text."),
]
OfFiles = Literal["txt", "jsonl", "csv", "tsv", "parquet"]
"""Formats that can be said; a table is named by its address."""
Chosen = Annotated[
    OfFiles | None, typer.Option("--format", help="By default, the ending of IN or OUT says it.")
]
Flat = Annotated[
    bool | None,
    typer.Option("--columns/--struct", help="What is added: columns of their own, or one struct a field."),
]
Encoding = Annotated[str, typer.Option(help="Encoding of the text read.")]
OutEncoding = Annotated[
    str | None, typer.Option("--out-encoding", help="Encoding of the text written. Default: that read.")
]
Delimiter = Annotated[str | None, typer.Option(help="What separates the cells of a CSV; comma by default.")]
Limit = Annotated[int | None, typer.Option(min=1, metavar="N", help="Translate the first N records alone.")]
Sample = Annotated[
    float, typer.Option(min=0.0, max=1.0, metavar="SHARE", help="Translate this share of the records.")
]
Threads = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Engine threads. Default: DRAGOMAN_THREADS.")
]
MaxMemory = Annotated[
    str | None,
    typer.Option("--max-memory", metavar="SIZE", help="Memory to take at most: 800MB, 2GB."),
]
Force = Annotated[bool, typer.Option("--force", help="Write over an OUT that no run of this command made.")]
Restart = Annotated[bool, typer.Option("--restart", help="Drop what an earlier run did, and begin anew.")]
Confidence = Annotated[
    bool,
    typer.Option("--confidence", help="Add how likely each translation is to be good; flag those in doubt."),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what it would come to, as `dragoman estimate`; do nothing.")
]
ForecastFirst = Annotated[
    bool, typer.Option("--forecast", help="Say so before it begins, and hold it against what it came to.")
]
Page = Annotated[Path | None, typer.Option(metavar="FILE", help="Write the report there, as a page of HTML.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]
Chooser = Annotated[Where, typer.Option(help="What translates, where --server does not.")]
Address = Annotated[
    str | None,
    typer.Option(
        envvar="RAY_ADDRESS",
        show_envvar=False,
        metavar="HOST:PORT",
        help="Head of the Ray cluster, or auto. Left out: one of this machine alone, for this run.",
    ),
]


def chosen(named: OfFiles | None) -> Format | None:
    return None if named is None else Format(named)
