"""Files that are one article in plain text or Markdown."""
