"""Web pages in HTML."""
