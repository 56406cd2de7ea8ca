"""What the API answers, as the client hands it on: the JSON itself, with names and types.

A test holds every field here against the API's description. A field that a later service adds is handed on too.
"""

from app.client.answers.checks import Checks, Detection, Detections, Finding, Findings, Guess, ToCheck
from app.client.answers.estimates import AmountRange, Estimate, Missing, Range
from app.client.answers.glossaries import (
    Glossaries,
    Glossary,
    GlossaryPair,
    GlossarySummary,
    GlossaryVersions,
    NewDictionary,
    StoredDictionary,
    StoredTerm,
)
from app.client.answers.jobs import Chunks, Done, FailedChunk, FlaggedPlace, Job, JobReport, Jobs, Waiting
from app.client.answers.models import Direction, Languages, Model, Models, Pair, Problem
from app.client.answers.quality import (
    JudgedConfidence,
    JudgedFlag,
    Mean,
    Quality,
    QualityGroup,
    Rate,
    RatedShare,
    Ratings,
)
from app.client.answers.routing import ChosenBy, ChosenModel, Compared, Routing
from app.client.answers.statements import Signature, Statement, StatementKey
from app.client.answers.translations import (
    Charge,
    Fault,
    GlossaryUsed,
    Hop,
    Repair,
    Segment,
    Term,
    Translation,
    Translations,
)
from app.client.answers.usage import Figures, Row, Usage

__all__ = [
    "AmountRange",
    "Charge",
    "Checks",
    "ChosenBy",
    "ChosenModel",
    "Chunks",
    "Compared",
    "Detection",
    "Detections",
    "Direction",
    "Done",
    "Estimate",
    "FailedChunk",
    "Fault",
    "Figures",
    "Finding",
    "Findings",
    "FlaggedPlace",
    "Glossaries",
    "Glossary",
    "GlossaryPair",
    "GlossarySummary",
    "GlossaryUsed",
    "GlossaryVersions",
    "Guess",
    "Hop",
    "Job",
    "JobReport",
    "Jobs",
    "JudgedConfidence",
    "JudgedFlag",
    "Languages",
    "Mean",
    "Missing",
    "Model",
    "Models",
    "NewDictionary",
    "Pair",
    "Problem",
    "Quality",
    "QualityGroup",
    "Range",
    "Rate",
    "RatedShare",
    "Ratings",
    "Repair",
    "Routing",
    "Row",
    "Segment",
    "Signature",
    "Statement",
    "StatementKey",
    "StoredDictionary",
    "StoredTerm",
    "Term",
    "ToCheck",
    "Translation",
    "Translations",
    "Usage",
    "Waiting",
]
