"""Bodies of LibreTranslate's API, for the OpenAPI description; what comes in is read by app/api/fields.py."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

KEY = Field(default=None, description="A key of `dragoman keys create`; it may come in a header as well.")


class LibreTranslateBody(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"q": "Bom dia a todos.", "source": "pt", "target": "en", "format": "text"}]
        }
    )
    q: str | list[str]
    source: Annotated[str, Field(description="A code, or `auto`.")]
    target: str
    format: Literal["text", "html"] = "text"
    alternatives: Annotated[int, Field(description="Three at most; none of HTML.", ge=0)] = 0
    api_key: str | None = KEY


class LibreDetectBody(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"q": "Bom dia a todos, e até logo."}]})
    q: str
    api_key: str | None = KEY


class LibreError(BaseModel):
    error: str


class LibreDetection(BaseModel):
    confidence: Annotated[float, Field(description="0 to 100.")]
    language: str


class LibreRemark(BaseModel):
    flags: Annotated[list[str], Field(description="Doubts about the translation (docs/flags.md).")]
    error: Annotated[
        str | None, Field(description="Why the text, or a part of it, came back as it was sent; not billed.")
    ]


class LibreTranslateReply(BaseModel):
    translatedText: str | list[str]  # noqa: N815
    detectedLanguage: LibreDetection | list[LibreDetection] | None = None  # noqa: N815
    alternatives: list[str] | list[list[str]] | None = None
    dragoman: Annotated[
        LibreRemark | list[LibreRemark] | None,
        Field(description="Not LibreTranslate's; there is none where nothing is to be said."),
    ] = None


class LibreFileReply(BaseModel):
    translatedFileUrl: str  # noqa: N815
    dragoman: Annotated[
        LibreRemark | None,
        Field(description="Not LibreTranslate's; there is none where nothing is to be said."),
    ] = None


class LibreLanguage(BaseModel):
    code: str
    name: str
    targets: list[str]


class LibreNamed(BaseModel):
    code: str
    name: str


class LibreDefaults(BaseModel):
    source: LibreNamed
    target: LibreNamed


class LibreSettings(BaseModel):
    charLimit: int  # noqa: N815
    frontendTimeout: int  # noqa: N815
    apiKeys: bool  # noqa: N815
    keyRequired: bool  # noqa: N815
    suggestions: bool
    filesTranslation: bool  # noqa: N815
    supportedFilesFormat: list[str]  # noqa: N815
    language: LibreDefaults


class LibreHealth(BaseModel):
    status: Literal["ok"]


BODIES: tuple[type[BaseModel], ...] = (
    LibreTranslateBody,
    LibreDetectBody,
    LibreError,
)
"""What no `response_model` brings into the description."""


def body(model: type[BaseModel]) -> dict[str, Any]:
    schema = {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}
    media = ("application/json", "application/x-www-form-urlencoded")
    return {"requestBody": {"required": True, "content": dict.fromkeys(media, schema)}}
