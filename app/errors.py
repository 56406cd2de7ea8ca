"""The error tree of the application.

DragomanError
├── InvalidRequest       the caller's input is wrong as a whole
│   ├── InvalidText      text that cannot be stored or sent (a lone surrogate)
│   ├── UnknownLanguage  not a language code
│   ├── TooLarge         over a limit of this server
│   ├── KeyReused        an Idempotency-Key that named another request
│   └── DocumentError    a file that cannot be translated as a document
│       ├── UnsupportedDocument  in no format that is known here
│       ├── DamagedDocument      broken, cut short, or built to do harm
│       └── EncryptedDocument    password-protected
├── Unauthenticated      a key is needed and none was sent
│   ├── InvalidKey       the key sent is none of this server's
│   └── KeyEnded         the key expired or was revoked
├── Forbidden            the caller is known and may not
│   ├── ScopeMissing     its key is not for this
│   ├── Suspended        its tenant is suspended
│   └── FormExpired      a form of the web pages that was not this browser's, or is too old
├── TooOften             come back later: too many wrong keys from one address
│   ├── RateLimited      too many requests or characters this minute
│   └── TooManyJobs      documents are waiting already, as many as may
├── BudgetExceeded       the tenant's month has no room for it
├── NotThere             no such tenant, key or job
├── NoResult             a job that has no file to give yet, or failed
├── Gone                 a job whose files were deleted
├── Unsatisfiable        a part of a file that it does not have
├── LeaseLost            a chunk that somebody else works on by now (never leaves app.jobs)
├── NoRoute              no model leads from one language to the other
├── DeadlineExceeded     the work was not done in the time allowed
├── StorageError         the database or the store of files cannot be used
│   ├── FileMissing      a file that a job names and that is not there
│   └── FileDamaged      one that is not what was stored
├── Unreadable           a stored text that does not open: changed, moved, or its key is gone
├── DamagedBackup        a backup that is not what was written (command line)
├── Unreachable          no Dragoman answers at the address given (command line)
├── Refused              the server asked refused the work (command line)
└── ConfigurationError   the service cannot start as configured

Each class carries a stable `code`; app/api/problems.py alone turns it into a status, app/cli/main.py into an
exit code. A message is a sentence for the person who meets it and never holds text that was sent.
"""

from typing import ClassVar


class DragomanError(Exception):
    """Root of the application's errors; never raised itself."""

    code: ClassVar[str] = "error"

    @property
    def told(self) -> str:
        """What a caller may read of it: the message, but where that names the operator's own things."""
        return str(self)


class InvalidRequest(DragomanError):
    code = "invalid_request"


class InvalidText(InvalidRequest):
    code = "invalid_text"


class UnknownLanguage(InvalidRequest):
    code = "unknown_language"


class TooLarge(InvalidRequest):
    code = "too_large"


class KeyReused(InvalidRequest):
    code = "idempotency_key_reused"


class DocumentError(InvalidRequest):
    """Root of what can be wrong with a file; never raised itself."""


class UnsupportedDocument(DocumentError):
    code = "unsupported_document"


class DamagedDocument(DocumentError):
    code = "damaged_document"


class EncryptedDocument(DocumentError):
    code = "encrypted_document"


class Unauthenticated(DragomanError):
    code = "unauthenticated"


class InvalidKey(Unauthenticated):
    code = "invalid_key"


class KeyEnded(Unauthenticated):
    code = "key_ended"


class Forbidden(DragomanError):
    code = "forbidden"


class ScopeMissing(Forbidden):
    """`scopes`: any one of them would do."""

    code = "scope_missing"

    def __init__(self, message: str, *, scopes: tuple[str, ...]) -> None:
        self.scopes = scopes
        super().__init__(message)


class Suspended(Forbidden):
    code = "tenant_suspended"


class FormExpired(Forbidden):
    code = "form_expired"


class TooOften(DragomanError):
    """`retry_after`: seconds."""

    code = "too_many_attempts"

    def __init__(self, message: str, *, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class RateLimited(TooOften):
    code = "rate_limited"


class TooManyJobs(TooOften):
    code = "too_many_jobs"


class BudgetExceeded(DragomanError):
    code = "budget_exceeded"


class NotThere(DragomanError):
    code = "not_found"


class NoResult(DragomanError):
    code = "no_result"


class Gone(DragomanError):
    code = "deleted"


class Unsatisfiable(DragomanError):
    """`size`: bytes of the file."""

    code = "range_not_satisfiable"

    def __init__(self, message: str, *, size: int) -> None:
        self.size = size
        super().__init__(message)


class LeaseLost(DragomanError):
    code = "lease_lost"


class NoRoute(DragomanError):
    code = "no_route"


class DeadlineExceeded(DragomanError):
    code = "deadline_exceeded"


class StorageError(DragomanError):
    code = "storage_unavailable"

    @property
    def told(self) -> str:
        return "What the service stores cannot be read or written now. Try again; its log and /readyz/detail say why."


class FileMissing(StorageError):
    @property
    def told(self) -> str:
        return "A file that was stored is not there. The service's log says which."


class FileDamaged(StorageError):
    @property
    def told(self) -> str:
        return "A file is not what was stored. The service's log says which."


class Unreadable(DragomanError):
    code = "unreadable"


class DamagedBackup(DragomanError):
    code = "damaged_backup"


class ConfigurationError(DragomanError):
    code = "configuration"

    @property
    def told(self) -> str:
        return "The service is not set up for this. Its log says what it lacks; quote the request id to its operator."


class Unreachable(DragomanError):
    code = "server_unreachable"


class Refused(DragomanError):
    """`problem` is the server's own code, or `http_<status>` of one that gave none."""

    code = "server_refused"

    def __init__(self, message: str, *, problem: str) -> None:
        self.problem = problem
        super().__init__(message)
