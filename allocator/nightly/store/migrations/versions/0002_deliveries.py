"""Alerts on their way to webhooks and mailboxes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_HASH = sa.String(64)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "deliveries",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("channel", sa.String(80), nullable=False),
        sa.Column("alert", _HASH, nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("run", _HASH),
        sa.Column("raised_at", _MOMENT, nullable=False),
        sa.Column("told_at", _MOMENT),
        sa.Column("resolved_at", _MOMENT),
        sa.Column("closed_at", _MOMENT),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failure", sa.Text),
    )
    op.create_index("ix_deliveries_channel", "deliveries", ["channel"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("deliveries")
