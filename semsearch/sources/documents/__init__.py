"""Paper, office files, books and mail -> articles."""
