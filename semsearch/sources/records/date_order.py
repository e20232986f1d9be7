"""The order of day and month in the dates of a file of records, as the file itself shows it."""

import re

from semsearch.calendars import DateOrder

_NUMBERS = re.compile(rb'(?:^|[",;\t|\n])\s{0,3}([0-9]{1,2})([/-])([0-9]{1,2})\2[0-9]{4}(?=[",;\t|\r\n\sT]|$)')
"""A date that begins a value of JSON or a cell of a table."""


def shown_order(head: bytes) -> DateOrder | None:
    """Return the order of day and month as numbers that the first records of a file show; None where they show none.

    A date such as 25/12/2024 can be read in one order only, and the others of a file are written in the same one. Where
    a file shows both orders, neither is its own.
    """
    shown: set[DateOrder] = set()
    for found in _NUMBERS.finditer(head):
        one, other = int(found[1]), int(found[3])
        if one > 12 >= other > 0:
            shown.add("dmy")
        elif other > 12 >= one > 0:
            shown.add("mdy")
    return shown.pop() if len(shown) == 1 else None
