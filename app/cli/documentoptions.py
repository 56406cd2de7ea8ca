"""The options of `dragoman documents translate` that no other command has."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Priority(StrEnum):
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


File = Annotated[Path, typer.Argument(metavar="FILE", help="The document.", exists=True, dir_okay=False)]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="OUT", help="File to write; by default FILE.LANG beside FILE."),
]
Columns = Annotated[
    str | None, typer.Option("--columns", metavar="NAME,…", help="CSV and TSV: names or numbers.")
]
Pointers = Annotated[
    str | None, typer.Option("--pointers", metavar="PATH,…", help="JSON pointers; * is any step.")
]
Elements = Annotated[str | None, typer.Option("--elements", metavar="NAME,…", help="XML: names of elements.")]
Attachments = Annotated[bool, typer.Option("--attachments", help="E-mail: attachments too.")]
SheetNames = Annotated[bool, typer.Option("--sheet-names", help="Names of sheets too.")]
Urgency = Annotated[
    Priority | None,
    typer.Option("--priority", help="With --server: among the tenant's own documents; normal by default."),
]
