"""dragoman estimate."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.bulk import corpus as corpora
from app.bulk.corpus import Format
from app.bulk.input import opened
from app.bulk.output import STDIO
from app.cli import console
from app.cli.bulk import ENDINGS

if TYPE_CHECKING:
    from app.ledger.forecast import Forecast

EXAMPLES = console.examples(
    "dragoman estimate examples/messages.jsonl --to en",
    "printf 'Bom dia.\\nBom dia.\\n' | dragoman estimate - --format txt --to en --json",
)
_MINUTE = 60


def estimate(
    corpus: Annotated[list[Path], typer.Argument(metavar="FILE...", help="- is standard input.")],
    to: console.Target,
    source: console.Source = "auto",
    candidates: console.Candidates = None,
    field: Annotated[str, typer.Option(help="Field of a JSONL record that holds its text.")] = "text",
    shape: Annotated[Format | None, typer.Option("--format", help="By default, the ending says it.")] = None,
    json: console.Json = False,
) -> None:
    """Say what a bulk run over these files would come to: nothing is translated or charged.

    Characters, segments, repeats and price are exact; engine time, cost and time come with the band that they should
    lie in. Languages without a model are named, with what could be installed.
    """
    forms = [(path, corpora.form(_format(shape, path), field)) for path in corpus]
    found = asyncio.run(_estimated(forms, to, console.declared(source), console.codes(candidates)))
    if json:
        from app import bodies  # noqa: PLC0415

        console.emit_json(bodies.estimate(found))
    else:
        _print(found)


def _format(given: Format | None, path: Path) -> Format:
    found = given or ENDINGS.get(path.suffix.lower())
    if found is None:
        name = "standard input" if path == STDIO else str(path)
        raise typer.BadParameter(f"What {name} holds is not plain. Say --format txt or --format jsonl.")
    return found


async def _estimated(
    forms: Sequence[tuple[Path, corpora.Form]], target: str, source: str | None, candidates: list[str] | None
) -> "Forecast":
    from app.runtime import open_runtime  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415
    from app.tenants.tenant import LOCAL  # noqa: PLC0415
    from app.validation import listed_codes  # noqa: PLC0415

    console.quiet()
    settings = load_settings()
    async with open_runtime(settings, unlimited=True) as running:
        begun = running.estimator.begin(
            target=target,
            source=source,
            candidates=candidates or listed_codes(settings.candidates),
            tenant=LOCAL,
            batched=True,
        )
        for texts in _windows(forms):
            await asyncio.to_thread(begun.add, texts)
        return await asyncio.to_thread(begun.forecast)


def _windows(forms: Sequence[tuple[Path, corpora.Form]]) -> Iterator[list[str]]:
    """As a bulk run would send them; what is no record is left out."""
    for path, shape in forms:
        with opened(path) as lines:
            for window in corpora.windows(corpora.records(lines, shape)):
                yield [record.text for record in window if record.text is not None]


def _print(found: "Forecast") -> None:
    console.emit_table(("estimate", ""), list(_rows(found)))
    for each in found.missing:
        console.complain(
            f"{each.characters:,} characters ({each.source}) cannot be translated. {each.reason}"
        )


def _rows(found: "Forecast") -> Iterator[tuple[str, str]]:
    from app.ledger.wording import amount  # noqa: PLC0415

    for name in ("texts", "characters", "billed_characters", "unchanged_characters", "failed_characters"):
        yield name.replace("_", " "), f"{getattr(found, name):,}"
    yield "segments", f"{found.segments:,}, of them {found.repeats:,} repeats"
    yield "languages", ", ".join(f"{name} {size:,}" for name, size in found.languages.items()) or "none"
    for pair in found.pairs:
        if pair.models:
            yield (
                f"{pair.source}-{pair.target}",
                f"{pair.characters:,} characters by {' and '.join(pair.models)}",
            )
    yield "pivot factor", f"{found.pivot_factor:.2f}"
    yield "price", amount(found.price_nanos, found.currency)
    value, low, high = (amount(round(each), found.currency) for each in _band(found.cost))
    yield "measured cost", f"{value} ({low} to {high})"
    yield "engine time", _span(found.compute)
    yield "time", f"{_span(found.seconds)} if nothing else is to be done"
    for origin in dict.fromkeys(pair.speed for pair in found.pairs if pair.speed):
        yield "speed from", origin


def _band(found: Any) -> tuple[float, float, float]:
    return found.value, found.low, found.high


def _span(found: Any) -> str:
    value, low, high = (_duration(each) for each in _band(found))
    return f"{value} ({low} to {high})"


def _duration(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    return f"{hours:,} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"
