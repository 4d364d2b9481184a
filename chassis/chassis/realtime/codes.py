"""Why a socket is closed: the codes of docs/realtime.md."""

from enum import IntEnum


class Close(IntEnum):
    """A close code and what it means; `reason` is sent with it."""

    reason: str

    def __new__(cls, code: int, reason: str) -> "Close":
        member = int.__new__(cls, code)
        member._value_ = code
        member.reason = reason
        return member

    DONE = 1000, "done"
    PROTOCOL = 1002, "not a frame of a WebSocket's client"
    BINARY = 1003, "only text frames are understood"
    INVALID_TEXT = 1007, "not UTF-8"
    TOO_BIG = 1009, "the frame is too big"
    FAILED = 1011, "something went wrong on our side"
    MOVING = 1012, "this server stops; connect again"
    UNAVAILABLE = 1013, "try again in a few seconds"
    BAD_JSON = 4000, "not JSON"
    UNKNOWN_TYPE = 4001, "unknown type of frame"
    FLOOD = 4002, "too many frames"
    TOKEN_EXPIRED = 4003, "the access token has expired"
    SIGNED_OUT = 4004, "the session was ended"
    REMOVED = 4005, "no longer a member"
    CHANGED = 4006, "in another role now; connect again"
    TOO_SLOW = 4008, "too slow; connect again and resume"
    ENDED = 4010, "it is over"
