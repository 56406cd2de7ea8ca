"""The terms that a statement says were enforced, found again. Blocking."""

from collections.abc import Mapping
from contextlib import closing
from typing import Any

from app.errors import InvalidRequest
from app.glossary.matching import PLAIN, Protection
from app.glossary.store import Glossaries
from app.glossary.terms import Terms
from app.jobs.enforced import into, restored
from app.settings import Settings
from app.storage.engine import open_database
from app.vault.opening import open_vault


def protection(statement: Mapping[str, Any], settings: Settings) -> Protection:
    """Raises InvalidRequest, which says why, where they are not to be had."""
    if "enforced" not in statement:
        return _unsaid(statement, settings)
    stated = statement["enforced"]
    if stated is None:
        return PLAIN
    if stated["terms"] is None:
        version = _version(stated["glossary"], settings)
        found = restored(stated, version, statement["target"])
        if found is None:
            raise InvalidRequest(
                f"Glossary {_named(stated['glossary'])} holds other terms here than those that were enforced."
            )
        return found
    found = restored(stated, None, statement["target"])
    if found is None:
        raise InvalidRequest("The terms in the statement are not those that it says were enforced.")
    return found


def _unsaid(statement: Mapping[str, Any], settings: Settings) -> Protection:
    """Of a statement of an earlier release, which says only whether any were, and which glossary's."""
    made = [chunk["made"] for chunk in statement["chunks"] if chunk["made"] is not None]
    if not any(each["enforced"] for each in made):
        return PLAIN
    named = made[0]["glossary"]
    if named is None:
        raise InvalidRequest(
            "Terms were enforced that came with the document, and statements of that release do not hold them."
        )
    return Protection(into(_version(named, settings), statement["target"]))


def _version(named: Mapping[str, Any], settings: Settings) -> Terms:
    with closing(open_database(settings.data_dir, settings.database_url.get_secret_value())) as database:
        kept = Glossaries(database, vault=open_vault(settings, database))
        found = kept.version(named["id"], named["version"])
    if found is None:
        raise InvalidRequest(
            f"Terms of glossary {_named(named)} were enforced, and that is not in this installation's database: it was "
            "deleted, or belongs to another installation."
        )
    return found


def _named(glossary: Mapping[str, Any]) -> str:
    return f"{glossary['id']}, version {glossary['version']},"
