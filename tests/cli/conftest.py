"""The commands are tried in homes of their own, as those of the kit are."""

from tests.kit.conftest import place, wheel

__all__ = ["place", "wheel"]
