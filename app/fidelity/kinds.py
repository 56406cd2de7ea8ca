"""The kinds of doubt and the sentence that explains each."""

from collections.abc import Mapping
from types import MappingProxyType

FLAGS: Mapping[str, str] = MappingProxyType(
    {
        "currencies_differ": "A currency is missing, or one stands there that the source does not have.",
        "dates_differ": "A date, a month or a day of the week has no equal on the other side.",
        "emoji_differ": "The emoji of the translation are not those of the source.",
        "empty_translation": "The translation is empty although the source is not.",
        "ends_early": "The translation stops without a final mark although the source has one.",
        "identifiers_differ": (
            "A link, e-mail address, handle, placeholder, plate, postcode or other code did not survive exactly."
        ),
        "language_unexpected": "The translation seems to be in another language than the one asked for.",
        "length_unusual": "The translation is far longer or shorter than its source suggests.",
        "negation_lost": "The source denies (not, never, without, nobody) and the translation nowhere does.",
        "numbers_differ": "A number, or its minus, has no equal on the other side.",
        "repetition": "The translation repeats itself where the source does not.",
        "sentence_lost": "It has fewer sentences than the source, and is shorter by about as much: one may be missing.",
        "source_copied": "The translation is the source itself.",
        "symbol_lost": "A sign of the source, such as @, # or a control character, is missing.",
        "units_differ": "At the same number stands another unit or per cent on the other side, or none.",
        "words_copied": "Three words or more in a row stand there as in the source, untranslated.",
    }
)
