"""Bodies of /v1/check."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from app.api.schemas.values import Body, LanguageCode, Text


class CheckBody(Body):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "source": "Pague £1.700,50 até 3 de maio.",
                    "text": "Pay €1,700.50 by 3 March.",
                    "source_language": "pt",
                    "target_language": "en",
                }
            ]
        },
    )

    source: Text
    text: Annotated[Text, Field(description="The translation.")]
    source_language: Annotated[LanguageCode | None, Field(description="Detected if left out.")] = None
    target_language: Annotated[LanguageCode | None, Field(description="Detected if left out.")] = None


def _pair_or_pairs(value: object) -> str | None:
    if isinstance(value, dict):
        return "pair"
    return "list" if isinstance(value, list) else None


CheckBodies = Annotated[
    Annotated[CheckBody, Tag("pair")]
    | Annotated[list[CheckBody], Field(min_length=1, fail_fast=True), Tag("list")],
    Discriminator(
        _pair_or_pairs,
        custom_error_type="pair_type",
        custom_error_message="Input should be an object with source and text, or a list of them",
    ),
]


class FindingBody(BaseModel):
    kind: Annotated[str, Field(description="docs/flags.md explains each.")]
    detail: str
    start: Annotated[
        int | None, Field(description="First code point in the translation; null where nothing stands there.")
    ]
    end: int | None
    source_start: Annotated[
        int | None, Field(description="First code point in the source; null where nothing stands there.")
    ]
    source_end: int | None


class FindingsBody(BaseModel):
    flags: list[FindingBody]


class CheckReply(BaseModel):
    results: list[FindingsBody]
