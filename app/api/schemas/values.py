"""What bodies of several routes are made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag, model_validator
from pydantic_core import PydanticCustomError

LanguageCode = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=35)]
Text = Annotated[str, StringConstraints(strict=True)]
TagName = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=100)]
Candidates = Annotated[list[LanguageCode], Field(max_length=500)]
"""More than there are languages to choose from."""


def _one_or_many(value: object) -> str | None:
    if isinstance(value, str):
        return "text"
    return "list" if isinstance(value, list) else None


Texts = Annotated[
    # Fails fast: a fault for each of a million items took 10 s and 1.5 GB.
    Annotated[Text, Tag("text")] | Annotated[list[Text], Field(min_length=1, fail_fast=True), Tag("list")],
    # Without it a fault in a list would be reported as "not a string".
    Discriminator(
        _one_or_many,
        custom_error_type="text_type",
        custom_error_message="Input should be a string or a list of strings",
    ),
]
Amount = Annotated[str, Field(pattern=r"^-?\d+\.\d{9}$", examples=["0.000338520"])]
"""Money as a decimal string with nine places, so that nothing is rounded away."""
_MOST_FIELDS = 50


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _few_fields(cls, value: object) -> object:
        """Each unknown field would be a fault of its own, however many."""
        if isinstance(value, dict) and len(value) > _MOST_FIELDS:
            raise PydanticCustomError(
                "too_many_fields", "Input should have a few fields, not {count}", {"count": len(value)}
            )
        return value
