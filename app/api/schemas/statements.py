"""Bodies of signed statements."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field


class SignatureBody(BaseModel):
    algorithm: Literal["Ed25519"]
    public_key: Annotated[str, Field(description="32 bytes in base64.")]
    value: Annotated[str, Field(description="64 bytes in base64.")]


class StatementReply(BaseModel):
    statement: dict[str, Any]
    signature: SignatureBody


class StatementKeyReply(BaseModel):
    algorithm: Literal["Ed25519"]
    public_key: Annotated[str, Field(description="32 bytes in base64.")]
