"""Settings of the lecture-chat service, besides those every service has."""

from pydantic import Field

from chassis.config import Config as CommonConfig


class Config(CommonConfig):
    """What the rooms need to know."""

    room_members: int = Field(5_000, ge=1)
    rooms: int = Field(2_000, ge=1)
    room_window_ms: int = Field(50, ge=0, le=1000)
    member_sends_per_second: float = Field(5, gt=0)
    room_sends_per_second: float = Field(200, gt=0)
