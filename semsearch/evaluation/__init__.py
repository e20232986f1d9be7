"""How good is a ranking? From topics, judgements and runs to recall, reciprocal rank and nDCG, with intervals."""

from semsearch.evaluation.comparison import MISSING, Estimate, Evaluation, Missing, System, evaluate
from semsearch.evaluation.judged import read_judgements
from semsearch.evaluation.judged_names import Names, match, ranked
from semsearch.evaluation.measures import Judgements, Measure, Run, parse_measure
from semsearch.evaluation.runs import read_run, run_lines
from semsearch.evaluation.topics import read_topics

__all__ = [
    "MISSING",
    "Estimate",
    "Evaluation",
    "Judgements",
    "Measure",
    "Missing",
    "Names",
    "Run",
    "System",
    "evaluate",
    "match",
    "parse_measure",
    "ranked",
    "read_judgements",
    "read_run",
    "read_topics",
    "run_lines",
]
