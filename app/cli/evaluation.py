"""dragoman models eval."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import console

if TYPE_CHECKING:
    from app.evaluation import Evaluation
    from models.contracts import LanguagePair

app = typer.Typer()
Pair = Annotated[str, typer.Argument(metavar="PAIR", help="Source and target language, e.g. hu-en.")]
TestSet = Annotated[
    Path,
    typer.Option("--set", metavar="FILE", help="Source, tab, reference a line; or JSON Lines with both."),
]
References = Annotated[
    Path | None,
    typer.Option(
        "--references", metavar="FILE", help="References, a line each; --set has sources alone then."
    ),
]
By = Annotated[
    str, typer.Option("--model", metavar="ID[,ID]", help="By this model, or these two, whatever routes say.")
]
Name = Annotated[
    str | None, typer.Option("--name", metavar="NAME", help="Of the test set; the file's own if left out.")
]
Least = Annotated[float, typer.Option("--min-chrf", min=0, max=100, help="Exit 1 below this score.")]
Write = Annotated[
    bool, typer.Option("--write", help="Keep the scores beside the model's card, for routes to go by.")
]


@app.command(
    "eval",
    epilog=console.examples(
        "printf 'Bom dia.\\tGood morning.\\n' > set.tsv && dragoman models eval pt-en --set set.tsv"
    ),
)
def evaluate(
    pair: Pair,
    test_set: TestSet,
    references: References = None,
    model: By = "",
    name: Name = None,
    min_chrf: Least = 0.0,
    write: Write = False,
    json: console.OwnJson = False,
) -> None:
    """Translate a test set and score it: chrF and BLEU by sacrebleu, speed, memory.

    Goes through the whole service, as a request would, and charges nothing. Needs `dragoman[eval]`. Exits 1 when a line
    could not be translated, or the score is below --min-chrf.
    """
    import asyncio  # noqa: PLC0415

    from app.evaluation import evaluate as measured  # noqa: PLC0415
    from app.evaluation import read_sample, scorer  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415

    scorer()
    sample = read_sample(test_set, references, name=name)
    models = tuple(each.strip() for each in model.split(",") if each.strip())
    found = asyncio.run(measured(load_settings(), _pair(pair), sample, models=models))
    if json:
        console.emit_json(found.body())
    else:
        _print(found)
    if write:
        _write(found)
    if found.failed or found.chrf < min_chrf:
        raise typer.Exit(1)


def _pair(text: str) -> "LanguagePair":
    from app.validation import language_code  # noqa: PLC0415
    from models.contracts import LanguagePair  # noqa: PLC0415

    source, _, target = text.partition("-")
    return LanguagePair(language_code(source), language_code(target))


def _write(found: "Evaluation") -> None:
    from app.errors import ConfigurationError  # noqa: PLC0415
    from models import measured  # noqa: PLC0415
    from models.catalogue import STARTER  # noqa: PLC0415

    if STARTER in found.route.cards[0].path.parents:
        raise ConfigurationError("An embedded model's folder is not written to. The score is not kept.")
    if len(found.route.hops) > 1:
        raise ConfigurationError(
            f"The score is that of {' and '.join(found.route.models)} together, and is not kept. "
            f"Measure each on a test set of its own."
        )
    file = measured.write(found.route.cards[0], scores=[found.score])
    console.complain(f"Written to {file}.")


def _print(found: "Evaluation") -> None:
    body = found.body()
    rows = [
        ("route", " > ".join(body["route"])),
        ("models", ", ".join(body["models"])),
        ("test set", f"{body['testset']}, {body['lines']:,} lines, {body['failed']:,} without a translation"),
        ("chrF", f"{body['chrf']:.2f}"),
        ("BLEU", f"{body['bleu']:.2f}"),
        ("characters a second", f"{body['characters_per_second']:,.0f}"),
        ("engine seconds", f"{body['compute_seconds']:.2f}"),
        ("memory", f"{body['memory_bytes'] / 1e6:.0f} MB"),
        ("chrF is", body["chrf_signature"]),
        ("BLEU is", body["bleu_signature"]),
    ]
    console.emit_table(("evaluation", ""), rows)
