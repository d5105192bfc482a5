"""The first tables: decisions, feedback, conflicts, forgotten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Written out, not taken from the code's tables: those go on changing, this step never does.
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("received", MOMENT, nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("urgency", sa.String(80), nullable=False),
        sa.Column("rank", sa.SmallInteger, nullable=False),
        sa.Column("department", sa.String(80), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("decision", sa.JSON, nullable=False),
        sa.Column("subject", sa.String(64)),
        sa.Column("taxonomy_version", sa.String(200), nullable=False),
        sa.Column("reviewed", MOMENT),
    )
    op.create_index("decisions_queue", "decisions", ["verdict", "reviewed", "rank", "received", "id"])
    op.create_index("decisions_subject", "decisions", ["subject"])
    op.create_index("decisions_received", "decisions", ["received"])
    op.create_table(
        "feedback",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("key", sa.String(64), nullable=False, unique=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("received", MOMENT, nullable=False),
        sa.Column("decision_id", sa.String(200), nullable=False),
        sa.Column("labels", sa.JSON, nullable=False),
        sa.Column("confirmed", sa.Boolean, nullable=False),
        sa.Column("judged", sa.Boolean, nullable=False),
        sa.Column("outcome", sa.String(40)),
        sa.Column("satisfaction", sa.Integer),
        sa.Column("who", sa.String(80)),
        sa.Column("when", MOMENT),
        sa.Column("note", sa.Text),
        sa.Column("text", sa.Text),
        sa.Column("subject", sa.String(64)),
        sa.Column("taxonomy_version", sa.String(200), nullable=False),
    )
    op.create_index("feedback_decision", "feedback", ["decision_id"])
    op.create_index("feedback_subject", "feedback", ["subject"])
    op.create_index("feedback_received", "feedback", ["received"])
    op.create_table(
        "conflicts",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("received", MOMENT, nullable=False),
        sa.Column("subject", sa.String(64)),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("record", sa.Text, nullable=False),
    )
    op.create_index("conflicts_subject", "conflicts", ["subject"])
    op.create_index("conflicts_received", "conflicts", ["received"])
    op.create_table(
        "forgotten",
        sa.Column("subject", sa.String(64), primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables, and with them everything that was kept."""
    for table in ("forgotten", "conflicts", "feedback", "decisions"):
        op.drop_table(table)
