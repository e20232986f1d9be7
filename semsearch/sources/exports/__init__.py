"""Readers of press archives' exports: lines of text, from files of any kind, that have several articles."""
