"""`--glossary` and `--protect`: what a command line wants enforced."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.client import Dragoman
    from app.glossary.exchange import Form
    from app.glossary.store import Glossaries
    from app.glossary.terms import Term

Wanted = str | Mapping[str, str] | None
Glossary = Annotated[
    str | None,
    typer.Option(
        "--glossary",
        metavar="NAME|FILE",
        help="A stored glossary, by name or id, or a TSV, CSV, JSON or TBX file.",
    ),
]
Protect = Annotated[
    list[str] | None,
    typer.Option("--protect", metavar="NAME", help="A name that stands as it is; may be repeated."),
]


def asked(glossary: str | None, *, source: str | None, target: str) -> Wanted:
    """A name or id, or the terms of a file. Raises InvalidRequest, UnknownLanguage and OSError."""
    from app.glossary.terms import ANY  # noqa: PLC0415
    from app.validation import language_code  # noqa: PLC0415

    if glossary is None or not Path(glossary).is_file():
        return glossary
    here = ANY if source is None else language_code(source)
    found = read(Path(glossary), source=here, target=language_code(target))
    return {term.source: term.target for term in found}


def here(wanted: Wanted, kept: "Glossaries") -> Wanted:
    """With the id of a glossary of this machine. Raises NotThere and InvalidRequest."""
    from app.tenants.tenant import LOCAL  # noqa: PLC0415

    return kept.named(LOCAL, wanted) if isinstance(wanted, str) else wanted


def there(wanted: Wanted, client: "Dragoman") -> Wanted:
    """With the id of a glossary of the server's. Raises what `here` does, Refused and Unreachable."""
    from app.glossary.naming import chosen  # noqa: PLC0415

    if not isinstance(wanted, str):
        return wanted
    return chosen(wanted, ((each["id"], each["name"]) for each in client.glossaries.list()["glossaries"]))


def read(file: Path, *, source: str, target: str, form: "Form | None" = None) -> "tuple[Term, ...]":
    """`form`: by default what the file's ending says. Raises InvalidRequest and typer.BadParameter."""
    from app.glossary import exchange  # noqa: PLC0415

    known = form or exchange.SUFFIXES.get(file.suffix.lower())
    if known is None:
        raise typer.BadParameter(f"{file.name}: its ending is none of {', '.join(exchange.SUFFIXES)}.")
    try:
        data = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"{file.name} is not UTF-8 at byte {error.start}.") from None
    return exchange.terms_of(data, known, source=source, target=target)
