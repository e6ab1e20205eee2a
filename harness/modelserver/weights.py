"""Random weights in the shape of a small Llama, written once into the cache folder.

The time a model takes does not depend on the values of its weights, so random ones give an honest
load without a download; the answers mean nothing: shape, not quality.
"""

import errno
import os
import tempfile
from pathlib import Path

from msgspec import Struct

from harness.modelserver.errors import WeightsNotWritten

SEED = 20
REVISION = 1
"""Part of the file's name: raise it with any change of shape, vocabulary or seed."""


class Shape(Struct, frozen=True, kw_only=True):
    """Dimensions of a Llama. Rows must be multiples of 32, the block size of Q8_0."""

    layers: int = 3
    width: int = 256
    feed_forward: int = 704
    heads: int = 4
    vocabulary: int = 2048
    context: int = 8192

    @property
    def parameters(self) -> int:
        """Number of weights."""
        attention = 4 * self.width * self.width
        feed_forward = 3 * self.width * self.feed_forward
        norms = 2 * self.width
        ends = 2 * self.vocabulary * self.width + self.width
        return self.layers * (attention + feed_forward + norms) + ends


SHAPE_3M = Shape()


def find_or_write(cache: Path) -> Path:
    """Return the weights' file in `cache`, written there first where it is missing.

    It appears by rename, complete or not at all; two processes at once write the same bytes, and
    the later rename replaces like with like. Raises WeightsNotWritten.
    """
    path = cache / f"shape-3m-r{REVISION}.gguf"
    if path.exists():
        return path
    try:
        cache.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=path.stem, suffix=".part", dir=cache)
        os.close(descriptor)
    except OSError as error:
        raise _not_written(cache, error) from error
    from harness.modelserver.gguf_file import write  # noqa: PLC0415 – numpy only where needed

    part = Path(name)
    try:
        write(part, SHAPE_3M)
        part.chmod(0o644)
        part.replace(path)
    except OSError as error:
        raise _not_written(cache, error) from error
    finally:
        part.unlink(missing_ok=True)
    return path


def _not_written(cache: Path, error: OSError) -> WeightsNotWritten:
    size_mib = SHAPE_3M.parameters / 2**20 * 1.1
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return WeightsNotWritten(
            f"{cache}: the disk is full, and the weights need {size_mib:.0f} MiB; "
            "free some, or name another folder with --cache"
        )
    return WeightsNotWritten(
        f"{cache}: the weights cannot be written ({error.strerror}); name another folder with --cache"
    )
