"""What an engine call was for each submission in it that the observer wants to know of. Pure."""

from collections import defaultdict
from collections.abc import Sequence

from batching.budget import padded
from batching.observer import Served
from batching.work import Group, WorkItem


def served(
    model: str, batch: Sequence[WorkItem], *, started: float, ended: float, compute_ns: int, failed: int
) -> list[Served]:
    """In order of arrival at this batch; submissions without a mark are left out."""
    arrivals: defaultdict[Group, list[float]] = defaultdict(list)
    for item in batch:
        for ticket in item.tickets:
            if ticket.group.mark is not None:
                arrivals[ticket.group].append(item.arrived)
    size = padded([item.length for item in batch])
    return [
        Served(
            mark=group.mark,
            model=model,
            priority=batch[0].priority.name.lower(),
            segments=len(times),
            arrived=min(times),
            started=started,
            ended=ended,
            batch_segments=len(batch),
            padded=size,
            compute_ns=compute_ns,
            failed=failed,
        )
        for group, times in arrivals.items()
    ]
