"""`python -m system.seed --scale N`, the same as `python -m system seed`."""

import sys

from system.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["seed", *sys.argv[1:]]))
