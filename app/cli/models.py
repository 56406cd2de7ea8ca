"""dragoman models."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import catalogue, console, exporting, installing

if TYPE_CHECKING:
    from models.card import ModelCard

app = typer.Typer(help="The models installed here.", no_args_is_help=True, rich_markup_mode=None)
app.command(epilog=catalogue.SEARCH)(catalogue.search)
app.command(epilog=catalogue.AVAILABLE)(catalogue.available)
app.command(epilog=installing.PULL)(installing.pull)
app.command(epilog=exporting.EXPORT)(exporting.export)
app.command("import", epilog=installing.IMPORT)(installing.import_models)


@app.command("list", epilog=console.examples("dragoman models list", "dragoman models list --json"))
def list_models(json: console.Json = False, server: console.Server = None, key: console.Key = None) -> None:
    """List the installed models and what each translates."""
    body = _by_server(server, key) if server else _installed()
    if json:
        console.emit_json(body)
    else:
        console.emit_table(("model", "pairs", "chrF", "licence"), [_row(model) for model in body["models"]])
    for problem in body["problems"]:
        console.complain(f"{problem['folder']} cannot be served. {problem['reason']}")


@app.command(epilog=console.examples("dragoman models info starter-en-pt"))
def info(model: Annotated[str, typer.Argument(metavar="ID")], json: console.Json = False) -> None:
    """Show a model's card and check its files against it. Exits 1 when a file is not what the card vouches for."""
    from app import bodies  # noqa: PLC0415

    card = installed_card(model)
    fault = _fault(card)
    body = {
        **bodies.card(card, loaded=False),
        "path": str(card.path),
        "size": card.size,
        "beam_size": card.beam_size,
        "provenance": dict(card.provenance),
    }
    del body["loaded"]
    if json:
        console.emit_json({**body, "verified": fault is None and bool(card.sha256), "fault": fault})
    else:
        _print(body)
        console.emit(_verdict(card, fault) + "\n")
    if fault is not None:
        console.complain(fault)
        raise typer.Exit(1)


def _by_server(server: str, key: str | None) -> Mapping[str, Any]:
    from app.client import Dragoman  # noqa: PLC0415

    with Dragoman(server, key=key) as client:
        return client.models()


def _installed() -> dict[str, Any]:
    from app import bodies  # noqa: PLC0415
    from app.decisive import terms  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415
    from models.catalogue import installed  # noqa: PLC0415

    settings = load_settings()
    return bodies.models(installed(settings.model_dir), terms(settings))


def installed_card(model: str) -> "ModelCard":
    """Raises ConfigurationError that names what is there."""
    from app.errors import ConfigurationError  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415
    from models.catalogue import installed  # noqa: PLC0415

    catalogue = installed(load_settings().model_dir)
    card = catalogue.card(model)
    if card is None:
        known = ", ".join(sorted(each.id for each in catalogue.cards))
        raise ConfigurationError(f"No model {model!a} is installed. Installed: {known}.")
    return card


def _fault(card: "ModelCard") -> str | None:
    from models.contracts import ChecksumMismatch  # noqa: PLC0415

    try:
        card.verify()
    except ChecksumMismatch as error:
        return str(error)
    return None


def _verdict(card: "ModelCard", fault: str | None) -> str:
    if fault is not None:
        return "Checksums: WRONG."
    if not card.sha256:
        return "Checksums: the card has none, so nothing vouches for the files."
    return f"Checksums: all {len(card.sha256)} files are as the card says."


def _row(model: dict[str, Any]) -> tuple[str, str, str, str]:
    pairs = [f"{pair['source']}-{pair['target']}" for pair in model["pairs"]]
    shown = ", ".join(pairs[:4]) + (f" and {len(pairs) - 4} more" if len(pairs) > 4 else "")
    chrf = [score["chrf"] for score in model["scores"]]
    mean = f"{sum(chrf) / len(chrf):.1f}" if chrf else "not measured"
    return model["id"], shown, mean, model["licence"]


def _print(card: dict[str, Any]) -> None:
    from models.install.room import megabytes  # noqa: PLC0415

    rows = [
        (name.replace("_", " "), str(card[name]))
        for name in (
            "id", "path", "architecture", "licence", "attribution", "origin", "made", "token_limit", "fingerprint"
        )
    ]  # fmt: skip
    rows.insert(2, ("size", megabytes(card["size"])))
    rows.insert(1, ("pairs", ", ".join(f"{pair['source']}-{pair['target']}" for pair in card["pairs"])))
    if card["beam_size"]:
        rows.append(("beam size", str(card["beam_size"])))
    rows += [
        (score["testset"], f"{score['source']}-{score['target']} chrF {score['chrf']}, BLEU {score['bleu']}")
        for score in card["scores"]
    ]
    rows += _told(card["provenance"])
    console.emit_table(("card", ""), rows)


def _told(provenance: dict[str, Any]) -> list[tuple[str, str]]:
    """How it was installed, but for the checksums of what came, which `--json` has."""
    names = ("source", "revision", "converter", "decoding", "shortlist", "network", "installed", "self_test")
    found = {name: provenance[name] for name in names if provenance.get(name)}
    return [
        (name.replace("_", " "), "; ".join(value) if isinstance(value, list) else str(value))
        for name, value in found.items()
    ]
