"""Every flag a segment or text can carry, and the sentence that explains it.

docs/flags.md lists them; a test keeps the two equal.
"""

from collections.abc import Mapping
from types import MappingProxyType

from app.documents.inline import FORMATTING_APPROXIMATE
from app.fidelity import FLAGS as FIDELITY

__all__ = ["FLAGS", "FORMATTING_APPROXIMATE"]

ALREADY_TARGET = "already_target"
NO_LANGUAGE = "no_language"
LEFT_UNTRANSLATED = "left_untranslated"
DETECTION_DOUBTFUL = "detection_doubtful"
MIXED_LANGUAGES = "mixed_languages"
TRUNCATED = "truncated"
UNKNOWN_CHARACTERS = "unknown_characters"
SPLIT_LONG = "split_long"
SYMBOL_RESTORED = "symbol_restored"
RECASED = "recased"
EXPANDED = "expanded"
INFORMAL = "informal"
GLOSSARY_MISSED = "glossary_missed"
REPAIRED = "repaired"
LOW_CONFIDENCE = "low_confidence"
MEMORY = "memory"

FACTS = frozenset({ALREADY_TARGET, NO_LANGUAGE, MEMORY, RECASED, EXPANDED, REPAIRED})
"""They say how an answer came about. All others are doubts: the review queue holds segments with one of them."""

FLAGS: Mapping[str, str] = MappingProxyType(
    {
        ALREADY_TARGET: "Passed through unchanged: it is in the target language already.",
        NO_LANGUAGE: "Passed through unchanged: it holds no words (numbers, identifiers, symbols, white space).",
        LEFT_UNTRANSLATED: "Stands as it was written: no model for its language, or the model gave nothing.",
        DETECTION_DOUBTFUL: "The language was detected with a probability below 0.8.",
        MIXED_LANGUAGES: (
            "Passed through unchanged as in the target language, though several words in a row are of another."
        ),
        TRUNCATED: "The model was still writing when it met its length limit; the end is missing.",
        UNKNOWN_CHARACTERS: "Holds characters that the model has never seen; they may be missing.",
        MEMORY: "A person's correction of this very text, out of the tenant's memory, in place of a model's answer.",
        RECASED: "Written in capitals, which models misread: it was translated in sentence case, then put back.",
        EXPANDED: (
            "Written in abbreviations of chat, which models do not know: it was translated with them written out."
        ),
        INFORMAL: (
            "Looks like chat that is in no table here, or was written out by a guess: `tb` may be a unit. "
            "Models answer such abbreviations with anything."
        ),
        LOW_CONFIDENCE: "The model itself was so unsure that the translation is as likely as not a poor one.",
        REPAIRED: "The first answer raised a doubt; another, got in a different way, cleared it and took its place.",
        SPLIT_LONG: "Longer than the model takes: it was cut at clause marks or spaces and translated in parts.",
        SYMBOL_RESTORED: (
            "The model mangled an address, a telephone number or a sum, or wrote another currency than the only one "
            "of the source; the source's own was put back."
        ),
        GLOSSARY_MISSED: (
            "A term of the glossary, or a text that was to stand as it is, could not be put in without harm; "
            "the sentence was translated without it."
        ),
        FORMATTING_APPROXIMATE: "Bold, links or other formatting within it may stand in the wrong place.",
        **FIDELITY,
    }
)
