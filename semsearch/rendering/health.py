"""Reports on the health of an index: what `verify` compared, what `doctor` found and repaired."""

from collections.abc import Iterable, Iterator, Sequence

from semsearch.rendering.layout import PLAIN, Style, wrapped
from semsearch.rendering.phrases import size
from semsearch.text import counted, display_width, normalise_line
from semsearch.types import Finding, State, Verification

_MARKS = {State.WELL: "✓", State.NOTICE: "!", State.PROBLEM: "✗"}
_FIX = "fix: "


def verification_text(verification: Verification, mend: str, style: Style = PLAIN) -> Iterator[str]:
    """Yield a line for each damage and notice, then a summary.

    Args:
        mend: the command that saves what can be saved.
    """
    for damage in verification.damages:
        yield f"{_state_mark(State.PROBLEM, style)} {normalise_line(str(damage))}\n"
    for notice in verification.notices:
        yield f"{_state_mark(State.NOTICE, style)} {normalise_line(notice)}\n"
    compared = f"{counted(verification.files, 'file')}, {size(verification.size_bytes)} compared"
    if verification.generation is not None:
        compared = f"generation {verification.generation:,}, {compared}"
    if verification.damages:
        yield f"{style.bold(counted(len(verification.damages), 'damage'))}: {compared}\n"
        yield f"  what can be saved: {normalise_line(mend)}\n"
    else:
        yield f"all is well: {compared}\n"


def findings_text(findings: Sequence[Finding], style: Style = PLAIN) -> Iterator[str]:
    """Yield each finding with the command that fixes it, then the numbers of problems and notices."""
    column = max((display_width(finding.check) for finding in findings), default=0) + 4
    for finding in findings:
        padding = " " * (column - 2 - display_width(finding.check))
        label = f"{_state_mark(finding.state, style)} {finding.check}{padding}"
        for number, line in enumerate(wrapped(finding.said, style.columns - column)):
            yield f"{' ' * column if number else label}{line}\n"
        if finding.mend:  # on one line, so that it can be copied
            yield f"{' ' * column}{style.dim(_FIX)}{normalise_line(finding.mend)}\n"
    problems, notices = (sum(finding.state is state for finding in findings) for state in (State.PROBLEM, State.NOTICE))
    if problems:
        yield f"\n{style.bold(counted(problems, 'problem'))}, {counted(notices, 'notice')}\n"
    else:
        yield f"\nall is well; {counted(notices, 'notice')}\n" if notices else "\nall is well\n"


def repair_text(done: Iterable[str], lost: Sequence[str], mend: str, style: Style = PLAIN) -> Iterator[str]:
    """Yield what a repair did, every article that is lost, and what is left to do."""
    for sentence in done:
        lines = wrapped(sentence, style.columns - 2)
        yield from (f"{'  ' if number else ''}{line}\n" for number, line in enumerate(lines))
    for name in lost:
        yield f"  lost: {normalise_line(name)}\n"
    if mend:
        yield f"{style.dim('left to do: ')}{normalise_line(mend)}\n"
    yield "\n"


def _state_mark(state: State, style: Style) -> str:
    mark = _MARKS[state]
    if state is State.PROBLEM:
        return style.bold(mark)
    return style.dim(mark) if state is State.WELL else mark
