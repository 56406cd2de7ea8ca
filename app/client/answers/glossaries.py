"""Stored glossaries."""

from typing import Literal, NotRequired, TypedDict


class StoredTerm(TypedDict):
    source: str
    target: str


class NewDictionary(TypedDict):
    """What is sent: `terms`, or `entries`, the text of a file, with its `format`."""

    source: str
    target: str
    terms: NotRequired[list[StoredTerm]]
    entries: NotRequired[str]
    format: NotRequired[Literal["tsv", "csv", "json", "tbx"]]


class GlossaryPair(TypedDict):
    source: str
    target: str
    terms: int
    """How many."""


class GlossarySummary(TypedDict):
    id: str
    name: str
    version: int
    created_at: str
    changed_at: str
    """When this version was made."""
    size: int
    """Terms, names and patterns."""
    pairs: list[GlossaryPair]


class StoredDictionary(TypedDict):
    source: str
    target: str
    terms: list[StoredTerm]


class Glossary(GlossarySummary):
    dictionaries: list[StoredDictionary]
    protected: list[str]
    patterns: list[str]


class Glossaries(TypedDict):
    glossaries: list[GlossarySummary]


class GlossaryVersions(TypedDict):
    versions: list[GlossarySummary]
