"""The bars of models that are fetched."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def transfers() -> Iterator[Callable[[str, int, int | None], None]]:
    """A bar a file, on standard error; where that is no terminal, a line a file, with its size."""
    from rich import progress as bar  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    from models.install.room import megabytes  # noqa: PLC0415

    columns = (
        bar.TextColumn("{task.description}"), bar.BarColumn(), bar.DownloadColumn(), bar.TransferSpeedColumn(),
        bar.TimeRemainingColumn(),
    )  # fmt: skip
    console_ = Console(stderr=True)
    with bar.Progress(*columns, console=console_, disable=not console_.is_terminal) as shown:
        tasks: dict[str, bar.TaskID] = {}

        def advance(name: str, done: int, total: int | None) -> None:
            if name not in tasks and not console_.is_terminal:
                size = "of a size that the server does not tell" if total is None else megabytes(total)
                console_.print(f"Fetching {name}, {size}", highlight=False, soft_wrap=True)
            if name not in tasks:
                tasks[name] = shown.add_task(name, total=total)
            shown.update(tasks[name], completed=done, total=total)

        yield advance
