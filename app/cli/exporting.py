"""dragoman models export."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import console

if TYPE_CHECKING:
    from models.card import ModelCard

EXPORT = console.examples("dragoman models export starter-en-pt starter-pt-en -o models.tar.zst")


def export(
    models: Annotated[list[str], typer.Argument(metavar="MODEL...", help="Ids, or pairs such as hu-en.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write it: NAME.tar.zst.")
    ],
    sign_with: Annotated[
        Path | None,
        typer.Option("--sign-with", metavar="KEY", help="SSH key to sign it with, by ssh-keygen."),
    ] = None,
) -> None:
    """Write installed models into one file for `dragoman models import` on a machine without a network."""
    from models.install.bundle import SUFFIX  # noqa: PLC0415
    from models.install.bundle import export as write  # noqa: PLC0415

    if not output.name.endswith(SUFFIX):
        raise typer.BadParameter(f"The file's name has to end in {SUFFIX}.")
    cards = {card.id: card for card in map(_named, models)}
    seal = write(list(cards.values()), output, key=sign_with)
    signed = f", signed by {seal.fingerprint}" if seal.fingerprint else ""
    console.emit(f"Wrote {', '.join(cards)} to {output} ({output.stat().st_size:,} bytes{signed})\n")


def _named(name: str) -> "ModelCard":
    """By id, by OPUS-MT's name for it, or by a pair that one installed model translates."""
    from app.errors import ConfigurationError  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415
    from models.catalogue import installed  # noqa: PLC0415
    from models.install.pull import PREFIX  # noqa: PLC0415

    catalogue = installed(load_settings().model_dir)
    card = catalogue.card(name) or catalogue.card(f"{PREFIX}{name}")
    able = [each for each in catalogue.cards if name in map(str, each.pairs)]
    if card is None and len(able) == 1:
        return able[0]
    if card is None:
        known = ", ".join(sorted(each.id for each in able or catalogue.cards))
        raise ConfigurationError(f"No one model is called {name[:80]!a}. Choose of: {known}.")
    return card
