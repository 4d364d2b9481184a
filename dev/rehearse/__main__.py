"""`python -m dev.rehearse`: build, start, ask, stop.

`--no-build` takes the images there are, `--keep` leaves it running, `--down` ends what was left. Needs podman, runc,
netavark, aardvark-dns, iptables, catatonit, debootstrap and Node.js; nothing of it is needed to run Homeroom.
"""

import sys
import time

from dev import compose, tls
from dev.layout import ROOT, State
from dev.ports import is_free
from dev.rehearse import images
from dev.rehearse.containers import Rehearsal, read
from dev.rehearse.questions import ask

FOLDER = ROOT / ".homeroom"


def free_port(port: int) -> int:
    while not is_free(port):
        port += 1
    return port


def main() -> None:
    """Command line entry point."""
    state = State.at(FOLDER)
    tls.ensure(state.tls)
    compose.write_secrets(state)
    port, mail = free_port(8643), free_port(8743)
    origin = f"https://localhost:{port}"
    # Debian's nginx knows no `resolve`: there the names are looked up once, which finds both replicas all the same.
    variables = {"HOMEROOM_PORT": str(port), "HOMEROOM_ORIGIN": origin, "HOMEROOM_MAIL_PORT": str(mail)}
    rehearsal = Rehearsal(read(variables | {"HOMEROOM_RESOLVER": ""}))
    rehearsal.down()
    if "--down" in sys.argv:
        return
    started = time.monotonic()
    if "--no-build" not in sys.argv:
        print("Images:", flush=True)
        images.make_stand_ins()
        images.make_ours(rehearsal.services)
    try:
        print("Containers:", flush=True)
        rehearsal.up()
        ask(rehearsal, origin, state)
        print(f"Rehearsed in {time.monotonic() - started:.0f} s: {origin}", flush=True)
    finally:
        if "--keep" not in sys.argv:
            rehearsal.down()


if __name__ == "__main__":
    main()
