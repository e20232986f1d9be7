"""Engines are asked for what they promise to those who use them."""

from tests.contract.histories import KINDS, each_kind

kind = each_kind(*KINDS)
"""Each engine that there is; the local one also as it searches what is large."""
