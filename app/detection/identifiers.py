"""What is written in letters and is no language: addresses, handles, plates, postcodes, keys."""

import re

# Quantifiers are bounded so that a megabyte without a space costs linear time.
_ADDRESS = re.compile(
    r"""
    (?<![^\W_]) (?: [a-z][a-z0-9+.-]{1,15}:// | www\. ) \S{1,2048}           # https://..., www....
    | (?<![\w.+%-]) [\w.+%-]{1,64} @ [\w-]{1,63} (?: \. [\w-]{1,63} ){1,8}   # someone@example.org
    | (?<![\w.-]) (?: [\w-]{1,63} \. ){1,8}                                 # example.org, example.org/path
      (?: com | org | net | gov | edu | info | biz | io | eu | uk | ie | pt | br )
      (?: / \S{0,2048} | (?!\w) )
    | (?<![^\W_]) [a-z]:\\ \S{1,1024}                                        # C:\folder
    | (?<!\w) [@\#] \w{1,140}                                               # @handle, #tag
    """,
    re.VERBOSE | re.IGNORECASE,
)
_KEY = re.compile(
    r"""
    (?<!\w) [0-9a-f]{4,16} (?: - [0-9a-f]{4,16} ){2,7} (?!\w)                # a UUID
    | (?<!\w) (?: [a-z]{2} \d{2} [ ]? [a-z]{3} | [a-z] \d{1,3} [ ]? [a-z]{3} | [a-z]{3} [ ]? \d{1,3} [a-z] ) (?!\w)
    | (?<!\w) (?: [a-z]{2} | \d{2} ) (?: [-\u00b7] (?: [a-z]{2} | \d{2} ) ){2} (?!\w)  # AA-12-BB (Portugal)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"""
    (?<![\w/-]) (?= [A-Z0-9/-]{0,40} [0-9] ) (?= [A-Z0-9/-]{0,40} [A-Z] )
    [A-Z0-9]{1,16} (?: [-/] [A-Z0-9]{1,16} ){1,8} (?!\w)                    # REF-2024/113, ABC-1234
    """,
    re.VERBOSE,
)
# A token of ASCII letters and digits together, optionally with the rest of the base64 alphabet: AB12, 9f8a3c, aGk9+/=.
_MIXED = re.compile(r"(?<![\w+/=])(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9][A-Za-z0-9+/=_]*")
_LONG_TOKEN = re.compile(r"(?<!\w)[A-Za-z0-9+/=_-]{24,}")
_CAPITAL_INSIDE = re.compile(r"[a-z][A-Z]")


# What an address cannot be without, and the others without a digit: most sentences hold neither, and this says so in a
# tenth of the time.
_MAYBE_ADDRESS = re.compile(r"[@#]|:[/\\]|\.\S")
_DIGIT = re.compile(r"\d")


def strip_identifiers(text: str) -> str:
    """`text` with each identifier replaced by a space; what remains may still hold digits and signs."""
    if _MAYBE_ADDRESS.search(text):
        text = _ADDRESS.sub(" ", text)
    digits = _DIGIT.search(text) is not None
    if digits:
        text = _KEY.sub(_space_if_mixed, text)
        text = _REFERENCE.sub(" ", text)
    text = _LONG_TOKEN.sub(_space_if_encoded, text)
    return _MIXED.sub(" ", text) if digits else text


def _space_if_mixed(match: re.Match[str]) -> str:
    found = match.group()
    return " " if any(c.isdigit() for c in found) else found


def _space_if_encoded(match: re.Match[str]) -> str:
    """Base64 switches case inside a token again and again; words do not."""
    found = match.group()
    return " " if len(_CAPITAL_INSIDE.findall(found)) >= 3 else found
