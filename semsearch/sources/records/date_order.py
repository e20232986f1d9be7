"""Infers the order of day and month in the dates of a file of records from the file itself."""

import re

from semsearch.calendars import DateOrder

_NUMBERS = re.compile(rb'(?:^|[",;\t|\n])\s{0,3}([0-9]{1,2})([/-])([0-9]{1,2})\2[0-9]{4}(?=[",;\t|\r\n\sT]|$)')
"""A date at the beginning of a JSON value or a table cell."""


def shown_order(head: bytes) -> DateOrder | None:
    """Return the order of day and month that the numeric dates of a file's first records show; None if they show none.

    A date such as 25/12/2024 can be read in one order only, and the other dates of the file are taken to be in that
    order too. A file that shows both orders has none.
    """
    orders: set[DateOrder] = set()
    for match in _NUMBERS.finditer(head):
        left, right = int(match[1]), int(match[3])
        if left > 12 >= right > 0:
            orders.add("dmy")
        elif right > 12 >= left > 0:
            orders.add("mdy")
    return orders.pop() if len(orders) == 1 else None
