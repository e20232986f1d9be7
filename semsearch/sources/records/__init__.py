"""Files of many records: JSON and tables."""
