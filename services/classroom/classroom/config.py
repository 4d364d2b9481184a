"""The service's settings: those every service has."""

from chassis.config import Config

__all__ = ["Config"]
