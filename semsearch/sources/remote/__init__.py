"""Feeds and pages by address: fetched politely, within limits, and read as files are."""
