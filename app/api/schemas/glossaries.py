"""Bodies of /v1/glossaries."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.api.schemas.values import Body, LanguageCode, Text
from app.glossary.exchange import Form
from app.glossary.terms import MOST_DICTIONARIES, MOST_PATTERNS, MOST_TERMS


class NewTermBody(Body):
    source: Text
    target: Text


class DictionaryBody(Body):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"source": "en", "target": "pt", "entries": "van\tcarrinha\n", "format": "tsv"}]
        },
    )

    source: LanguageCode
    target: LanguageCode
    terms: Annotated[list[NewTermBody] | None, Field(max_length=MOST_TERMS, fail_fast=True)] = None
    entries: Annotated[Text | None, Field(description="Instead of `terms`: the text of a file.")] = None
    format: Annotated[Form, Field(description="Of `entries`.")] = "tsv"


class GlossaryBody(Body):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Statements",
                    "dictionaries": [
                        {"source": "en", "target": "pt", "terms": [{"source": "van", "target": "carrinha"}]}
                    ],
                    "protected": ["Niche RMS"],
                    "patterns": ["REP-\\d{4}"],
                }
            ]
        },
    )

    name: Text
    dictionaries: Annotated[list[DictionaryBody], Field(max_length=MOST_DICTIONARIES, fail_fast=True)] = []
    protected: Annotated[list[Text], Field(max_length=MOST_TERMS, fail_fast=True)] = []
    patterns: Annotated[list[Text], Field(max_length=MOST_PATTERNS)] = []


class GlossaryPair(BaseModel):
    source: str
    target: str
    terms: Annotated[int, Field(description="How many.")]


class GlossarySummary(BaseModel):
    id: str
    name: str
    version: int
    created_at: str
    changed_at: Annotated[str, Field(description="When this version was made.")]
    size: Annotated[int, Field(description="Terms, names and patterns.")]
    pairs: list[GlossaryPair]


class StoredTerm(BaseModel):
    source: str
    target: str


class StoredDictionary(BaseModel):
    source: str
    target: str
    terms: list[StoredTerm]


class GlossaryReply(GlossarySummary):
    dictionaries: list[StoredDictionary]
    protected: list[str]
    patterns: list[str]


class GlossariesReply(BaseModel):
    glossaries: list[GlossarySummary]


class GlossaryVersionsReply(BaseModel):
    versions: list[GlossarySummary]
