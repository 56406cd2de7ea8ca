"""Where `dragoman glossaries` finds glossaries: in this machine's database, or on a server. JSON, alike from both."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import typer

from app.cli.tenants import opened

if TYPE_CHECKING:
    from app.client.answers import NewDictionary
    from app.client.glossaries import Glossaries as Kept
    from app.glossary.exchange import Form
    from app.glossary.store import Glossaries
    from app.glossary.terms import Dictionary, Terms

Body = dict[str, Any]
LOCAL = "local"


class Shelf(Protocol):
    def create(self, name: str, terms: "Terms") -> Body: ...

    def list(self) -> Body: ...

    def show(self, glossary: str, version: int | None) -> Body: ...

    def versions(self, glossary: str) -> Body: ...

    def import_terms(self, glossary: str, dictionary: "Dictionary") -> Body: ...

    def export(self, glossary: str, pair: tuple[str, str], form: "Form", version: int | None) -> str: ...

    def delete(self, glossary: str) -> Body: ...


@contextmanager
def shelf(server: str | None, key: str | None, tenant: str | None) -> Iterator[Shelf]:
    """Of `tenant`, by default the command line's own; of a server, of the key's. Raises typer.BadParameter."""
    if server is None:
        from app.glossary.store import Glossaries  # noqa: PLC0415
        from app.vault.opening import open_vault  # noqa: PLC0415

        with opened() as (settings, database):
            yield _Own(Glossaries(database, vault=open_vault(settings, database)), tenant or LOCAL)
        return
    if tenant is not None:
        raise typer.BadParameter(
            "--tenant is for this machine's glossaries: on a server, the key says whose."
        )
    from app.client import Dragoman  # noqa: PLC0415

    with Dragoman(server, key=key) as client:
        yield _Server(client.glossaries)


class _Own:
    def __init__(self, kept: "Glossaries", tenant: str) -> None:
        from app.glossary import bodies  # noqa: PLC0415

        self._kept = kept
        self._tenant = tenant
        self._bodies = bodies

    def create(self, name: str, terms: "Terms") -> Body:
        return self._bodies.glossary(self._kept.create(self._tenant, name, terms))

    def list(self) -> Body:
        return {"glossaries": [self._bodies.summary(each) for each in self._kept.all(self._tenant)]}

    def show(self, glossary: str, version: int | None) -> Body:
        return self._bodies.glossary(self._kept.get(self._tenant, glossary, version))

    def versions(self, glossary: str) -> Body:
        history = self._kept.history(self._tenant, glossary)
        return {"versions": [self._bodies.summary(each) for each in history]}

    def import_terms(self, glossary: str, dictionary: "Dictionary") -> Body:
        changed = self._kept.change(self._tenant, glossary, lambda old: old.with_dictionary(dictionary))
        return self._bodies.glossary(changed)

    def export(self, glossary: str, pair: tuple[str, str], form: "Form", version: int | None) -> str:
        from app.errors import NotThere  # noqa: PLC0415
        from app.glossary import exchange  # noqa: PLC0415

        found = self._kept.get(self._tenant, glossary, version)
        mine = next((each for each in found.terms.dictionaries if each.pair == pair), None)
        if mine is None:
            raise NotThere("The glossary has no terms for this language pair.")
        return exchange.written(mine, form)

    def delete(self, glossary: str) -> Body:
        return self._bodies.summary(self._kept.delete(self._tenant, glossary))


class _Server:
    def __init__(self, kept: "Kept") -> None:
        self._kept = kept

    def create(self, name: str, terms: "Terms") -> Body:
        dictionaries = [_sent(each) for each in terms.dictionaries]
        made = self._kept.create(name, dictionaries, protected=terms.protected, patterns=terms.patterns)
        return dict(made)

    def list(self) -> Body:
        return dict(self._kept.list())

    def show(self, glossary: str, version: int | None) -> Body:
        return dict(self._kept.show(glossary, version=version))

    def versions(self, glossary: str) -> Body:
        return dict(self._kept.versions(glossary))

    def import_terms(self, glossary: str, dictionary: "Dictionary") -> Body:
        return dict(self._kept.import_terms(glossary, _sent(dictionary)))

    def export(self, glossary: str, pair: tuple[str, str], form: "Form", version: int | None) -> str:
        return self._kept.export(glossary, source=pair[0], target=pair[1], format=form, version=version)

    def delete(self, glossary: str) -> Body:
        return dict(self._kept.delete(glossary))


def _sent(mine: "Dictionary") -> "NewDictionary":
    from app.client import dictionary  # noqa: PLC0415

    return dictionary(mine.source, mine.target, {term.source: term.target for term in mine.terms})
