"""Signed statements."""

from typing import Literal, TypedDict


class Signature(TypedDict):
    algorithm: Literal["Ed25519"]
    public_key: str
    """32 bytes in base64."""
    value: str
    """64 bytes in base64."""


class Statement(TypedDict):
    statement: dict[str, object]
    """docs/provenance.md"""
    signature: Signature


class StatementKey(TypedDict):
    algorithm: Literal["Ed25519"]
    public_key: str
