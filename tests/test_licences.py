"""Nothing that serving installs is under a licence that would bind its users."""

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
REFUSED = re.compile(r"\b(AGPL|GPL|GNU (Affero )?General Public)", re.IGNORECASE)
LESSER = re.compile(r"\b(LGPL|Lesser General Public)", re.IGNORECASE)


def _locked() -> list[str]:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return sorted({line.split("==")[0] for line in lines if "==" in line})


def _licence(name: str) -> str:
    found = metadata(name)
    stated = [*(found.get_all("License-Expression") or []), *(found.get_all("License") or [])]
    classifiers = [each for each in found.get_all("Classifier") or [] if each.startswith("License")]
    return " ".join([*stated, *classifiers])


@pytest.mark.parametrize("name", _locked())
def test_a_locked_package_is_permissively_licensed(name: str) -> None:
    try:
        licence = _licence(name)
    except PackageNotFoundError:
        pytest.skip(f"{name} is for another platform")

    assert licence.strip(), f"{name} states no licence"
    assert not REFUSED.search(LESSER.sub("", licence)), f"{name}: {licence[:80]}"
    assert not LESSER.search(licence) or name in (ROOT / "NOTICE").read_text()
