"""The command line: parse, one call, render. The only package that knows click."""

from semsearch.cli.entry import main, run

__all__ = ["main", "run"]
