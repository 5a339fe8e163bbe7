"""The one error of the test servers."""


class ServersError(Exception):
    """Something a person has to act on; its text is one clear line."""
