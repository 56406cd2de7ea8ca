"""dragoman statement, and dragoman replay."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli import console

app = typer.Typer(help="Signed statements of how a document was translated.", no_args_is_help=True)
REPLAY_EXAMPLES = console.examples("dragoman replay statement.json")

File = Annotated[Path, typer.Argument(metavar="STATEMENT", help="As GET /v1/jobs/{id}/statement gave it.")]


@app.command(epilog=console.examples("dragoman statement verify statement.json --key PUBLIC_KEY"))
def verify(
    file: File,
    key: console.SignedBy = None,
) -> None:
    """Check the signature. Exits 1 where it is of another text, or by another key.

    Without --key this shows that nothing was changed since it was signed, and by which key, not whose that is.
    """
    found = signed_by(read(file), key)
    console.emit(f"Signed by {found}" + (".\n" if key else "; compare it with GET /v1/statement-key.\n"))


@app.command(epilog=console.examples("dragoman statement key"))
def key() -> None:
    """Print the public key that this installation signs with; it is made if there is none."""
    from app.provenance.signing import Signer  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    console.emit(f"{Signer.open(settings.data_dir, settings.signing_key.get_secret_value()).public_key}\n")


def replay(file: File) -> None:
    """Run a statement again on the models installed here; nothing is charged.

    What differs is named by its place, never by its text. Exits 1 where anything does.
    """
    from app.provenance.replay import replay as again  # noqa: PLC0415
    from app.provenance.signing import verified  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415

    console.quiet()
    document = read(file)
    if verified(document) is None:
        console.complain("The signature is not of this statement: it was changed, or never signed.")
        raise typer.Exit(1)
    found = asyncio.run(again(document["statement"], load_settings()))
    for each in found.differences:
        console.complain(f"chunk {each.chunk}: {each.what}")
    versions = ", ".join(map(str, found.memory))
    console.emit(
        f"{found.segments} segments run again, {len(found.differences)} differences\n"
        + (
            f"{found.recalled} of them people's corrections (memory version {versions}), as the statement has them\n"
            if found.memory
            else ""
        )
    )
    if found.differences:
        raise typer.Exit(1)


def signed_by(document: dict[str, Any], key: str | None) -> str:
    """The public key; exits 1 where the signature is not this document's, or not by `key`."""
    from app.provenance.signing import verified  # noqa: PLC0415

    found = verified(document)
    if found is None:
        console.complain("The signature is not of this statement: it was changed, or never signed.")
        raise typer.Exit(1)
    if key is not None and key != found:
        console.complain(f"Signed by another key: {found}")
        raise typer.Exit(1)
    return found


def read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{file} cannot be read as JSON.") from error
    if not isinstance(found, dict) or not isinstance(found.get("statement"), dict):
        raise typer.BadParameter(f"{file} is not a statement.")
    return found
