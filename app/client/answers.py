"""What the API answers, as the client hands it on: the JSON itself, with names and types.

A test holds every field here against the API's description. A field that a later service adds is handed on too.
"""

from typing import Literal, NotRequired, TypedDict


class Fault(TypedDict):
    code: str
    message: str


class Repair(TypedDict):
    step: str
    kept: bool
    flags: list[str]


class Term(TypedDict):
    start: int
    """Of the term in the text sent."""
    end: int
    wanted: str
    applied: bool


class Hop(TypedDict):
    source: str
    target: str
    model: str
    fingerprint: str
    text: str | None
    """What a pivot said in between."""


class Segment(TypedDict):
    start: int
    """First code point of the segment in the text sent."""
    end: int
    source: str
    confidence: float | None
    text: str
    translation_confidence: float | None
    flags: list[str]
    cached: bool
    terms: list[Term]
    repairs: list[Repair]
    """Further tries at it, in order."""
    hops: list[Hop]


ChosenBy = Literal["only", "rule", "scores", "order"]
"""What a route or a model is chosen by; docs/models.md."""


class Compared(TypedDict):
    models: list[str]
    languages: list[str]
    score: float | None


class ChosenModel(TypedDict):
    model: str
    by: ChosenBy
    testsets: list[str]
    compared: list[Compared]


class Routing(TypedDict):
    """Why by this route."""

    source: str
    target: str
    route: list[str]
    models: list[str]
    by: ChosenBy
    testsets: list[str]
    compared: list[Compared]
    """The chosen one first."""
    hops: list[ChosenModel]


class Translation(TypedDict):
    text: str | None
    """None where `status` is failed; `error` says why."""
    source: str
    detected: bool
    confidence: float | None
    languages: dict[str, float]
    target: str
    status: Literal["translated", "unchanged", "failed"]
    route: list[str]
    models: list[str]
    characters: int
    translation_confidence: float | None
    flags: list[str]
    repairs: list[str]
    """Ways in which answers were got that took the place of doubtful ones."""
    error: Fault | None
    segments: NotRequired[list[Segment] | None]
    """Only with `detail`, as is `routing`."""
    routing: NotRequired[list[Routing] | None]


class Charge(TypedDict):
    """Money is a decimal string with nine places."""

    characters: int
    billed_characters: int
    price: str
    cost: str
    currency: str
    compute_seconds: float
    queue_seconds: float
    segments: int
    cached_segments: int


class GlossaryUsed(TypedDict):
    id: str
    name: str
    version: int


class Translations(TypedDict):
    id: str
    translations: list[Translation]
    usage: Charge
    glossary: NotRequired[GlossaryUsed | None]
    """Whose terms were enforced, where a stored one was named."""


class Guess(TypedDict):
    language: str
    confidence: float


class Detection(TypedDict):
    language: str
    confidence: float
    alternatives: list[Guess]


class Detections(TypedDict):
    detections: list[Detection]


class ToCheck(TypedDict):
    """What is sent to be checked."""

    source: str
    text: str
    source_language: NotRequired[str]
    target_language: NotRequired[str]


class Finding(TypedDict):
    kind: str
    detail: str
    start: int | None
    end: int | None
    source_start: int | None
    source_end: int | None


class Findings(TypedDict):
    flags: list[Finding]


class Checks(TypedDict):
    results: list[Findings]


class Pair(TypedDict):
    source: str
    target: str
    route: list[str]
    models: list[str]
    quality: float | None
    """None where a model of the route was not measured."""
    chosen_by: ChosenBy


class Languages(TypedDict):
    pairs: list[Pair]
    detectable: list[str]


class Direction(TypedDict):
    source: str
    target: str


class Model(TypedDict):
    id: str
    pairs: list[Direction]
    licence: str
    token_limit: int
    fingerprint: str
    loaded: bool
    quarantined: str | None
    """Why it is set aside."""


class Problem(TypedDict):
    folder: str
    reason: str


class Models(TypedDict):
    models: list[Model]
    problems: list[Problem]
    terms: dict[str, object]


class Range(TypedDict):
    value: float
    low: float
    high: float


class AmountRange(TypedDict):
    value: str
    low: str
    high: str


class Missing(TypedDict):
    source: str
    target: str
    segments: int
    characters: int
    reason: str


class Estimate(TypedDict):
    texts: int
    characters: int
    billed_characters: int
    unchanged_characters: int
    failed_characters: int
    segments: int
    repeats: int
    languages: dict[str, int]
    missing: list[Missing]
    currency: str
    price: str
    cost: AmountRange
    compute_seconds: Range
    seconds: Range


