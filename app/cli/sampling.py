"""dragoman review sample."""

from typing import Annotated

import typer

from app.cli import console

EXAMPLES = console.examples(
    "dragoman review sample --tenant local --size 100",
    "dragoman review sample --tenant local --size 50 --pair pt-en --seed 2026-11 --json",
)


def sample(
    tenant: Annotated[str, typer.Option("--tenant", metavar="NAME", help="Whose documents.")],
    size: Annotated[
        int, typer.Option("--size", min=1, max=2000, metavar="N", help="Segments; all if there are fewer.")
    ] = 100,
    pair: console.OnePair = None,
    seed: Annotated[
        str | None,
        typer.Option("--seed", metavar="TEXT", help="Decides the draw; made and told if left out."),
    ] = None,
    json: console.Json = False,
) -> None:
    """Draw segments of a tenant's kept documents at random, flagged or not, for people to rate on /review/sample.

    Every translated segment has the same chance. What they say is in `dragoman quality`. Exits 2 where no text is kept.
    """
    from app.cli.tenants import opened  # noqa: PLC0415
    from app.quality import bodies  # noqa: PLC0415
    from app.quality.report import pair_of  # noqa: PLC0415
    from app.quality.watch import open_watch  # noqa: PLC0415
    from app.tenants.directory import Directory  # noqa: PLC0415
    from app.vault.opening import open_vault  # noqa: PLC0415

    with opened() as (settings, database):
        Directory(database).tenant(tenant)
        watch = open_watch(settings, database, open_vault(settings, database))
        wanted = None if pair is None else pair_of(pair)
        made = watch.samples.draw(tenant, size, pair=wanted, seed=seed)
    if json:
        console.emit_json(bodies.sample(made))
        return
    console.emit(
        f"{made.id}: {made.drawn:,} of {made.population:,} segments, seed {made.seed}. "
        f"They are rated on /review/sample.\n"
    )
