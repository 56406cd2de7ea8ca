"""Reports for the tests, without a database."""

from app.ledger.counting import count
from app.ledger.report import GroupBy, Section, Sent, UsageReport, UsageRow


def row(key: str, *, characters: int = 1_000, cost_nanos: int = 8_060_000, requests: int = 1) -> UsageRow:
    return UsageRow(
        key=key,
        requests=requests,
        characters=characters,
        billed_characters=characters,
        unchanged_characters=characters // 4,
        cached_characters=characters // 10,
        failed_characters=0,
        segments=20,
        cached_segments=2,
        source_tokens=300,
        target_tokens=310,
        compute_ns=90_000_000,
        price_nanos=cost_nanos * 2,
        cost_nanos=cost_nanos,
        idle_nanos=cost_nanos // 3,
    )


def report(*sections: tuple[GroupBy, list[UsageRow]], tenant: str | None = "tenant") -> UsageReport:
    return UsageReport(
        tenant=tenant,
        currency="GBP",
        since=None,
        until=None,
        totals=row("total", characters=1_200_000, cost_nanos=9_672_000_000),
        sections=tuple(Section(group, tuple(rows)) for group, rows in sections),
        sent=(Sent("2026-10", same_language=False, counts=count("x" * 1_200_000)),),
        other_currencies=(),
    )