class Figures(TypedDict):
    requests: int
    characters: int
    translated_characters: int
    billed_characters: int
    unchanged_characters: int
    cached_characters: int
    failed_characters: int
    segments: int
    cached_segments: int
    source_tokens: int
    target_tokens: int
    compute_seconds: float
    price: str
    cost: str
    price_per_million: str | None
    cost_per_million: str | None


class Row(Figures):
    key: str


class Usage(TypedDict):
    tenant: str | None
    currency: str
    since: str | None
    until: str | None
    group_by: str | None
    headline: str
    totals: Figures
    rows: list[Row]
    other_currencies: list[str]


class Rate(TypedDict):
    segments: int
    count: int
    per_thousand: float | None
    low: float | None
    high: float | None


class Mean(TypedDict):
    segments: int
    mean: float | None
    low: float | None
    high: float | None


class JudgedFlag(TypedDict):
    flag: str
    now: Rate
    before: Rate
    verdict: str
    p: float | None


class JudgedConfidence(TypedDict):
    now: Mean
    before: Mean
    verdict: str
    p: float | None


class QualityGroup(TypedDict):
    key: str
    verdict: str
    segments: int
    segments_before: int
    characters: int
    fingerprints: list[str]
    fingerprints_before: list[str]
    model_changed: bool
    confidence_histogram: list[int]
    confidence_histogram_before: list[int]
    flags: list[JudgedFlag]
    confidence: JudgedConfidence | None


class RatedShare(TypedDict):
    share: float
    """0 to 1; `low` and `high` are its 95 % interval."""
    low: float
    high: float


class Ratings(TypedDict):
    source_language: str
    target_language: str
    models: list[str]
    rated: int
    effective: float
    """As many equally weighted ratings would say as much."""
    good: int
    minor: int
    major: int
    good_share: RatedShare
    major_share: RatedShare
    good_share_flagged: RatedShare | None
    """Of those that carried a doubt."""
    good_share_unflagged: RatedShare | None


class Quality(TypedDict):
    tenant: str | None
    since: str
    until: str
    baseline_days: int
    group_by: str
    pair: str | None
    model: str | None
    verdict: str
    error_rate: float
    comparisons: int
    groups: list[QualityGroup]
    ratings: list[Ratings]


class Done(TypedDict):
    total: int
    done: int


class Chunks(Done):
    failed: int


class Waiting(TypedDict):
    reason: str
    """`characters_per_minute`: the limit of the key or the tenant."""
    until: str


class Job(TypedDict):
    id: str
    state: Literal["queued", "running", "succeeded", "failed", "cancelled", "expired"]
    name: str | None
    format: str
    source: str | None
    target: str
    confidence: bool
    priority: Literal["high", "normal", "low"]
    memory: Literal["off", "exact"]
    created_at: str
    started_at: str | None
    finished_at: str | None
    expires_at: str | None
    segments: Done
    characters: Done
    chunks: Chunks
    eta_seconds: float | None
    waiting: Waiting | None
    """Why it stands still, where a limit slows it down."""
    flags: dict[str, int]
    billed_characters: int
    price: str
    cost: str
    currency: str
    compute_seconds: float
    load_seconds: float
    error: Fault | None


class Jobs(TypedDict):
    jobs: list[Job]


class FlaggedPlace(TypedDict):
    unit: int
    location: str
    start: int
    end: int
    source: str
    flags: list[str]
    translation_confidence: float | None
    error: str | None


class FailedChunk(TypedDict):
    chunk: int
    first: str
    last: str
    units: int
    code: str | None
    message: str | None


class JobReport(TypedDict):
    job: Job
    forecast: Estimate | None
    languages: dict[str, int]
    models: list[str]
    flagged: list[FlaggedPlace]
    failed_chunks: list[FailedChunk]


class StoredTerm(TypedDict):
    source: str
    target: str


class NewDictionary(TypedDict):
    """What is sent: `terms`, or `entries`, the text of a file, with its `format`."""

    source: str
    target: str
    terms: NotRequired[list[StoredTerm]]
    entries: NotRequired[str]
    format: NotRequired[Literal["tsv", "csv", "json", "tbx"]]


class GlossaryPair(TypedDict):
    source: str
    target: str
    terms: int
    """How many."""


class GlossarySummary(TypedDict):
    id: str
    name: str
    version: int
    created_at: str
    changed_at: str
    """When this version was made."""
    size: int
    """Terms, names and patterns."""
    pairs: list[GlossaryPair]


class StoredDictionary(TypedDict):
    source: str
    target: str
    terms: list[StoredTerm]


class Glossary(GlossarySummary):
    dictionaries: list[StoredDictionary]
    protected: list[str]
    patterns: list[str]


class Glossaries(TypedDict):
    glossaries: list[GlossarySummary]


class GlossaryVersions(TypedDict):
    versions: list[GlossarySummary]


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
