"""Known vulnerabilities of the packages in lock files, from a copy of OSV's list on disk; asks no network.

    python scripts/audit.py all.zip requirements.lock ...

`all.zip` is https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip. Exits 1 where there are any, 2 where the
list cannot be read.
"""

import json
import re
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

OLD_DAYS = 14
"""OSV's list changes every day."""
LINE = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")


def locked(file: Path) -> dict[str, str]:
    """Versions by canonical names."""
    lines = file.read_text(encoding="utf-8").splitlines()
    found = filter(None, map(LINE.match, lines))
    return {canonicalize_name(each[1]): each[2] for each in found}


def advisories(archive: Path) -> Iterator[dict[str, Any]]:
    with zipfile.ZipFile(archive) as opened:
        for name in opened.namelist():
            if name.endswith(".json"):
                yield json.loads(opened.read(name))


def affected(advisory: dict[str, Any], packages: dict[str, str]) -> Iterator[str]:
    """Names of those of `packages` whose version it is about."""
    if "withdrawn" in advisory:
        return
    for each in advisory.get("affected", []):
        name = canonicalize_name(each["package"]["name"])
        version = packages.get(name)
        if version is None or each["package"]["ecosystem"] != "PyPI":
            continue
        if version in each.get("versions", []) or any(_within(version, found) for found in _ranges(each)):
            yield name


def _ranges(package: dict[str, Any]) -> list[list[dict[str, str]]]:
    return [each["events"] for each in package.get("ranges", []) if each["type"] == "ECOSYSTEM"]


def _within(version: str, events: list[dict[str, str]]) -> bool:
    """Events in their order: introduced, then fixed or the last affected; any number of times."""
    here, inside = Version(version), False
    try:
        for event in events:
            if "introduced" in event:
                inside = inside or event["introduced"] == "0" or here >= Version(event["introduced"])
            elif "fixed" in event:
                inside = inside and here < Version(event["fixed"])
            elif "last_affected" in event:
                inside = inside and here <= Version(event["last_affected"])
    except InvalidVersion:
        return True  # what cannot be compared is for a person to look at
    return inside


def _aged(newest: str) -> str:
    """What the list says of its own age: its newest advisory was changed then."""
    try:
        made = datetime.fromisoformat(newest).date()
    except ValueError:
        return "The list does not say how old it is."
    days = (datetime.now(UTC).date() - made).days
    warning = f" WARNING: that is {days} days ago; fetch a newer one." if days > OLD_DAYS else ""
    return f"The list is of {made}.{warning}"


def main(archive: str, *locks: str) -> int:
    packages = {name: version for lock in locks for name, version in locked(Path(lock)).items()}
    looked, newest = 0, ""
    found = []
    try:
        for advisory in advisories(Path(archive)):
            looked += 1
            newest = max(newest, str(advisory.get("modified", "")))
            found += [(name, advisory) for name in affected(advisory, packages)]
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        print(f"The list {archive} cannot be read: {error}", file=sys.stderr)
        return 2
    for name, advisory in found:
        print(f"{name} {packages[name]}: {advisory['id']} {advisory.get('summary', '')}".rstrip())
    print(f"{len(packages)} packages, {looked} advisories, {len(found)} found. {_aged(newest)}")
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
