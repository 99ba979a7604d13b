"""Set-points and their answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "set_points",
        sa.Column("set_point", sa.String(20), primary_key=True),
        sa.Column("run", sa.String(64), sa.ForeignKey("runs.run"), nullable=False),
        sa.Column("begins", _MOMENT, nullable=False),
        sa.Column("ends", _MOMENT, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("superseded_at", _MOMENT),
        sa.Column("answer", sa.String(16)),
        sa.Column("reason", sa.Text),
        sa.Column("answered_by", sa.Text),
        sa.Column("answered_at", _MOMENT),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("set_points")
