"""The table `labels`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "labels",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("observer", sa.Text, nullable=False),
        sa.Column("observation", sa.Text, nullable=False),
        sa.Column("camera", sa.Text, nullable=False),
        sa.Column("start", _TIME, nullable=False),
        sa.Column("end", _TIME, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("behaviour", sa.Text, nullable=False),
        sa.Column("withdrawn_at", _TIME),
        sqlite_autoincrement=True,
    )
    op.create_index("labels_observer", "labels", ["observer", "observation"])
