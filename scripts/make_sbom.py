"""Print the software bill of materials of the image: CycloneDX 1.6, from the lock file and the models' cards.

    python scripts/make_sbom.py [--python 3.11] > sbom.cdx.json

The same lock and models give the same bytes: no time, no random number. Packages for other platforms than Linux on
x86-64 are left out. It needs `packaging`, which hatchling brings.
"""

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

sys.path.insert(0, str(Path(__file__).parents[1]))

from app.transparency.bill import bill, model, package, product

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
PINNED = re.compile(r"^([A-Za-z0-9._-]+(?:\[[a-z,]+\])?==.+?)(?: \\)?$", re.MULTILINE)


def made(python: str) -> dict[str, Any]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return bill(product(project["version"], project["license"]), [*_packages(python), *_models()])


def _packages(python: str) -> Iterator[dict[str, Any]]:
    place = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": "x86_64",
        "os_name": "posix",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    for line in PINNED.findall(LOCK.read_text()):
        wanted = Requirement(line)
        if wanted.marker is None or wanted.marker.evaluate({**place, "extra": ""}):
            yield package(canonicalize_name(wanted.name), str(wanted.specifier).removeprefix("=="))


def _models() -> Iterator[dict[str, Any]]:
    for file in sorted((ROOT / "models" / "starter").glob("*/card.json")):
        card = json.loads(file.read_text(encoding="utf-8"))
        yield model(
            card["id"],
            attribution=card["attribution"],
            licence=card["licence"],
            sha256=card["sha256"]["model.bin"],
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", default="3.11", help="minor version that the image runs")
    sys.stdout.write(json.dumps(made(parser.parse_args().python), indent=2) + "\n")
