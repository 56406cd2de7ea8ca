"""What the commands share: options, and how answers, doubts and errors are put to a person or a program."""

import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from app.cli import completion

PIPED_WIDTH = 160
"""Columns of a table that goes into a pipe or file, where no terminal says."""

Server = Annotated[
    str | None,
    typer.Option("--server", metavar="URL", help="Ask this server instead of the embedded engine."),
]
Key = Annotated[
    str | None,
    typer.Option(
        "--key",
        envvar="DRAGOMAN_API_KEY",
        show_envvar=False,
        metavar="KEY",
        help="Key for the server; better in DRAGOMAN_API_KEY, where other users of this machine do not see it.",
    ),
]


class Recalled(StrEnum):
    OFF = "off"
    EXACT = "exact"


Memory = Annotated[
    Recalled | None,
    typer.Option(
        "--memory", help="With --server: off does without the translation memory, exact demands it."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP API does.")]
OwnJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
"""Of what the HTTP API has no answer to."""
ReportJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON, on standard output.")]
Tenant = Annotated[str, typer.Option("--tenant", metavar="NAME", help="Whose.")]
OnePair = Annotated[str | None, typer.Option("--pair", metavar="PT-EN", help="One pair alone.")]
CostCentre = Annotated[
    str | None, typer.Option("--cost-centre", metavar="NAME", help="What the charges are filed under.")
]
Doubts = Annotated[bool, typer.Option("--confidence", help="Flag segments that the model itself doubts.")]
SignedBy = Annotated[
    str | None, typer.Option("--key", help="The public key that it has to be signed with, in base64.")
]
Target = Annotated[
    str,
    typer.Option(
        "--to",
        metavar="LANG",
        help="Language to translate into, e.g. pt.",
        autocompletion=completion.languages,
    ),
]
Source = Annotated[
    str,
    typer.Option(
        "--from",
        metavar="LANG",
        help="Language of the text; auto detects it for every segment.",
        autocompletion=completion.sources,
    ),
]
Candidates = Annotated[
    str | None,
    typer.Option("--candidates", metavar="LANG,…", help="Languages that detection may choose from."),
]
Texts = Annotated[
    list[str] | None, typer.Argument(metavar="[TEXT]...", help="Texts; - or none: one, from standard input.")
]


def examples(*commands: str) -> str:
    """The last part of a command's help; a test runs every line of it."""
    return "\b\nExamples:\n" + "\n".join(f"  {command}" for command in commands)


def complain(sentence: str) -> None:
    """To the person at the terminal: never on stdout, where a program may be reading."""
    sys.stderr.write(f"dragoman: {_printable(sentence)}\n")
    sys.stderr.flush()


def emit(text: str) -> None:
    """In UTF-8, whatever the locale says: what goes out is text of any language."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()


def emit_json(body: object) -> None:
    import orjson  # noqa: PLC0415

    emit(orjson.dumps(body).decode() + "\n")


def emit_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, stderr: bool = False) -> None:
    """Numbers (int) are right-aligned and get thousands separators."""
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    stream: Any = sys.stderr if stderr else sys.stdout
    table = Table(box=None, pad_edge=False, header_style="bold")
    for index, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[index], int) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(f"{cell:,}" if isinstance(cell, int) else str(cell)) for cell in row))
    Console(file=stream, width=None if stream.isatty() else PIPED_WIDTH).print(table)


def emit_wide(table: object) -> None:
    """A table of rich's own making."""
    from rich.console import Console  # noqa: PLC0415

    width = None if sys.stdout.isatty() else PIPED_WIDTH
    Console(file=sys.stdout, width=width, highlight=False).print(table)


def texts_or_stdin(texts: Sequence[str] | None) -> tuple[list[str], bool]:
    """The texts, and whether they are one that came by standard input. Raises typer.BadParameter."""
    if texts and "-" not in texts:
        return list(texts), False
    if texts and len(texts) > 1:
        raise typer.BadParameter("- stands alone: it is one text, read from standard input.")
    if not texts and sys.stdin.isatty():
        raise typer.BadParameter("Give a text, or pipe one in.")
    try:
        return [sys.stdin.buffer.read().decode()], True
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"Standard input is not UTF-8 at byte {error.start}.") from None


def codes(candidates: str | None) -> list[str] | None:
    return None if candidates is None else [code.strip() for code in candidates.split(",") if code.strip()]


def declared(source: str) -> str | None:
    """None for `auto`."""
    return None if source.lower() == "auto" else source


def memory_of_a_server(memory: Recalled | None, server: str | None) -> None:
    """Raises BadParameter."""
    if memory is not None and server is None:
        raise typer.BadParameter("--memory is for --server: the embedded engine applies none.")


def quiet() -> None:
    """The embedded engine only speaks up when something is wrong."""
    import logging  # noqa: PLC0415

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="dragoman: %(message)s")


def _printable(sentence: str) -> str:
    """A locale's encoding may lack a character, and a file's name may not be one; the message still arrives."""
    encoding = sys.stderr.encoding or "utf-8"
    return sentence.encode(encoding, "backslashreplace").decode(encoding)
