"""Why the bench gave no figures."""


class BenchFailed(Exception):
    """What went wrong, in one line for the person who runs it."""
