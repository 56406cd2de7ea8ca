"""Emoji sequences, as one pattern: a model's vocabulary has none of them, so they travel outside of it.

Blocks by Unicode's emoji-data.txt (Emoji and Extended_Pictographic). Signs that are text unless U+FE0F
follows (©, ™, arrows) count only with it; a digit only as a keycap.
"""

import re

_PICTURE = (
    "\u231a\u231b\u2328\u23cf\u23e9-\u23f3\u23f8-\u23fa\u25fb-\u25fe\u2600-\u275a\u275f-\u2767\u2795-\u2797"
    "\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55\U0001f000-\U0001f0ff\U0001f170-\U0001f171\U0001f17e\U0001f17f\U0001f18e"
    "\U0001f191-\U0001f1ff\U0001f201-\U0001f6ff\U0001f780-\U0001faff"
)
_TEXT_UNLESS_SELECTED = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u24c2\u25a0-\u25ff\u27a1\u2934\u2935\u2b05-\u2b07"
    "\u3030\u303d\u3297\u3299"
)
_MODIFIERS = "[\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
_ONE = f"(?:[{_PICTURE}]|[{_TEXT_UNLESS_SELECTED}]\ufe0f|[0-9#*]\ufe0f?\u20e3){_MODIFIERS}"

# Two regional indicators make one flag; they lie inside _PICTURE singly, so they are tried first.
EMOJI_PATTERN = f"(?:[\U0001f1e6-\U0001f1ff]{{2}}|{_ONE}(?:\u200d{_ONE})*)"
EMOJI = re.compile(EMOJI_PATTERN)

# One of these stands in every emoji; searching for one character is eight times cheaper than for a sequence.
PICTORIAL = re.compile(f"[{_PICTURE}\ufe0f\u20e3]")
