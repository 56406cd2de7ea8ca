"""What a shell is told of values that no list of choices names."""

from collections.abc import Iterator

from app.languages import NAMES


def languages(incomplete: str) -> list[tuple[str, str]]:
    """Codes that have a name, whatever is installed: a server may have others than this machine."""
    return list(_beginning(incomplete))


def sources(incomplete: str) -> list[tuple[str, str]]:
    automatic = [("auto", "detected for every segment")] if "auto".startswith(incomplete) else []
    return [*automatic, *_beginning(incomplete)]


def _beginning(incomplete: str) -> Iterator[tuple[str, str]]:
    return (named for named in NAMES.items() if named[0].startswith(incomplete.lower()))
