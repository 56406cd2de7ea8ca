"""dragoman models rollback."""

from typing import Annotated

import typer

from app.cli import console
from app.cli.models import installed_card

app = typer.Typer()


@app.command(epilog=console.examples("dragoman models rollback --help"))
def rollback(model: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Serve the previous revision of a model again; a second time takes the newer one back.

    A running service notices (DRAGOMAN_MODEL_RESCAN) and finishes what it has begun with the revision it began with.
    """
    from app.errors import ConfigurationError  # noqa: PLC0415
    from models import revisions  # noqa: PLC0415
    from models.contracts import InvalidCard  # noqa: PLC0415

    card = installed_card(model)
    try:
        revisions.rollback(card.path)
    except InvalidCard as error:
        raise ConfigurationError(str(error)) from error
    now = installed_card(model)
    console.emit(f"{model}: the revision {now.fingerprint[:16] or now.stamp} serves from now on.\n")
