"""Markup within a text -> plain text."""
