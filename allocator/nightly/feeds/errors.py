"""Why a feed gave nothing."""

from __future__ import annotations


class FeedError(Exception):
    """Nothing could be had; the message says why, and holds no secret."""
