"""The headers that say what a translation took, alike on every surface."""

from app.jobs.job import Progress
from app.results import TranslationResult

CHARACTERS = "X-Characters"
COMPUTE = "X-Compute-Seconds"
LOAD = "X-Model-Load-Seconds"
_NANOS = 1e-9


def measures(result: TranslationResult) -> dict[str, str]:
    return _told(result.entry.characters, result.entry.compute_ns, result.load_ns)


def measures_of_parts(progress: Progress) -> dict[str, str]:
    """The same of a document that is done."""
    return _told(progress.characters, progress.compute_ns, progress.load_ns)


def _told(characters: int, compute_ns: int, load_ns: int) -> dict[str, str]:
    """A model that was in memory is not told of."""
    found = {CHARACTERS: str(characters), COMPUTE: _seconds(compute_ns)}
    return found | {LOAD: _seconds(load_ns)} if load_ns else found


def _seconds(nanoseconds: int) -> str:
    return f"{nanoseconds * _NANOS:.6f}"
