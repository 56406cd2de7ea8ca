"""A stored glossary as people name it: by its id, or by its name where only one has it."""

from collections.abc import Iterable

from app.errors import InvalidRequest, NotThere


def chosen(wanted: str, kept: Iterable[tuple[str, str]]) -> str:
    """The id. `kept`: id and name of each. Raises NotThere and InvalidRequest."""
    known = list(kept)
    if any(wanted == each for each, _ in known):
        return wanted
    found = [each for each, name in known if name == wanted]
    if not found:
        raise NotThere("There is no stored glossary of this id or name, and no such file.")
    if len(found) > 1:
        raise InvalidRequest(
            f"{len(found)} glossaries have this name. Say which by its id: {', '.join(found)}."
        )
    return found[0]
