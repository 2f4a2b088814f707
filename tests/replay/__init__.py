"""A stand-in for the venues: real HTTP on loopback, each venue in its documented shape."""

from tests.replay.server import ReplayServer
from tests.replay.world import Answer, Case, World, cases

__all__ = ["Answer", "Case", "ReplayServer", "World", "cases"]
