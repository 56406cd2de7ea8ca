"""The quality report: counts of days, put in groups, now and in the time before, and what changed. Blocking."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import RowMapping, func, select

from app.errors import InvalidRequest
from app.flags import LOW_CONFIDENCE
from app.plan import UNDETERMINED
from app.quality.drift import ANY_DOUBT, CONFIDENCE, Figure, Verdict, figures, judged, worst
from app.quality.statistics import Day
from app.quality.tables import counts
from app.quality.tally import BIN, BINS, CHARACTERS, DOUBTFUL, FLAG, PER_MILLE, SCORED, SEGMENTS, SQUARES, SUM
from app.storage.engine import Database
from app.validation import language_code

GroupBy = Literal["route", "pair", "model", "tenant", "week", "month"]
NOW: dict[GroupBy, int] = {"week": 84, "month": 365}
"""Days up to today that are shown unless asked otherwise; 7 where it is not named."""
BASELINE = 28
"""Days before, unless asked otherwise."""
LONGEST = 3660
_EPOCH = date(1970, 1, 1).toordinal()
_Counts = Mapping[int, Counter[str]]
"""By day since 1970."""


@dataclass(frozen=True, slots=True)
class Asked:
    since: date
    """The first day of now; `until` is the last. UTC."""
    until: date
    baseline: int = BASELINE
    """Days before the first that it is compared with; before each week or month, where those are the groups."""
    by: GroupBy = "route"
    tenant: str | None = None
    """None: every tenant's."""
    pair: tuple[str, str] | None = None
    model: str | None = None
    """An id; segments that went through it, alone or on the way."""

    @property
    def first(self) -> date:
        """Of the days it looks at."""
        return self.since - timedelta(days=self.baseline)

    def __post_init__(self) -> None:
        """Raises InvalidRequest."""
        if self.since > self.until:
            raise InvalidRequest("`since` is after `until`. Swap them.")
        if not 1 <= self.baseline <= LONGEST or (self.until - self.since).days > LONGEST:
            raise InvalidRequest(
                f"Neither the time asked for nor the one before is longer than {LONGEST:,} days."
            )


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    segments: int
    segments_before: int
    characters: int
    fingerprints: tuple[str, ...]
    """Of models, now; those before that it was compared with are `fingerprints_before`."""
    fingerprints_before: tuple[str, ...]
    histogram: tuple[int, ...]
    """Segments by confidence, from 0 to 1 in equal steps, where it was asked for."""
    histogram_before: tuple[int, ...]
    figures: tuple[Figure, ...]

    @property
    def verdict(self) -> Verdict:
        return worst([each.verdict for each in self.figures])

    @property
    def model_changed(self) -> bool:
        return bool(self.fingerprints_before) and not {*self.fingerprints} <= {*self.fingerprints_before}


@dataclass(frozen=True, slots=True)
class QualityReport:
    asked: Asked
    groups: tuple[Group, ...]
    """The one with most segments first, or in order of time."""

    @property
    def verdict(self) -> Verdict:
        return worst([each.verdict for each in self.groups])

    @property
    def comparisons(self) -> int:
        return sum(figure.compared is not None for group in self.groups for figure in group.figures)


@dataclass(slots=True)
class _Sums:
    """Of one group in the making."""

    days: defaultdict[int, Counter[str]]
    prints: defaultdict[int, set[str]]


def asked_for(today: date, *, since: date | None = None, until: date | None = None, **more: Any) -> Asked:
    """With what was left out. `more`: of Asked. Raises InvalidRequest."""
    last = until or today
    return Asked(since or last - timedelta(days=NOW.get(more.get("by", "route"), 7) - 1), last, **more)


def pair_of(written: str) -> tuple[str, str]:
    """Of `pt-en`. Raises InvalidRequest and UnknownLanguage."""
    source, dash, target = written.partition("-")
    if not dash:
        raise InvalidRequest("A pair is two language codes with a dash between them, as in pt-en.")
    return source if source == UNDETERMINED else language_code(source), language_code(target)


def quality(database: Database, asked: Asked) -> QualityReport:
    found: defaultdict[str, _Sums] = defaultdict(lambda: _Sums(defaultdict(Counter), defaultdict(set)))
    key = _KEYS[asked.by]
    for row in _rows(database, asked):
        models: list[str] = json.loads(row["models"])
        if not _wanted(asked, models):
            continue
        mine = found[key(row, models)]
        mine.days[row["day"]][row["what"]] += int(row["total"])
        mine.prints[row["day"]].update(json.loads(row["fingerprints"]))
    groups = list(_periods(found[""], asked) if asked.by in ("week", "month") else _groups(found, asked))
    every = iter(judged([figure for group in groups for figure in group.figures]))
    return QualityReport(
        asked, tuple(replace(each, figures=tuple(next(every) for _ in each.figures)) for each in groups)
    )


