"""Bodies of /v1/translate."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag

from app.api.recall import WishField
from app.api.schemas.models import RoutingBody
from app.api.schemas.values import Amount, Body, Candidates, LanguageCode, TagName, Text, Texts
from app.glossary.terms import MOST_PATTERNS


class ProtectBody(Body):
    """Text that is to stand in the translation to the letter."""

    names: Annotated[
        list[Text], Field(max_length=1_000, description="Whole words, as written or all in capitals.")
    ] = []
    patterns: Annotated[
        list[Text],
        Field(max_length=MOST_PATTERNS, description="Regular expressions as RE2 knows them: linear in time."),
    ] = []
    identifiers: Annotated[
        bool, Field(strict=True, description="Addresses, placeholders, plates, postcodes and codes.")
    ] = True


def _id_or_terms(value: object) -> str | None:
    if isinstance(value, str):
        return "id"
    return "terms" if isinstance(value, dict) else None


Glossary = Annotated[
    Annotated[Annotated[str, StringConstraints(strict=True, min_length=1, max_length=100)], Tag("id")]
    | Annotated[dict[Text, Text], Field(max_length=1_000), Tag("terms")],
    Discriminator(
        _id_or_terms,
        custom_error_type="glossary_type",
        custom_error_message="Input should be the id of a glossary, or an object of terms",
    ),
]


class TranslateBody(Body):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"text": "Bom dia, onde fica a estação?", "target": "en"},
                {
                    "text": ["The van left at 14:35.", "Ele deixou a carrinha no armazém."],
                    "target": "pt",
                    "source": "auto",
                    "candidates": ["pt", "en"],
                    "detail": True,
                },
                {"text": "O <b>carro</b> vermelho.", "target": "en", "format": "html"},
            ]
        },
    )

    text: Annotated[
        Texts,
        Field(description="One text, or several. Each is answered in its place."),
    ]
    target: Annotated[LanguageCode, Field(description="Language to translate into, BCP 47.", examples=["en"])]
    source: Annotated[
        LanguageCode,
        Field(description="Language of all texts, or `auto`: detected for every segment.", examples=["auto"]),
    ] = "auto"
    candidates: Annotated[
        Candidates | None,
        Field(description="Languages that detection may choose from; all known ones if left out."),
    ] = None
    detail: Annotated[bool, Field(strict=True, description="Also return each segment with its flags.")] = (
        False
    )
    format: Annotated[
        Literal["text", "html", "xml"],
        Field(
            description="`html`, `xml`: tags are put back round the words that say what their own words said; what is "
            '`translate="no"`, or in HTML of class `notranslate`, stands as it is. Counted as sent, tags and all.'
        ),
    ] = "text"
    ignore_tags: Annotated[
        list[TagName],
        Field(
            max_length=100, description="HTML and XML: elements that stand as they are.", examples=[["kbd"]]
        ),
    ] = []
    confidence: Annotated[
        bool,
        Field(
            strict=True,
            description="Also say how likely each translation is to be a good one, and flag `low_confidence`. Costs "
            "the engine some time and changes no translation.",
        ),
    ] = False
    glossary: Annotated[
        Glossary | None,
        Field(
            description="Id of a glossary, or terms and what they are in the target language.",
            examples=[{"witness statement": "depoimento testemunhal"}],
        ),
    ] = None
    protect: Annotated[ProtectBody | None, Field(description="Text that is not to be translated.")] = None
    memory: WishField = None


class ErrorBody(BaseModel):
    code: str
    message: str


class TermBody(BaseModel):
    start: Annotated[int, Field(description="Of the term in the text sent, in code points.")]
    end: int
    wanted: Annotated[str, Field(description="What was to stand for it.")]
    applied: bool


class HopBody(BaseModel):
    source: str
    target: str
    model: str
    fingerprint: Annotated[str, Field(description="Of the model's files; empty for a model without files.")]
    text: Annotated[
        str | None,
        Field(
            description="What the hop answered, for the next to translate; null for the last, whose is `text`, "
            "and where terms were enforced."
        ),
    ]


class RepairBody(BaseModel):
    step: Annotated[str, Field(description="docs/flags.md explains each.")]
    kept: Annotated[bool, Field(description="Whether its answer took the place of the one before.")]
    flags: Annotated[list[str], Field(description="Doubts that its answer raised.")]


class RememberedBody(BaseModel):
    entry: Annotated[str, Field(description="Of the memory; it names the very words.")]
    changed_at: str
    key_id: Annotated[str | None, Field(description="Key of whoever corrected; null for a browser or none.")]
    segment: Annotated[
        str | None, Field(description="The segment that was corrected, as `/v1/review` names it.")
    ]


class SegmentBody(BaseModel):
    start: Annotated[int, Field(description="First code point of the segment in the text sent.")]
    end: Annotated[int, Field(description="Code point after its last.")]
    source: str
    confidence: float | None
    text: str
    read_as: Annotated[
        str | None,
        Field(
            description="What the model read where that is not the source as written: capitals in sentence case, "
            "abbreviations of chat written out; null otherwise."
        ),
    ]
    translation_confidence: Annotated[
        float | None,
        Field(
            description="Probability that the translation is good; null unless asked for with `confidence`."
        ),
    ]
    flags: list[str]
    cached: Annotated[
        bool, Field(description="Answered by an equal segment, in flight or remembered, at no compute.")
    ]
    memory: Annotated[
        RememberedBody | None,
        Field(description="The correction that stands in place of a model's answer; flagged `memory`."),
    ]
    terms: Annotated[list[TermBody], Field(description="Of the glossary and the protected text.")]
    unit: Annotated[
        int | None,
        Field(description="Of markup: the number of the piece of text that `start` and `end` count in."),
    ]
    hops: Annotated[list[HopBody], Field(description="The models it went through; empty where none did.")]
    repairs: Annotated[
        list[RepairBody], Field(description="Further tries at a segment whose first answer raised a doubt.")
    ]


class TranslationBody(BaseModel):
    text: Annotated[str | None, Field(description="The translation; null where status is failed.")]
    source: Annotated[str, Field(description="Main language of the text, or und.")]
    detected: Annotated[bool, Field(description="Whether the language was detected or declared.")]
    confidence: Annotated[
        float | None, Field(description="Calibrated probability of `source`; null where it was declared.")
    ]
    languages: Annotated[dict[str, float], Field(description="Share of each language by characters.")]
    target: str
    status: Literal["translated", "unchanged", "failed"]
    route: Annotated[
        list[str], Field(description="Languages of the main route; empty where no model was needed or known.")
    ]
    models: Annotated[list[str], Field(description="Model ids, one a hop.")]
    characters: Annotated[int, Field(description="Unicode code points of the text sent.")]
    translation_confidence: Annotated[
        float | None,
        Field(description="Mean of the segments', by length; null unless asked for with `confidence`."),
    ]
    flags: Annotated[list[str], Field(description="Doubts; docs/flags.md explains each.")]
    repairs: Annotated[
        list[str],
        Field(
            description="Ways in which answers were got that took the place of doubtful ones; docs/flags.md."
        ),
    ]
    error: Annotated[ErrorBody | None, Field(description="Why it failed, or why a part stands untranslated.")]
    segments: Annotated[list[SegmentBody] | None, Field(description="Only with `detail`.")] = None
    routing: Annotated[
        list[RoutingBody] | None,
        Field(description="Only with `detail`: why by these models, for each route that a segment took."),
    ] = None


class UsageBody(BaseModel):
    characters: int
    billed_characters: int
    price: Amount
    cost: Amount
    currency: str
    compute_seconds: float
    queue_seconds: float
    segments: int
    cached_segments: int


class GlossaryUsed(BaseModel):
    id: str
    name: str
    version: int


class TranslateReply(BaseModel):
    id: str
    translations: list[TranslationBody]
    usage: UsageBody
    provenance: Annotated[
        dict[str, Any] | None,
        Field(
            description="Only with `detail`: service, engine, options, files of every model; docs/provenance.md."
        ),
    ] = None
    glossary: Annotated[
        GlossaryUsed | None, Field(description="The glossary used, where one was named; with its version.")
    ] = None
