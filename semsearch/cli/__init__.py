"""The command line: parse, one call, render. The only package that knows click."""

from semsearch.cli.entry import main

__all__ = ["main"]
