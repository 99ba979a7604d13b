"""Runs, inputs, plans, commitments and events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_HASH = sa.String(64)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "plans",
        sa.Column("plan", _HASH, primary_key=True),
        sa.Column("scenario", sa.Text, nullable=False),
        sa.Column("objective_usd", sa.Float, nullable=False),
        sa.Column("bound_usd", sa.Float),
        sa.Column("relative_gap", sa.Float),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("removed_at", _MOMENT),
    )
    op.create_table(
        "runs",
        sa.Column("run", _HASH, primary_key=True),
        sa.Column("scenario", sa.Text, nullable=False),
        sa.Column("input_hash", _HASH, nullable=False),
        sa.Column("as_of", _MOMENT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("finished_at", _MOMENT),
        sa.Column("published_at", _MOMENT),
        sa.Column("plan", _HASH, sa.ForeignKey("plans.plan")),
        sa.Column("rung", sa.String(16)),
        sa.Column("exit_code", sa.Integer),
    )
    op.create_table(
        "inputs",
        sa.Column("input", _HASH, primary_key=True),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("first_seen_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "run_inputs",
        sa.Column("run", _HASH, sa.ForeignKey("runs.run"), primary_key=True),
        sa.Column("name", sa.String(500), primary_key=True),
        sa.Column("input", _HASH, sa.ForeignKey("inputs.input"), nullable=False),
    )
    op.create_table(
        "commitments",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(700), nullable=False),
        sa.Column("node", sa.String(200), nullable=False),
        sa.Column("value", sa.Float, nullable=False),
        sa.Column("run", _HASH, sa.ForeignKey("runs.run"), nullable=False),
        sa.Column("committed_at", _MOMENT, nullable=False),
        sa.Column("released_at", _MOMENT),
        sa.UniqueConstraint("kind", "subject", "node"),
    )
    op.create_table(
        "events",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("run", _HASH),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop them, the referring ones first."""
    for name in ("events", "commitments", "run_inputs", "inputs", "runs", "plans"):
        op.drop_table(name)
