"""`python -m dev`: what the Makefile calls."""

import sys

from dev.cli import main

sys.exit(main())
