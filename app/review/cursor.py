"""Where a page ends, in words that its reader hands back. Pure."""

from app.errors import InvalidRequest

_LARGEST = 2**63 - 1


def written(moment: int, name: str) -> str:
    return f"{moment}.{name}"


def read(cursor: str) -> tuple[int, str]:
    """Raises InvalidRequest."""
    moment, _, name = cursor.partition(".")
    if not (moment.isascii() and moment.isdigit() and name and int(moment[:20]) <= _LARGEST):
        raise InvalidRequest("`after` is the `next` of an earlier page.")
    return int(moment), name
