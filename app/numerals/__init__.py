"""Numbers as they are written, read so that locales compare equal: 1.700,50 is 1,700.50 and 14h35 is 2:35 p.m.

Lenient where languages differ (number words, Roman centuries, decades, clock, scale) and strict in the digits.
Words are known in English and Portuguese; number words from one to twelve.
"""

from app.numerals.clock import late_twins
from app.numerals.comparing import figures, unequal
from app.numerals.malformed import restore_figures
from app.numerals.reading import Number, Numbered, numbers
from app.numerals.wording import in_roman

__all__ = ["Number", "Numbered", "figures", "in_roman", "late_twins", "numbers", "restore_figures", "unequal"]
