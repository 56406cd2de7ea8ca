"""The client's types are what the API's description says."""

import types
from typing import (
    Any,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

import pytest

from app.client import answers
from app.main import create_app
from app.settings import Settings

SCHEMAS: dict[str, Any] = create_app(Settings()).openapi()["components"]["schemas"]
ROOTS = {
    "Translations": "TranslateReply",
    "Detections": "DetectReply",
    "Checks": "CheckReply",
    "ToCheck": "CheckBody",
    "Languages": "LanguagesReply",
    "Models": "ModelsReply",
    "Estimate": "EstimateReply",
    "Usage": "UsageReply",
    "Job": "JobReply",
    "Jobs": "JobsReply",
    "JobReport": "JobReportReply",
    "Statement": "StatementReply",
    "StatementKey": "StatementKeyReply",
    "NewDictionary": "DictionaryBody",
    "Glossary": "GlossaryReply",
    "Glossaries": "GlossariesReply",
    "GlossaryVersions": "GlossaryVersionsReply",
    "Quality": "QualityReply",
}


@pytest.mark.parametrize("name", sorted(ROOTS))
def test_fields_and_their_types(name: str) -> None:
    compare(getattr(answers, name), {"$ref": f"#/components/schemas/{ROOTS[name]}"}, name)


def test_every_type_is_reached() -> None:
    reached: set[type] = set()
    for name in ROOTS:
        walk(getattr(answers, name), reached)
    assert reached == {each for each in vars(answers).values() if is_typeddict(each)}


def walk(hint: Any, reached: set[type]) -> None:
    if is_typeddict(hint):
        reached.add(hint)
        for each in get_type_hints(hint).values():
            walk(each, reached)
    for each in get_args(hint):
        walk(each, reached)


def compare(hint: Any, schema: Any, place: str) -> None:
    if hint is object:
        assert schema is True, place
        return
    while "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].rsplit("/", 1)[1]]
    while get_origin(hint) in (NotRequired, Required):
        hint = get_args(hint)[0]
    if "anyOf" in schema:
        nullable = any(each.get("type") == "null" for each in schema["anyOf"])
        said = [each for each in schema["anyOf"] if each.get("type") != "null"]
        optional = get_origin(hint) in (types.UnionType, Union)
        # Left out, it is the same as null.
        assert optional == nullable or place.startswith(("ToCheck", "NewDictionary")), place
        (inner,) = [each for each in get_args(hint) if each is not type(None)] if optional else [hint]
        compare(inner, said[0], place)
        return
    if is_typeddict(hint):
        hints = get_type_hints(hint)
        assert hints.keys() <= schema["properties"].keys(), place
        for field, each in hints.items():
            compare(each, schema["properties"][field], f"{place}.{field}")
            assert field in schema.get("required", ()) or field in hint.__optional_keys__, f"{place}.{field}"
        return
    match get_origin(hint):
        case None:
            assert (
                schema["type"] == {str: "string", int: "integer", float: "number", bool: "boolean"}[hint]
            ), place
        case origin if origin is list:
            assert schema["type"] == "array", place
            compare(get_args(hint)[0], schema["items"], f"{place}[]")
        case origin if origin is dict:
            compare(get_args(hint)[1], schema["additionalProperties"], f"{place}{{}}")
        case origin:
            assert origin is Literal, place
            assert set(get_args(hint)) == set(schema.get("enum") or [schema["const"]]), place
