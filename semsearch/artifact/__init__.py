"""The index as one verifiable file: packed, signed, fetched and installed."""
