"""Web pages that were dumped as plain text."""
