"""Libraries that are not installed with the service."""

import pytest

from app.bulk.extras import extra
from app.errors import ConfigurationError


def test_what_is_missing_is_named_with_how_to_get_it() -> None:
    with pytest.raises(
        ConfigurationError, match=r"Parquet needs the package nothing_such: pip install 'dragoman\[bulk\]'"
    ):
        extra("nothing_such.parquet", "Parquet")
