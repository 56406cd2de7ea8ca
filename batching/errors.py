"""The error tree of the queue.

BatchingError
├── Overloaded     too much waits already; carries when to come back
├── Expired        the deadline passed before the work was done
└── Stopped        the dispatcher is draining or stopped
"""


class BatchingError(Exception):
    """Root of this package's errors; never raised itself."""


class Overloaded(BatchingError):
    def __init__(self, retry_after: float) -> None:
        """`retry_after`: seconds until what waits now should have been worked off."""
        self.retry_after = retry_after
        super().__init__(f"The queue is full. Try again in {retry_after:.0f} s.")


class Expired(BatchingError):
    def __init__(self) -> None:
        super().__init__("The work was not done in the time allowed.")


class Stopped(BatchingError):
    def __init__(self) -> None:
        super().__init__("The service is stopping and takes no new work.")
