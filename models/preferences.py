"""What the operator says about routes: rules for pairs, what a further hop costs, who may use which model.

A TOML file, docs/models.md shows one.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from models.contracts import InvalidRoutes, LanguagePair
from models.language import normalise

DIRECT = "direct"
"""As a pivot: none."""
HOP_PENALTY = 0.95
MOST_HOPS = 2


@dataclass(frozen=True, slots=True)
class Rule:
    """Of one pair: the models to use, or the language to pivot over."""

    models: tuple[str, ...] = ()
    via: str | None = None


@dataclass(frozen=True, slots=True)
class Preferences:
    hop_penalty: float = HOP_PENALTY
    """Factor on a route's quality for each hop after the first, 0 to 1: what the product of chrF does not show."""
    group_last: bool = False
    """Models for several pairs serve only where no model for one pair does; else scores decide."""
    rules: Mapping[LanguagePair, Rule] = field(default_factory=dict)
    tenants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Patterns of the model ids that a tenant may use; one that is not named may use all."""

    def patterns(self, tenant: str) -> tuple[str, ...] | None:
        """None: every model."""
        return self.tenants.get(tenant)


def allows(patterns: tuple[str, ...] | None, model: str) -> bool:
    return patterns is None or any(fnmatchcase(model, pattern) for pattern in patterns)


def read_preferences(file: Path | None) -> Preferences:
    """Those of no file are the defaults. Raises InvalidRoutes that names the file and what is wrong."""
    if file is None:
        return Preferences()
    try:
        return _parse(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise InvalidRoutes(f"The routes file {file} cannot be read: {error.strerror}.") from error
    except RecursionError:
        raise InvalidRoutes(f"The routes file {file} is not right: it nests too deeply.") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidRoutes(f"The routes file {file} is not right: {error}") from error


def _parse(raw: dict[str, Any]) -> Preferences:
    _only(raw, {"hop_penalty", "group_models", "routes", "tenants"}, "the file")
    penalty = float(raw.get("hop_penalty", HOP_PENALTY))
    group = raw.get("group_models", "score")
    if not 0 < penalty <= 1:
        raise ValueError("hop_penalty is not over 0 and up to 1")
    if group not in ("score", "last"):
        raise ValueError('group_models is neither "score" nor "last"')
    return Preferences(
        penalty,
        group == "last",
        {_pair(name): _rule(name, each) for name, each in raw.get("routes", {}).items()},
        {name: _patterns(name, each) for name, each in raw.get("tenants", {}).items()},
    )


def _rule(name: str, raw: dict[str, Any]) -> Rule:
    _only(raw, {"models", "via"}, f"routes.{name}")
    if len(raw) != 1:
        raise ValueError(f"routes.{name} wants either models or via")
    if "via" in raw:
        return Rule(via=DIRECT if raw["via"] == DIRECT else normalise(raw["via"]))
    models = _strings(raw["models"], f"routes.{name}.models")
    if not 1 <= len(models) <= MOST_HOPS:
        raise ValueError(f"routes.{name}.models names neither one model nor two")
    return Rule(models=models)


def _patterns(name: str, raw: dict[str, Any]) -> tuple[str, ...]:
    _only(raw, {"models"}, f"tenants.{name}")
    return _strings(raw["models"], f"tenants.{name}.models")


def _strings(raw: object, place: str) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(each, str) for each in raw):
        raise TypeError(f"{place} is not a list of model ids")
    return tuple(raw)


def _pair(name: str) -> LanguagePair:
    source, _, target = name.partition("-")
    try:
        return LanguagePair(normalise(source), normalise(target))
    except ValueError:
        raise ValueError(f"routes.{name} is not named after two languages, such as routes.hu-pt") from None


def _only(raw: dict[str, Any], known: set[str], place: str) -> None:
    strange = sorted(set(raw) - known)
    if strange:
        raise ValueError(f"{place} has {strange[0]!a}, which is none of {', '.join(sorted(known))}")
