"""The bar of a bulk run."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def progress(corpus: Path, *, shown: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar over the bytes of the file, with characters a second and the time left."""
    if not shown:
        yield lambda _size, _characters: None
        return
    from rich import progress as bar  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    columns = (
        bar.BarColumn(),
        bar.TaskProgressColumn(),
        bar.TextColumn("{task.fields[characters]:,} characters, {task.fields[rate]:,.0f} a second"),
        bar.TimeRemainingColumn(),
    )
    total = corpus.stat().st_size if corpus.is_file() else None
    with bar.Progress(*columns, console=Console(stderr=True)) as shown_bar:
        task = shown_bar.add_task("", total=total, characters=0, rate=0.0)

        def advance(size: int, characters: int) -> None:
            state = shown_bar.tasks[0]
            done = state.fields["characters"] + characters
            rate = done / (state.elapsed or 1.0)
            shown_bar.update(task, advance=size, characters=done, rate=rate)

        yield advance
