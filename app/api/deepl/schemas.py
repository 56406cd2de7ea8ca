"""Bodies of DeepL's API, for the OpenAPI description; what comes in is read by app/api/fields.py."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue


class DeepLTranslateBody(BaseModel):
    """Further parameters of DeepL's are accepted; docs/migrate.md says what becomes of each."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"text": ["Bom dia a todos."], "source_lang": "PT", "target_lang": "EN-GB"}]
        }
    )
    text: list[str]
    target_lang: str
    source_lang: Annotated[str | None, Field(description="Left out, it is detected.")] = None
    tag_handling: Literal["html", "xml"] | None = None
    ignore_tags: list[str] | None = None
    splitting_tags: Annotated[list[str] | None, Field(description="XML: a sentence ends at these.")] = None
    non_splitting_tags: Annotated[list[str] | None, Field(description="XML: no sentence does.")] = None
    outline_detection: Annotated[bool, Field(description="XML: false: only `splitting_tags` split.")] = True
    split_sentences: Annotated[
        Literal["0", "1", "nonewlines"] | None,
        Field(description="0: sentences end nowhere. nonewlines: not with a line."),
    ] = None
    preserve_formatting: Annotated[
        bool, Field(description="Translated sentences begin and end as they did: case, marks.")
    ] = False
    formality: Literal["default", "prefer_more", "prefer_less"] | None = None
    show_billed_characters: bool | None = None
    glossary_id: Annotated[str | None, Field(description="Needs `source_lang`.")] = None
    context: Annotated[str | None, Field(description="Accepted; not used.")] = None


class DeepLError(BaseModel):
    message: str
    detail: str | None = None


class DeepLRemark(BaseModel):
    flags: Annotated[list[str], Field(description="Doubts about the translation (docs/flags.md).")]
    error: Annotated[
        str | None, Field(description="Why the text, or a part of it, came back as it was sent; not billed.")
    ]


class DeepLTranslation(BaseModel):
    detected_source_language: str
    text: str
    billed_characters: int | None = None
    model_type_used: str | None = None
    dragoman: Annotated[
        DeepLRemark | None,
        Field(description="Not DeepL's; there is none where nothing is to be said."),
    ] = None


class DeepLTranslateReply(BaseModel):
    translations: list[DeepLTranslation]


class DeepLDocument(BaseModel):
    document_id: Annotated[str, Field(pattern="^[0-9A-F]{32}$")]
    document_key: Annotated[str, Field(pattern="^[0-9A-F]{64}$")]


class DeepLDocumentKey(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"document_key": 64 * "0"}]})
    document_key: str


class DeepLDocumentStatus(BaseModel):
    document_id: str
    status: Literal["queued", "translating", "done", "error"]
    seconds_remaining: Annotated[int | None, Field(description="At the speed so far.")] = None
    billed_characters: Annotated[int | None, Field(description="Once it is done.")] = None
    error_message: str | None = None
    dragoman: Annotated[
        DeepLRemark | None,
        Field(description="Not DeepL's; there is none where nothing is to be said."),
    ] = None


class DeepLUsage(BaseModel):
    character_count: int
    character_limit: int


class DeepLBreakdown(BaseModel):
    total_characters: int
    text_translation_characters: int
    document_translation_characters: int
    text_improvement_characters: Annotated[int, Field(description="Always 0: there is no such thing here.")]


class DeepLKeyUsage(BaseModel):
    api_key: Annotated[str, Field(description="Its beginning; `none` for what came without a key.")]
    api_key_label: str
    usage: DeepLBreakdown


class DeepLKeyDayUsage(DeepLKeyUsage):
    usage_date: str


class DeepLUsageReport(BaseModel):
    total_usage: DeepLBreakdown
    start_date: str
    end_date: str
    group_by: Literal["key", "key_and_day"] | None = None
    key_usages: list[DeepLKeyUsage] | None = None
    key_and_day_usages: list[DeepLKeyDayUsage] | None = None


class DeepLAnalytics(BaseModel):
    usage_report: DeepLUsageReport


class DeepLLanguage(BaseModel):
    language: str
    name: str
    supports_formality: bool | None = None


_ENTRIES: dict[str, JsonValue] = {
    "source_lang": "en",
    "target_lang": "pt",
    "entries": "van\tcarrinha",
    "entries_format": "tsv",
}


class DeepLDictionaryEntries(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [_ENTRIES]})

    source_lang: str
    target_lang: str
    entries: str
    entries_format: Literal["tsv", "csv"] = "tsv"


class DeepLDictionaryEntriesList(BaseModel):
    dictionaries: list[DeepLDictionaryEntries]


class DeepLGlossaryBody(DeepLDictionaryEntries):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Statements", **_ENTRIES}]})

    name: str


class DeepLMultilingualBody(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Statements", "dictionaries": [_ENTRIES]}]}
    )

    name: str
    dictionaries: list[DeepLDictionaryEntries]


class DeepLMultilingualChange(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Statements of 2026"}]})

    name: str | None = None
    dictionaries: list[DeepLDictionaryEntries] | None = None


class DeepLDictionary(BaseModel):
    source_lang: str
    target_lang: str
    entry_count: int


class DeepLGlossary(DeepLDictionary):
    glossary_id: str
    name: str
    ready: bool
    creation_time: str


class DeepLGlossaryList(BaseModel):
    glossaries: list[DeepLGlossary]


class DeepLMultilingual(BaseModel):
    glossary_id: str
    name: str
    creation_time: str
    dictionaries: list[DeepLDictionary]


class DeepLMultilingualList(BaseModel):
    glossaries: list[DeepLMultilingual]


class DeepLGlossaryPair(BaseModel):
    source_lang: str
    target_lang: str


class DeepLGlossaryPairs(BaseModel):
    supported_languages: list[DeepLGlossaryPair]


BODIES: tuple[type[BaseModel], ...] = (
    DeepLTranslateBody,
    DeepLDocumentKey,
    DeepLGlossaryBody,
    DeepLMultilingualBody,
    DeepLMultilingualChange,
    DeepLError,
)
"""What no `response_model` brings into the description."""


def body(model: type[BaseModel]) -> dict[str, Any]:
    schema = {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}
    media = ("application/json", "application/x-www-form-urlencoded")
    return {"requestBody": {"required": True, "content": dict.fromkeys(media, schema)}}
