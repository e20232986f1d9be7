"""One tree of errors. Each message says what is wrong, where, and what to do about it.

SemsearchError
├── UsageError                 2   what was asked makes no sense
│   ├── NoSuchPathError        2   none of the given paths exists
│   ├── LimitError             2   more than an index can hold
│   └── QueryTimeoutError      2   a query that takes longer than it may
├── NotFoundError              1   no such article
├── StoredIndexError           3   an index is missing, damaged or made otherwise
│   ├── IndexMissingError
│   ├── IndexDamagedError
│   ├── IndexExistsError
│   ├── IndexLockedError       6   another process writes to it
│   ├── NotPermittedError      7   the system does not let this account read or write it, or there is no room
│   ├── RecipeMismatchError
│   └── ArtifactError            an artifact is damaged, refused or of another version
│       ├── SignatureError
│       └── FetchError       5   it could not be fetched
├── MissingExtraError          2   a library that only some need is not installed
├── EncoderError               4   an encoder is missing, damaged or not the index's own
│   └── EncoderMismatchError
├── SourceError                5   nothing could be read
└── InternalError              70   a promise of this program's own was broken: a bug
"""

import os
import shlex


class SemsearchError(Exception):
    """The root. `hint` is the command or step that fixes it, or empty."""

    exit_status = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        if hint:
            self.add_note(hint)  # so that a traceback, too, says what to do


class UsageError(SemsearchError):
    """What was asked makes no sense."""

    exit_status = 2


class NoSuchPathError(UsageError):
    """None of the given paths exists."""


class QueryTimeoutError(UsageError):
    """A query takes longer than it may: change it, or give it more time.

    There is no partial answer, since the best hit might be among what was not looked at.
    """


class LimitError(UsageError):
    """What was given is more than an index can hold (limits.py)."""


class NotFoundError(SemsearchError):
    """No such article in the index."""

    exit_status = 1


class StoredIndexError(SemsearchError):
    """An index is missing, damaged or made in another way."""

    exit_status = 3

    def name_index(self, directory: str | os.PathLike[str]) -> None:
        """Name the index in the hint, if it was not known where the error was raised."""
        if UNNAMED in self.hint:
            self.hint = self.hint.replace(UNNAMED, index_option(directory))
            self.__notes__ = [self.hint]


class IndexMissingError(StoredIndexError):
    """There is no index at that place, or an unfinished one."""


class IndexDamagedError(StoredIndexError):
    """A file of the index is missing or is not what the manifest says."""


def index_option(directory: str | os.PathLike[str]) -> str:
    """Return the option that names an index on the command line, ready to be pasted."""
    return f"-i {shlex.quote(os.fspath(directory))}"


UNNAMED = index_option("DIR")
"""Stands in a hint for an index whose folder is not known there (`StoredIndexError.name_index`)."""


def see_doctor(directory: str | os.PathLike[str] = "DIR") -> str:
    """Return the hint for every damaged index: the command that says what can be saved, and how."""
    return f"see what can be saved: semsearch doctor {index_option(directory)}"


class IndexExistsError(StoredIndexError):
    """A finished index is already there."""

    exit_status = 2


class IndexLockedError(StoredIndexError):
    """Another process is writing to the index."""

    exit_status = 6


class NotPermittedError(StoredIndexError):
    """The system does not let this account read or write there, or there is no room."""

    exit_status = 7


class RecipeMismatchError(StoredIndexError):
    """The index was made with other rules than this version's."""


class ArtifactError(StoredIndexError):
    """An artifact is damaged, refused or of another version; nothing was installed."""


class SignatureError(ArtifactError):
    """An artifact is not signed by a known key, or the signature is of something else."""


class FetchError(ArtifactError):
    """An artifact or a registry could not be fetched; the part that was fetched is kept."""

    exit_status = 5


class MissingExtraError(SemsearchError):
    """A library that only some need is not installed."""

    exit_status = 2


class EncoderError(SemsearchError):
    """An encoder is missing or damaged."""

    exit_status = 4


class EncoderMismatchError(EncoderError):
    """The encoder is not the one that made the index."""


class SourceError(SemsearchError):
    """Nothing could be read from the given sources."""

    exit_status = 5


HOW_TO_REPORT = (
    "this is a bug of semsearch's own: please report it with the command, this message, and what "
    "`semsearch --version` and `semsearch doctor` print"
)


class InternalError(SemsearchError):
    """A promise of this program would be broken: a bug, reported instead of a wrong answer."""

    exit_status = 70

    def __init__(self, message: str) -> None:
        super().__init__(f"internal error: {message}", HOW_TO_REPORT)