def _rows(database: Database, asked: Asked) -> Sequence[RowMapping]:
    columns = [counts.c[name] for name in ("day", "source", "target", "models", "fingerprints", "what")]
    if asked.by == "tenant":
        columns.append(counts.c.tenant)
    query = select(*columns, func.sum(counts.c["count"]).label("total")).where(
        counts.c.day >= _day(asked.since) - asked.baseline, counts.c.day <= _day(asked.until)
    )
    if asked.tenant is not None:
        query = query.where(counts.c.tenant == asked.tenant)
    if asked.pair is not None:
        query = query.where(counts.c.source == asked.pair[0], counts.c.target == asked.pair[1])
    with database.read() as connection:
        return connection.execute(query.group_by(*columns)).mappings().all()


def _wanted(asked: Asked, models: Sequence[str]) -> bool:
    """What no model translated is no model's, but a part of its pair, tenant and time."""
    if asked.model is not None and asked.model not in models:
        return False
    return bool(models) or asked.by not in ("route", "model")


def _groups(found: Mapping[str, _Sums], asked: Asked) -> list[Group]:
    made = [_group(key, sums, _day(asked.since), _day(asked.until), asked) for key, sums in found.items()]
    return sorted((each for each in made if each.segments), key=lambda each: (-each.segments, each.key))


def _periods(sums: _Sums, asked: Asked) -> Iterator[Group]:
    """A week or month each, those at the ends as far as they were asked for."""
    name = _week if asked.by == "week" else _month
    first = asked.since
    while first <= asked.until:
        last = first
        while last < asked.until and name(last + timedelta(days=1)) == name(first):
            last += timedelta(days=1)
        made = _group(name(first), sums, _day(first), _day(last), asked)
        if made.segments:
            yield made
        first = last + timedelta(days=1)


def _group(key: str, sums: _Sums, first: int, last: int, asked: Asked) -> Group:
    now = {day: each for day, each in sums.days.items() if first <= day <= last}
    before = {day: each for day, each in sums.days.items() if first - asked.baseline <= day < first}
    return Group(
        key,
        _total(now, SEGMENTS),
        _total(before, SEGMENTS),
        _total(now, CHARACTERS),
        _prints(sums, now),
        _prints(sums, before),
        _histogram(now),
        _histogram(before),
        tuple(figures(*_series(now, before))),
    )


def _series(now: _Counts, before: _Counts) -> tuple[dict[str, list[Day]], dict[str, list[Day]]]:
    """Days of each flag that either has, of any doubt, and of confidence where either has it."""
    said = {what for days in (now, before) for day in days.values() for what in day}
    flags = sorted(what.removeprefix(FLAG) for what in said if what.startswith(FLAG))
    names = [ANY_DOUBT, *flags, *([CONFIDENCE] if SCORED in said else [])]
    return {name: _days(now, name) for name in names}, {name: _days(before, name) for name in names}


def _days(found: _Counts, name: str) -> list[Day]:
    if name == CONFIDENCE:
        return [
            Day(each[SCORED], each[SUM] / PER_MILLE, each[SQUARES] / PER_MILLE**2) for each in found.values()
        ]
    what = DOUBTFUL if name == ANY_DOUBT else f"{FLAG}{name}"
    # The doubt is raised only where confidence was asked for.
    of = SCORED if name == LOW_CONFIDENCE else SEGMENTS
    return [Day(each[of], each[what], each[what]) for each in found.values()]


def _total(found: _Counts, what: str) -> int:
    return sum(each[what] for each in found.values())


def _histogram(found: _Counts) -> tuple[int, ...]:
    bins = tuple(_total(found, f"{BIN}{number}") for number in range(BINS))
    return bins if any(bins) else ()


def _prints(sums: _Sums, days: Iterable[int]) -> tuple[str, ...]:
    return tuple(sorted({each for day in days for each in sums.prints[day]}))


def _pair(row: RowMapping) -> str:
    return f"{row['source']}-{row['target']}"


_KEYS: dict[GroupBy, Callable[[RowMapping, Sequence[str]], str]] = {
    "route": lambda row, models: f"{_pair(row)} {'+'.join(models)}",
    "pair": lambda row, _: _pair(row),
    "model": lambda _, models: "+".join(models),
    "tenant": lambda row, _: str(row["tenant"]),
    "week": lambda *_: "",
    "month": lambda *_: "",
}


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


def _day(day: date) -> int:
    return day.toordinal() - _EPOCH
