"""The fixtures of every suite: real data services, a database copy per test, an issuer of tokens."""

pytest_plugins = ["chassis.testing"]
