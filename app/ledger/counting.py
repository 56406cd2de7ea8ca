"""The one counting rule: what is billed is the number of Unicode code points of exactly what was sent.

Markup and white space included, nothing normalised. The other figures are kept so that the bill of any
vendor, whatever its unit, can be recomputed.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    characters: int = 0
    """Unicode code points: the figure that is billed."""

    characters_without_markup: int = 0
    utf16_units: int = 0
    utf8_bytes: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            characters=self.characters + other.characters,
            characters_without_markup=self.characters_without_markup + other.characters_without_markup,
            utf16_units=self.utf16_units + other.utf16_units,
            utf8_bytes=self.utf8_bytes + other.utf8_bytes,
        )

    def __sub__(self, other: "Counts") -> "Counts":
        return Counts(
            characters=self.characters - other.characters,
            characters_without_markup=self.characters_without_markup - other.characters_without_markup,
            utf16_units=self.utf16_units - other.utf16_units,
            utf8_bytes=self.utf8_bytes - other.utf8_bytes,
        )


def count(text: str) -> Counts:
    """The counts of plain text, which has no markup."""
    if text.isascii():
        return Counts(len(text), len(text), len(text), len(text))
    return Counts(
        characters=len(text),
        characters_without_markup=len(text),
        utf16_units=len(text.encode("utf-16-le", "surrogatepass")) // 2,
        utf8_bytes=len(text.encode("utf-8", "surrogatepass")),
    )
