"""`python -m semsearch`."""

from semsearch.cli import run

run()
