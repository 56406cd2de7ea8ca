"""Bodies of /v1, as pydantic models: they check what comes in and describe what goes out."""

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

from app.glossary.exchange import Form
from app.glossary.terms import MOST_DICTIONARIES, MOST_PATTERNS, MOST_TERMS
from app.ledger.report import GroupBy
from app.review.verdict import Reason, Verdict

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


class SegmentBody(BaseModel):
    start: Annotated[int, Field(description="First code point of the segment in the text sent.")]
    end: Annotated[int, Field(description="Code point after its last.")]
    source: str
    confidence: float | None
    text: str
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


class DetectBody(Body):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "Bom dia, onde fica a estação?"}]}
    )

    text: Texts
    candidates: Candidates | None = None


class AlternativeBody(BaseModel):
    language: str
    confidence: float


class DetectionBody(BaseModel):
    language: Annotated[str, Field(description="BCP 47 code, or und below the threshold.")]
    confidence: Annotated[float, Field(description="Calibrated probability of the best candidate.")]
    alternatives: list[AlternativeBody]


class DetectReply(BaseModel):
    detections: list[DetectionBody]


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


class PairBody(BaseModel):
    source: str
    target: str
    route: list[str]
    models: list[str]
    quality: Annotated[
        float,
        Field(
            description="chrF, 0 to 100; of a pivot route the product of its hops. A model's is the mean over its own "
            "test sets, which another model's need not be: it ranks routes here, and is no measure of a text."
        ),
    ]


class LanguagesReply(BaseModel):
    pairs: list[PairBody]
    detectable: list[str]


class ScoreBody(BaseModel):
    testset: str
    source: str
    target: str
    chrf: float
    bleu: float | None


class LanguagePairBody(BaseModel):
    source: str
    target: str


class ModelBody(BaseModel):
    id: str
    pairs: list[LanguagePairBody]
    architecture: str
    licence: str
    attribution: str
    origin: str
    made: str
    token_limit: int
    fingerprint: Annotated[
        str, Field(description="sha256 over the checksums of its files; empty for a model without files.")
    ]
    sha256: dict[str, str]
    scores: list[ScoreBody]
    loaded: bool
    quarantined: Annotated[str | None, Field(description="Why it is set aside; null where it is not.")]


class ModelProblemBody(BaseModel):
    folder: str
    reason: str


class ModelsReply(BaseModel):
    models: list[ModelBody]
    problems: list[ModelProblemBody]


class UsageFigures(BaseModel):
    requests: int
    characters: int
    translated_characters: int
    billed_characters: int
    unchanged_characters: int
    cached_characters: int
    failed_characters: int
    unchanged_share: Annotated[float, Field(description="Of `characters`, 0 to 1.")]
    cached_share: Annotated[float, Field(description="Of `characters`: answered at no compute.")]
    segments: int
    cached_segments: int
    source_tokens: int
    target_tokens: int
    compute_seconds: float
    price: Amount
    cost: Amount
    idle_cost: Annotated[
        Amount,
        Field(
            description="Share of what the machines cost while idle, by engine time in each month; not in `cost`."
        ),
    ]
    price_per_million: str | None
    cost_per_million: Annotated[
        str | None,
        Field(description="Measured cost over all characters sent, unchanged and failed ones included."),
    ]


class UsageRowBody(UsageFigures):
    key: Annotated[str, Field(description="What the row is of: a day, a pair … as asked.")]


class ElsewhereBody(BaseModel):
    vendor: str
    name: str
    unit: Annotated[
        str, Field(description="What it counts: characters, characters_without_markup, utf16_units.")
    ]
    units: Annotated[int, Field(description="Of this report's texts, those it charges for included.")]
    free_units: Annotated[int, Field(description="Of those, how many its monthly allowance covers.")]
    per_million: str
    per_month: str
    amount: Annotated[Amount, Field(description="In `currency`, the vendor's.")]
    currency: str
    converted: Annotated[Amount | None, Field(description="In the report's currency; null without a rate.")]
    rate: str | None
    rate_day: str | None
    confirmed: Annotated[bool, Field(description="Whether the price was read on the vendor's own page.")]
    rule: str
    note: str
    price_source: str
    rule_source: str
    read: Annotated[str, Field(description="Day on which the sources were looked up.")]


class UsageReply(BaseModel):
    tenant: Annotated[str | None, Field(description="Null: every tenant's.")]
    currency: str
    since: str | None
    until: str | None
    group_by: GroupBy | None
    headline: str
    statement: Annotated[
        str, Field(description="N characters of text translated to date, for a total cost of £X")
    ]
    totals: UsageFigures
    rows: list[UsageRowBody]
    other_currencies: Annotated[
        list[str], Field(description="Currencies of entries in the period that this report leaves out.")
    ]
    elsewhere: Annotated[
        list[ElsewhereBody], Field(description="What the same texts would have cost at vendors' list prices.")
    ]


class RangeBody(BaseModel):
    value: float
    low: float
    high: float


class AmountRangeBody(BaseModel):
    value: Amount
    low: Amount
    high: Amount


class PairForecastBody(BaseModel):
    source: str
    target: str
    route: Annotated[list[str], Field(description="Empty where no model is needed or known.")]
    models: list[str]
    segments: int
    characters: int
    compute_seconds: RangeBody
    speed: Annotated[str, Field(description="What its speed was taken from.")]


class MissingBody(BaseModel):
    source: Annotated[str, Field(description="A language without a route to the target, or und.")]
    target: str
    segments: int
    characters: int
    reason: Annotated[str, Field(description="What could be installed, or named.")]


