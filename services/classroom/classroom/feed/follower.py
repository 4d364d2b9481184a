"""One open page: what it is shown and what it was sent of that."""

from collections.abc import Mapping
from uuid import UUID

from chassis.identity import Identity, Role
from chassis.realtime.frames import Refresh
from chassis.realtime.sockets import Socket
from classroom import fragments
from classroom.bootstrap.layout import Layout, classroom_of, layout_of, shown_key
from classroom.bootstrap.stored import digest_in, digest_of, value_of, version_of
from classroom.feed import wire

FeedSocket = Socket[wire.Have | Refresh]


class Follower:
    """`held` are the versions that the page has, by the keys it knows; `keys` those of the cache it is shown."""

    __slots__ = ("_laid_out", "_layout", "awaited", "held", "keys", "person_key", "school_key", "socket")

    def __init__(self, socket: FeedSocket) -> None:
        self.socket = socket
        self.school_key = fragments.school_key(socket.identity.school_id)
        self.person_key = fragments.person_key(socket.identity.school_id, socket.identity.account_id)
        self.held: dict[str, str] = {}
        self.keys: set[str] = set()
        # What must be looked at before the page can be told that it is up to date; None: it was told.
        self.awaited: set[str] | None = set()
        self._layout: Layout | None = None
        self._laid_out = b""

    @property
    def identity(self) -> Identity:
        """Who looks at the page."""
        return self.socket.identity

    def claim(self, versions: Mapping[str, str]) -> None:
        """Take the page's word for what it holds; nothing else depends on it."""
        self.held |= versions

    def basic_keys(self) -> set[str]:
        """What is shown to everybody of their kind."""
        if self.identity.role is Role.ADMIN:
            return {self.person_key, fragments.summary_key(self.identity.school_id)}
        return {self.person_key}

    def lay_out(self, person: bytes) -> set[str]:
        """All keys that the person's fragment, unless it is older than the last one, makes theirs from now on."""
        if self._layout is None or version_of(person) > self._laid_out:
            self._layout, self._laid_out = layout_of(self.identity, person), version_of(person)
        return self.basic_keys() | set(self._layout.keys)

    def lacks(self, key: str, fragment: bytes) -> bool:
        """Whether the page should be sent the fragment: other content, and newer than what it has."""
        held = self.held.get(shown_key(key))
        if held is None:
            return bool(value_of(fragment))
        return digest_in(held) != digest_of(fragment) and version_of(fragment) > held.encode()

    def take(self, key: str, fragment: bytes, frame: bytes) -> None:
        """Send a fragment whose frame may be shared with others."""
        if key == self.person_key and self._layout is not None and self._layout.person != value_of(fragment):
            frame = wire.fragment(shown_key(key), fragment, self._layout.person)
        self.held[shown_key(key)] = version_of(fragment).decode()
        self.socket.write(frame)

    def drop(self, shown: str) -> None:
        """Tell the page that a part is theirs no more."""
        if self.held.pop(shown, None) is not None:
            self.socket.send(wire.Gone(key=shown))

    def forget_all_but(self, keys: set[str]) -> None:
        """Drop what the page holds and is not shown."""
        for shown in self.held.keys() - set(map(shown_key, keys)):
            self.drop(shown)

    def membership(self, key: str) -> tuple[UUID, UUID] | None:
        """The classroom and the account that a key asks membership of."""
        classroom_id = classroom_of(key)
        return None if classroom_id is None else (classroom_id, self.identity.account_id)
