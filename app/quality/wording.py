"""What a quality report says, in words and short figures."""

from app.quality.drift import ANY_DOUBT, CONFIDENCE, Figure, Mean, Rate, Verdict
from app.quality.rating import Share
from app.quality.report import Asked, QualityReport

NAMES = {ANY_DOUBT: "any doubt", CONFIDENCE: "mean confidence"}


def sentence(report: QualityReport) -> str:
    if not report.groups:
        return f"No segments were counted {period(report.asked)}."
    drifts = sum(each.verdict is Verdict.DRIFT for group in report.groups for each in group.figures)
    if drifts:
        where = f"{sum(each.verdict is Verdict.DRIFT for each in report.groups):,} of {len(report.groups):,} groups"
        return f"Drift: {drifts:,} of {report.comparisons:,} figures changed, in {where}."
    if report.verdict is Verdict.NO_DRIFT:
        return f"No drift in {report.comparisons:,} comparisons."
    return "Too few segments or days to say whether anything drifted."


def period(asked: Asked) -> str:
    return f"from {asked.since.isoformat()} to {asked.until.isoformat()}"


def rate(found: Rate | Mean) -> str:
    """A rate in a thousand, or a mean, with its interval."""
    if isinstance(found, Rate):
        if found.share is None:
            return "-"
        values, places = [1000 * each for each in (found.share, found.interval.low, found.interval.high)], 1
    elif found.value is None or found.interval is None:
        return "-"
    else:
        values, places = [found.value, found.interval.low, found.interval.high], 3
    middle, low, high = (f"{each:,.{places}f}" for each in values)
    return f"{middle} ({low} to {high})"


def share(found: Share | None) -> str:
    """In hundredths, with its interval."""
    if found is None:
        return "-"
    return f"{found.share:.0%} ({found.interval.low:.0%} to {found.interval.high:.0%})"


def change(figure: Figure) -> str:
    """Of a rate as a factor, of a mean as a difference."""
    found = figure.compared
    if found is None:
        return "-"
    if isinstance(figure.now, Mean):
        return f"{found.now - found.before:+.3f}"
    return f"{found.now / found.before:.2f} ×" if found.before else ("new" if found.now else "-")
