"""dragoman review."""

import typer

from app.cli import sampling

app = typer.Typer(help="What people say of translations.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def review() -> None:
    """What people say of translations."""


app.command("sample", epilog=sampling.EXAMPLES)(sampling.sample)
