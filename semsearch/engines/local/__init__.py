"""The local engine: an index in a folder."""
