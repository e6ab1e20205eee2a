"""The limit of open files: each user has a connection, and each connection a descriptor."""

import resource

from harness.errors import EnvironmentLimit


def raise_descriptors(needed: int = 0) -> int:
    """Raise the soft limit of open files to the hard one; the limit now.

    Raises EnvironmentLimit where `needed` descriptors are more than the hard limit allows.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard != resource.RLIM_INFINITY and needed > hard:
        raise EnvironmentLimit(
            f"{needed} open files are needed and {hard} allowed; raise the hard limit with "
            f"`ulimit -Hn {needed}` as root, or LimitNOFILE= of the service that runs this"
        )
    return hard
