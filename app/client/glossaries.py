"""Glossaries that the server keeps, as the clients manage them. docs/glossaries.md says what they are."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote

import httpx
import orjson

from app.client import answers
from app.client.calls import Call
from app.errors import InvalidText

Format = Literal["tsv", "csv", "json", "tbx"]
Terms = Mapping[str, str] | str
"""What each term is in the target language, or the text of a file."""
_PATH = "/v1/glossaries"


def dictionary(source: str, target: str, terms: Terms, format: Format = "tsv") -> answers.NewDictionary:  # noqa: A002
    """Of one language pair. `format` of a file's text."""
    if isinstance(terms, str):
        return {"source": source, "target": target, "entries": terms, "format": format}
    listed: list[answers.StoredTerm] = [{"source": each, "target": wanted} for each, wanted in terms.items()]
    return {"source": source, "target": target, "terms": listed}


class Glossaries:
    """`dragoman.glossaries`."""

    def __init__(self, ask: Callable[[Call[Any]], Any], send: Callable[[Call[Any]], httpx.Response]) -> None:
        self._ask = ask
        self._send = send

    def create(
        self,
        name: str,
        dictionaries: Sequence[answers.NewDictionary] = (),
        *,
        protected: Sequence[str] = (),
        patterns: Sequence[str] = (),
    ) -> answers.Glossary:
        """Not sent again where the answer is lost: Unreachable then, and `list` says whether it was made."""
        made: answers.Glossary = self._ask(_create(name, dictionaries, protected, patterns))
        return made

    def replace(
        self,
        glossary: str,
        name: str,
        dictionaries: Sequence[answers.NewDictionary] = (),
        *,
        protected: Sequence[str] = (),
        patterns: Sequence[str] = (),
    ) -> answers.Glossary:
        """A new version, unless nothing differs."""
        made: answers.Glossary = self._ask(_replace(glossary, name, dictionaries, protected, patterns))
        return made

    def list(self) -> answers.Glossaries:
        """The oldest first, without their terms."""
        found: answers.Glossaries = self._ask(Call("GET", _PATH))
        return found

    def show(self, glossary: str, *, version: int | None = None) -> answers.Glossary:
        """The newest version unless one is named."""
        found: answers.Glossary = self._ask(_show(glossary, version))
        return found

    def versions(self, glossary: str) -> answers.GlossaryVersions:
        """The newest first."""
        found: answers.GlossaryVersions = self._ask(Call("GET", _path(glossary, "versions")))
        return found

    def import_terms(self, glossary: str, dictionary: answers.NewDictionary) -> answers.Glossary:
        """In the place of the terms of its pair; other pairs stay."""
        made: answers.Glossary = self._ask(_import(glossary, dictionary))
        return made

    def export(
        self,
        glossary: str,
        *,
        source: str,
        target: str,
        format: Format = "tsv",  # noqa: A002
        version: int | None = None,
    ) -> str:
        """The terms of one pair, as the text of a file."""
        return self._send(_export(glossary, source, target, format, version)).text

    def delete(self, glossary: str) -> answers.GlossarySummary:
        """With all its versions, at once."""
        gone: answers.GlossarySummary = self._ask(Call("DELETE", _path(glossary)))
        return gone


class AsyncGlossaries:
    """As Glossaries, awaited."""

    def __init__(
        self,
        ask: Callable[[Call[Any]], Awaitable[Any]],
        send: Callable[[Call[Any]], Awaitable[httpx.Response]],
    ) -> None:
        self._ask = ask
        self._send = send

    async def create(
        self,
        name: str,
        dictionaries: Sequence[answers.NewDictionary] = (),
        *,
        protected: Sequence[str] = (),
        patterns: Sequence[str] = (),
    ) -> answers.Glossary:
        made: answers.Glossary = await self._ask(_create(name, dictionaries, protected, patterns))
        return made

    async def replace(
        self,
        glossary: str,
        name: str,
        dictionaries: Sequence[answers.NewDictionary] = (),
        *,
        protected: Sequence[str] = (),
        patterns: Sequence[str] = (),
    ) -> answers.Glossary:
        made: answers.Glossary = await self._ask(_replace(glossary, name, dictionaries, protected, patterns))
        return made

    async def list(self) -> answers.Glossaries:
        found: answers.Glossaries = await self._ask(Call("GET", _PATH))
        return found

    async def show(self, glossary: str, *, version: int | None = None) -> answers.Glossary:
        found: answers.Glossary = await self._ask(_show(glossary, version))
        return found

    async def versions(self, glossary: str) -> answers.GlossaryVersions:
        found: answers.GlossaryVersions = await self._ask(Call("GET", _path(glossary, "versions")))
        return found

    async def import_terms(self, glossary: str, dictionary: answers.NewDictionary) -> answers.Glossary:
        made: answers.Glossary = await self._ask(_import(glossary, dictionary))
        return made

    async def export(
        self,
        glossary: str,
        *,
        source: str,
        target: str,
        format: Format = "tsv",  # noqa: A002
        version: int | None = None,
    ) -> str:
        return (await self._send(_export(glossary, source, target, format, version))).text

    async def delete(self, glossary: str) -> answers.GlossarySummary:
        gone: answers.GlossarySummary = await self._ask(Call("DELETE", _path(glossary)))
        return gone


Dictionaries = Sequence[answers.NewDictionary]


def _create(
    name: str, dictionaries: Dictionaries, protected: Sequence[str], patterns: Sequence[str]
) -> Call[answers.Glossary]:
    body = _written(_body(name, dictionaries, protected, patterns))
    return Call("POST", _PATH, body, again=False)


def _replace(
    glossary: str, name: str, dictionaries: Dictionaries, protected: Sequence[str], patterns: Sequence[str]
) -> Call[answers.Glossary]:
    return Call("PUT", _path(glossary), _written(_body(name, dictionaries, protected, patterns)))


def _show(glossary: str, version: int | None) -> Call[answers.Glossary]:
    return Call("GET", _path(glossary) + _query(version=version))


def _import(glossary: str, dictionary: answers.NewDictionary) -> Call[answers.Glossary]:
    return Call("PUT", _path(glossary, "dictionaries"), _written(dictionary))


def _export(
    glossary: str,
    source: str,
    target: str,
    format: Format,  # noqa: A002
    version: int | None,
) -> Call[str]:
    query = _query(source=source, target=target, format=format, version=version)
    return Call("GET", _path(glossary, "entries") + query)


def _body(
    name: str, dictionaries: Dictionaries, protected: Sequence[str], patterns: Sequence[str]
) -> dict[str, Any]:
    return {
        "name": name,
        "dictionaries": list(dictionaries),
        "protected": list(protected),
        "patterns": list(patterns),
    }


def _written(body: object) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError as error:
        # orjson's word for half of a surrogate pair.
        raise InvalidText("A term holds half of a surrogate pair, which is no character.") from error


def _path(glossary: str, part: str = "") -> str:
    return f"{_PATH}/{quote(glossary, safe='')}" + (f"/{part}" if part else "")


def _query(**given: object) -> str:
    found = {name: str(value) for name, value in given.items() if value is not None}
    return f"?{httpx.QueryParams(found)}" if found else ""
