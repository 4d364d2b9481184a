"""`python -m files.inspection.child PATH TYPE THUMBNAIL MEMORY SECONDS`: looks at one file that nobody trusts.

A process of its own, without any secret in its environment, that gives itself limits before it opens the file. It
prints `ok`, `thumbnail` or the reason to refuse; any other end means that the file was too much for it.
"""

import resource
import sys
from pathlib import Path

_MOST_WRITTEN = 4 * 1024 * 1024


def limit(memory: int, seconds: int) -> None:
    """So much address space and processor time, small files, no further processes, no core."""
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, _MOST_WRITTEN),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (most, most))


def main(path: str, content_type: str, thumbnail: str, memory: str, seconds: str) -> None:
    """Look, and say what was found."""
    limit(int(memory), int(seconds))
    # Whatever reads the file is loaded under the limits too.
    from files.inspection import contents
    from files.inspection.findings import Refused

    try:
        print("thumbnail" if contents.check(Path(path), content_type, Path(thumbnail)) else "ok")
    except Refused as refused:
        print(refused.finding)


if __name__ == "__main__":
    main(*sys.argv[1:])
