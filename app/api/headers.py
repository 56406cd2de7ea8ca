"""What HTTP does to text in headers, and what every answer tells a browser to keep to."""

GUARDS = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)
"""Of every answer that does not say otherwise itself, as the web form's pages do."""


def utf8(header: str | None) -> str | None:
    """HTTP hands headers over as Latin-1, whatever their sender meant."""
    if header is None:
        return None
    try:
        return header.encode("latin-1").decode()
    except UnicodeDecodeError:
        return header
