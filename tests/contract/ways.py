"""Which lines and branches of a module were never taken while something was done."""

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import coverage

REFUSALS = [r"^\s*raise ", r"raise damaged\(", r"class .*Protocol"]
"""Of what is damaged: tests of damage have those."""


@contextmanager
def ways_not_taken(modules: Sequence[ModuleType]) -> Iterator[list[str]]:
    """Fill a list, at the end, with "module:line" of each line of a function that did not run, or not every way."""
    files = [str(module.__file__) for module in modules]
    measured = coverage.Coverage(data_file=None, config_file=False, branch=True, include=files)
    for pattern in REFUSALS:
        measured.exclude(pattern)
    missing: list[str] = []
    measured.start()
    try:
        yield missing
    finally:
        measured.stop()
    for file in files:
        within = _lines_of_functions(Path(file))
        _, _, _, lines, _ = measured.analysis2(file)
        partly = [line for line, (ways, taken) in measured.branch_stats(file).items() if taken < ways]
        missing += [f"{Path(file).name}:{line}" for line in sorted({*lines, *partly}) if line in within]


def _lines_of_functions(path: Path) -> set[int]:
    """Those that run when functions are called, and not when the module is imported."""
    functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]
    return {
        line
        for function in functions
        for statement in function.body
        for line in range(statement.lineno, (statement.end_lineno or 0) + 1)
    }
