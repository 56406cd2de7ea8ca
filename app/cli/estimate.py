"""dragoman estimate."""

from typing import Annotated

import typer

from app.bulk.corpus import Shape, corpus
from app.bulk.engine import Order
from app.bulk.listing import listing
from app.cli import bulkoptions as options
from app.cli import console, forecast

EXAMPLES = console.examples(
    "dragoman estimate examples/messages.jsonl --to en",
    "printf 'Bom dia.\\nBom dia.\\n' | dragoman estimate - --format txt --to en --json",
)


def estimate(
    named: Annotated[
        list[str], typer.Argument(metavar="IN...", help="Files, folders or patterns; - is standard input.")
    ],
    to: console.Target,
    source: console.Source = "auto",
    candidates: console.Candidates = None,
    field: options.Field = None,
    shape: options.Chosen = None,
    json: console.Json = False,
    server: console.Server = None,
    key: console.Key = None,
) -> None:
    """Say what a bulk run over these files would come to: nothing is translated or charged.

    Characters, segments, repeats and price are exact; engine time, cost and time come with the band that they should
    lie in. Languages without a model are named, with what could be installed.
    """
    found = listing(named, chosen=options.chosen(shape), out="")
    records = corpus(found, Shape(tuple(field or ["text"])), spool=None)
    order = Order("", to, console.declared(source), console.codes(candidates))
    body = forecast.made(records, order, server=server, key=key)
    if json:
        console.emit_json(body)
    else:
        forecast.tell(body)