class EstimateReply(BaseModel):
    texts: int
    characters: int
    billed_characters: int
    unchanged_characters: int
    failed_characters: int
    segments: int
    repeats: Annotated[int, Field(description="Segments equal to an earlier one among them: no engine time.")]
    languages: Annotated[dict[str, int], Field(description="Characters of each source language.")]
    pairs: list[PairForecastBody]
    missing: list[MissingBody]
    pivot_factor: Annotated[float, Field(description="Engine passes a translated character, 1 to 2.")]
    currency: str
    price: Amount
    cost: AmountRangeBody
    compute_seconds: RangeBody
    seconds: Annotated[RangeBody, Field(description="On the clock, if nothing else is to be done.")]


class ProblemError(BaseModel):
    location: str
    message: str


class ProblemBody(BaseModel):
    type: str
    title: str
    status: int
    code: Annotated[str, Field(description="Stable; docs/errors.md explains each.")]
    detail: str
    errors: list[ProblemError] | None = None


class HealthReply(BaseModel):
    status: Literal["ok"]


class ReadyReply(BaseModel):
    status: Literal["ready", "starting", "unavailable"]
    database: Literal["ok", "unavailable"]
    models: Literal["ok", "loading", "degraded", "unavailable"]
    problems: list[str]


class Done(BaseModel):
    total: int
    done: int


class DoneOrFailed(Done):
    failed: int


class JobFault(BaseModel):
    code: str
    message: str


class DocumentNote(BaseModel):
    code: str
    message: str
    unit: Annotated[int | None, Field(description="Number of the unit that it is about, if of one.")]


JobState = Literal["queued", "running", "succeeded", "failed", "cancelled", "expired"]


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


class Waiting(BaseModel):
    reason: Annotated[
        Literal["characters_per_minute"],
        Field(description="The limit of the key or the tenant (docs/keys.md, limits a minute)."),
    ]
    until: Annotated[str, Field(description="When it goes on.")]


class JobReply(BaseModel):
    id: str
    state: JobState
    name: Annotated[str | None, Field(description="Of the file; null once it is deleted.")]
    format: str
    source: Annotated[str | None, Field(description="Null: detected, segment by segment.")]
    target: str
    priority: Annotated[Literal["high", "normal", "low"], Field(description="Among the tenant's own.")]
    glossary: Annotated[GlossaryUsed | None, Field(description="Whose terms are enforced.")]
    created_at: str
    started_at: str | None
    finished_at: str | None
    expires_at: Annotated[str | None, Field(description="When source and result will be deleted.")]
    segments: Annotated[Done, Field(description="The total is an estimate until all are done.")]
    characters: Done
    chunks: Annotated[DoneOrFailed, Field(description="Runs of segments, each a checkpoint and a charge.")]
    eta_seconds: Annotated[float | None, Field(description="At the speed so far.")]
    waiting: Annotated[Waiting | None, Field(description="Why it stands still, where a limit slows it down.")]
    flags: Annotated[dict[str, int], Field(description="Segments by flag.")]
    billed_characters: int
    price: Amount
    cost: Amount
    currency: str
    compute_seconds: float
    error: JobFault | None
    notes: list[DocumentNote]


class JobsReply(BaseModel):
    jobs: list[JobReply]


class FlaggedPlace(BaseModel):
    unit: Annotated[int, Field(description="Number of the paragraph, cell or title, from 0.")]
    location: str
    start: Annotated[int, Field(description="Of the segment, in code points of its unit.")]
    end: int
    source: str
    flags: list[str]
    error: str | None


class FailedChunk(BaseModel):
    chunk: int
    first: Annotated[str, Field(description="Place of its first unit.")]
    last: str
    units: int
    code: str | None
    message: str | None


class JobReportReply(BaseModel):
    job: JobReply
    forecast: Annotated[
        EstimateReply | None,
        Field(description="Made at the upload; null for documents over 50,000 characters."),
    ]
    languages: Annotated[dict[str, int], Field(description="Characters by language.")]
    models: list[str]
    flagged: list[FlaggedPlace]
    failed_chunks: Annotated[list[FailedChunk], Field(description="They stand as they were.")]


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


class ReviewBody(Body):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"verdict": "accepted"}]})

    verdict: Verdict
    text: Annotated[str | None, Field(description="What it should say; of `corrected` alone.")] = None
    reason: Annotated[Reason | None, Field(description="Why; of `corrected` alone.")] = None


class MemoryMatch(BaseModel):
    source: str
    text: str
    score: Annotated[float, Field(description="Likeness of the source texts, 0 to 100.")]
    exact: bool
    origin: Literal["memory"]


class ReviewItem(BaseModel):
    id: str
    job: str
    document: str
    where: Annotated[str, Field(description="In the document.")]
    source_language: str
    target_language: str
    source: str
    text: str
    flags: list[str]
    models: list[str]
    matches: list[MemoryMatch]


class ReviewReply(BaseModel):
    segments: list[ReviewItem]


class AgreementRow(BaseModel):
    source_language: str
    target_language: str
    models: list[str]
    accepted: int
    corrected: int
    escalated: int
    agreement: Annotated[float | None, Field(description="Accepted of accepted and corrected, 0 to 1.")]


class AgreementReply(BaseModel):
    agreement: list[AgreementRow]


class MemoryEntry(BaseModel):
    id: str
    source_language: str
    target_language: str
    source: str
    text: str
    changed_at: str


class MemoryReply(BaseModel):
    entries: list[MemoryEntry]
