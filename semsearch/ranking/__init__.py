"""How candidates become an answer: how scores are mixed, what is a copy, how sure a hit is. Pure functions."""
