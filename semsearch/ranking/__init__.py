"""How candidates become an answer: what is mixed how, what is a copy of what, how sure one can be. Pure functions."""
