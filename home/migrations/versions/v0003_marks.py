"""The table `marks`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "marks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("observer", sa.Text, nullable=False),
        sa.Column("camera", sa.Text, nullable=False),
        sa.Column("ts", _TIME, nullable=False),
        sa.Column("cat", sa.Text, nullable=False),
        *(sa.Column(side, sa.Double, nullable=False) for side in ("x1", "y1", "x2", "y2")),
        sa.Column("keypoints", sa.Text, nullable=False),
        sa.Column("withdrawn_at", _TIME),
        sqlite_autoincrement=True,
    )
    op.create_index("marks_picture", "marks", ["observer", "camera", "ts"])
