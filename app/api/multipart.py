"""The texts of a multipart form that is in memory, as far as it has come; files are left to the framework's parser."""

from python_multipart.multipart import parse_options_header

from app.errors import TooLarge

KIND = "multipart/form-data"
MOST = 10_000
"""Parts of one form: each costs some microseconds."""


def is_multipart(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == KIND


def texts(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """Names and values, in order. A part that was cut off is left out.

    Raises TooLarge, and ValueError for a text that is not in UTF-8.
    """
    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        return []
    if body.count(boundary) > MOST:
        raise TooLarge(f"The form has more than {MOST} parts.")
    # What follows the last boundary is the end, or a part that is not whole.
    parts = (b"\r\n" + body).split(b"\r\n--" + boundary)[1:-1]
    return [found for part in parts if (found := _text(part)) is not None]


def _text(part: bytes) -> tuple[str, str] | None:
    head, _, value = part.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        name, _, said = line.partition(b":")
        if name.strip().lower() == b"content-disposition":
            options = parse_options_header(said.strip())[1]
            if b"name" in options and b"filename" not in options:
                return options[b"name"].decode(), value.decode()
    return None
