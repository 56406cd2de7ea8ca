"""Records and their answers, put together again: into files, into the report, and into the list of failures."""

from collections.abc import Iterable, Iterator, Sequence

from app.bulk.added import Answers
from app.bulk.engine import Body
from app.bulk.failures import INVALID_RECORD, Failures
from app.bulk.output import Writer
from app.bulk.parts import Done
from app.bulk.record import Record, Window
from app.bulk.report import Report
from app.errors import StorageError

UNWRITABLE = "unwritable"


class Joiner:
    """Of one file."""

    def __init__(
        self, name: str, fields: Sequence[str], *, writer: Writer, report: Report, failures: Failures
    ) -> None:
        self._name = name
        self._fields = fields
        self._writer = writer
        self._report = report
        self._failures = failures

    def join(self, windows: Iterable[Window], answered: Iterator[Done]) -> None:
        """Raises StorageError where the windows are not those that were asked for."""
        for window in windows:
            done = next(answered, None)
            if done is None or (done.number, done.digest) != (window.number, window.digest):
                raise StorageError("The input changed while it was translated. Say --restart to begin anew.")
            self.add(window, done.answers)

    def add(self, window: Window, answers: Sequence[Answers]) -> None:
        for record, mine in zip(window.records, answers, strict=True):
            self._add(record, mine)

    def _add(self, record: Record, answers: Answers) -> None:
        if record.counts:
            self._report.records += 1
        if record.problem is not None:
            self._report.refuse(INVALID_RECORD)
            self._fail(record, None, INVALID_RECORD, record.problem)
        try:
            self._writer.write(record, answers)
        except UnicodeEncodeError as error:
            message = f"Its translation holds a character that {error.encoding} does not have."
            for made in filter(None, answers):
                self._report.add_unwritten(made, UNWRITABLE)
            self._fail(record, None, UNWRITABLE, message)
            self._writer.write(record, ())
            return
        for field, answer in zip(self._fields, answers, strict=False):
            self._tell(record, field, answer)

    def _tell(self, record: Record, field: str, answer: Body | None) -> None:
        if answer is None:
            return
        self._report.add(answer)
        error = answer["error"]
        if answer["status"] == "failed" and error is not None:
            self._fail(record, field, error["code"], error["message"])

    def _fail(self, record: Record, field: str | None, code: str, message: str) -> None:
        self._failures.fail(self._name, record, field, code=code, message=message)
