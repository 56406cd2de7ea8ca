"""The program `dragoman`: its commands, and the only place where errors become sentences and exit codes."""

import sys

import typer

from app.cli import (
    audit,
    backup,
    bench,
    blobs,
    bulk,
    console,
    cost,
    db,
    detect,
    doctor,
    documents,
    estimate,
    evaluation,
    glossaries,
    keys,
    ledger,
    memory,
    models,
    prices,
    privacy,
    quality,
    review,
    revisions,
    serve,
    statement,
    tenants,
    translate,
    transparency,
    usage,
    vault,
)
from app.errors import DragomanError
from batching.errors import BatchingError
from models.contracts import ModelError
from models.fault import place

SOME_FAILED = 1
COULD_NOT_RUN = 2

app = typer.Typer(
    name="dragoman",
    help="Self-hosted bulk translation: local models, a batching queue, an account of every character.",
    epilog=console.examples(
        "dragoman translate --to en 'Bom dia, onde fica a estação?'", "dragoman models list"
    ),
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(epilog=serve.EXAMPLES)(serve.serve)
app.command(epilog=translate.EXAMPLES)(translate.translate)
app.command(epilog=detect.EXAMPLES)(detect.detect)
app.add_typer(bulk.app, name="bulk")
app.add_typer(statement.app, name="statement")
app.command(epilog=statement.REPLAY_EXAMPLES)(statement.replay)
app.add_typer(documents.app, name="documents")
app.command(epilog=estimate.EXAMPLES)(estimate.estimate)
for part in (revisions.app, evaluation.app, doctor.app):
    models.app.add_typer(part)
app.add_typer(glossaries.app, name="glossaries")
app.add_typer(models.app, name="models")
app.add_typer(tenants.app, name="tenants")
app.add_typer(keys.app, name="keys")
app.add_typer(bench.app, name="bench")
app.add_typer(db.app, name="db")
app.add_typer(blobs.app, name="blobs")
app.add_typer(backup.app, name="backup")
app.add_typer(audit.app, name="audit")
app.add_typer(vault.app, name="vault")
app.add_typer(privacy.app, name="privacy")
usage.app.add_typer(ledger.app)
usage.app.add_typer(cost.app)
app.add_typer(usage.app, name="usage")
app.command(epilog=quality.EXAMPLES)(quality.quality)
app.add_typer(prices.app, name="prices")
app.add_typer(memory.app, name="memory")
app.add_typer(review.app, name="review")
app.command(epilog=transparency.EXAMPLES)(transparency.transparency)


@app.command(epilog=console.examples("dragoman version"))
def version() -> None:
    """Print the version of this installation."""
    from app import __version__  # noqa: PLC0415

    console.emit(f"dragoman {__version__}\n")


def run() -> None:
    """Exits 0 if all went well, 1 if some of the work failed, 2 if it could not run, 130 after Ctrl-C."""
    try:
        app(prog_name="dragoman")
    except (DragomanError, BatchingError, ModelError) as error:
        console.complain(str(error))
    except OSError as error:
        console.complain(
            f"{error.filename or 'Reading or writing'}: {error.strerror or type(error).__name__}."
        )
    except Exception as error:  # noqa: BLE001  its message might hold text: only its kind and place are told
        console.complain(f"A defect of Dragoman's: {place(error)}. Please report it.")
    sys.exit(COULD_NOT_RUN)
