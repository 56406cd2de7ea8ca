"""What HTTP does to text in headers."""


def utf8(header: str | None) -> str | None:
    """HTTP hands headers over as Latin-1, whatever their sender meant."""
    if header is None:
        return None
    try:
        return header.encode("latin-1").decode()
    except UnicodeDecodeError:
        return header
