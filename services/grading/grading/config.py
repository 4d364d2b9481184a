"""Settings of the grading service: those every service has."""

from chassis.config import Config

__all__ = ["Config"]
