"""The network: what is allowed on it, and connections each of whose waits ends in time."""
