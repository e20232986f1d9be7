"""Renders answers, articles, lists and counts as text, for people and for programs. Pure functions.

Each function yields pieces of output that include their newlines. Nothing is printed here, and no control code in a
stranger's text reaches a terminal.
"""

from semsearch.rendering.artifacts import packed_text, pulled_text
from semsearch.rendering.counts import fetched_text, ready_text, stats_dict, stats_text, summary_text
from semsearch.rendering.formats import FORMATS, Format, listing, renderer, reply_pieces
from semsearch.rendering.layout import Style
from semsearch.rendering.machine import article_json, article_jsonl, json_text
from semsearch.rendering.remarks import header_text, understood_text
from semsearch.rendering.screen import article_text

__all__ = [
    "FORMATS",
    "Format",
    "Style",
    "article_json",
    "article_jsonl",
    "article_text",
    "fetched_text",
    "header_text",
    "json_text",
    "listing",
    "packed_text",
    "pulled_text",
    "ready_text",
    "renderer",
    "reply_pieces",
    "stats_dict",
    "stats_text",
    "summary_text",
    "understood_text",
]
