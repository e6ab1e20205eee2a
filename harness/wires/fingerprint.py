"""One name for all forms of one statement: literals, lists and comments taken out."""


def normalized(sql: str) -> str:
    """The statement without comments, literals as `?`, lists of them collapsed, blanks as one."""
    raise NotImplementedError


def fingerprint(sql: str) -> str:
    """12 hex digits of the normalized text."""
    raise NotImplementedError
