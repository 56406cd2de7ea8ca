import os
from pathlib import Path

import pytest

from app.detection import Detector


@pytest.fixture(scope="session")
def detector() -> Detector:
    return Detector()


@pytest.fixture(scope="session")
def flores() -> Path:
    """FLORES lies beside the checkout; a worktree finds it by DRAGOMAN_SHARED or at /work/shared."""
    named = os.environ.get("DRAGOMAN_SHARED")
    places = [Path(named)] if named else []
    places += [Path(__file__).parents[4] / "shared", Path("/work/shared")]
    for place in places:
        if (place / "data" / "flores" / "eng.txt").exists():
            return place / "data" / "flores"
    pytest.skip("no ../shared/data/flores")
