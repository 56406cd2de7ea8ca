import pytest

from app.detection import Detector


@pytest.fixture(scope="session")
def detector() -> Detector:
    return Detector()
