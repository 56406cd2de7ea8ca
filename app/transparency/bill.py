"""A software bill of materials in CycloneDX 1.6. The same components give the same bytes: no time, no random number.

`installed` tells of the packages and models of this very installation; scripts/make_sbom.py of what the lock file will
install. Only the standard library is imported here, because that script runs where nothing is installed.
"""

import json
import re
import tomllib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.card import ModelCard

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://cyclonedx.org/schema/bom-1.6.schema.json")
_PRODUCT = "dragoman"
_SOURCE = Path(__file__).parents[2] / "pyproject.toml"
_REQUIREMENT = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")
_OF_A_CLASSIFIER = "License :: OSI Approved :: "
_LONGEST = 200
"""Characters of a licence's name; some packages put the whole text there."""


def bill(product: dict[str, Any], components: Sequence[dict[str, Any]]) -> dict[str, Any]:
    content = json.dumps(components, sort_keys=True)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, content)}",
        "version": 1,
        "metadata": {"component": product},
        "components": list(components),
        "dependencies": [{"ref": product["bom-ref"], "dependsOn": [each["bom-ref"] for each in components]}],
    }


def product(version: str, licence: str) -> dict[str, Any]:
    return {
        "type": "application",
        "bom-ref": _PRODUCT,
        "name": _PRODUCT,
        "version": version,
        "licenses": [{"license": {"id": licence}}],
    }


def package(name: str, version: str) -> dict[str, Any]:
    address = f"pkg:pypi/{name}@{version}"
    return {"type": "library", "bom-ref": address, "name": name, "version": version, "purl": address}


def model(name: str, *, attribution: str, licence: str, sha256: str | None) -> dict[str, Any]:
    hashes = {} if sha256 is None else {"hashes": [{"alg": "SHA-256", "content": sha256}]}
    return {
        "type": "machine-learning-model",
        "bom-ref": name,
        "name": name,
        "description": attribution,
        "licenses": [{"license": {"name": licence}}],
        **hashes,
    }


def installed(version: str, cards: "Iterable[ModelCard]") -> dict[str, Any]:
    """Of the packages that Dragoman needs and that are here, with the licences that they declare, and the models."""
    licence, requirements = _own()
    packages = [_declared(each) for _, each in sorted(_needed(requirements).items())]
    weights = [
        model(
            card.id,
            attribution=card.attribution,
            licence=card.licence,
            sha256=card.sha256.get("model.bin"),
        )
        for card in sorted(cards, key=lambda card: card.id)
    ]
    return bill(product(version, licence), [*packages, *weights])


def _own() -> tuple[str, list[str]]:
    """Dragoman's licence and requirements: as installed, or of a source tree what they would be made of."""
    try:
        here = distribution(_PRODUCT)
    except PackageNotFoundError:
        project = tomllib.loads(_SOURCE.read_text(encoding="utf-8"))["project"]
        return project["license"], project["dependencies"]
    return here.metadata["License-Expression"], here.requires or []


def _needed(requirements: Iterable[str]) -> dict[str, Distribution]:
    """By name: what is required, and what that requires, as far as it is installed."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = list(_asked(requirements, frozenset()))
    while waiting:
        name, extras = wanted = waiting.pop()
        if wanted in seen:
            continue
        seen.add(wanted)
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:  # for another platform, or optional
            continue
        waiting += _asked(found[name].requires or (), extras)
    return found


def _asked(requirements: Iterable[str], extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Names, and the extras wanted of each."""
    for line in requirements:
        requirement, _, marker = line.partition(";")
        asked = _EXTRA.search(marker)
        match = _REQUIREMENT.match(requirement)
        if match is not None and (asked is None or asked[1] in extras):
            more = frozenset(filter(None, (each.strip() for each in (match[2] or "").split(","))))
            yield _canonical(match[1]), more


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _declared(here: Distribution) -> dict[str, Any]:
    name = _canonical(here.metadata["Name"])
    said = _licence(here)
    return {**package(name, here.version), **({} if said is None else {"licenses": [said]})}


def _licence(here: Distribution) -> dict[str, Any] | None:
    """None: the package's own metadata does not say."""
    expression = _told(here, "License-Expression")
    if expression:
        return {"expression": expression}
    classifiers = here.metadata.get_all("Classifier") or []
    named = [each.removeprefix(_OF_A_CLASSIFIER) for each in classifiers if each.startswith(_OF_A_CLASSIFIER)]
    told = " / ".join(named) or _told(here, "License").partition("\n")[0][:_LONGEST]
    return {"license": {"name": told}} if told else None


def _told(here: Distribution, name: str) -> str:
    return str(here.metadata[name]).strip() if name in here.metadata else ""
