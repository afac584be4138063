"""The table `tracks`: who was followed live."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "tracks",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("camera", sa.Text, nullable=False),
        sa.Column("track_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("entered_at", _TIME, nullable=False),
        sa.Column("seen_at", _TIME, nullable=False),
        sa.Column("left_at", _TIME),
        sa.Column("ended", sa.Text, nullable=False),
        sa.Column("duration_s", sa.Double, nullable=False),
        sa.Column("cat", sa.Text, nullable=False),
        sa.Column("confidence", sa.Double, nullable=False),
        sa.Column("bbox", sa.Text, nullable=False),
        sa.Column("behaviours", sa.Text, nullable=False),
        sa.Column("zones", sa.Text, nullable=False),
    )
    op.create_index("tracks_entered", "tracks", ["entered_at"])
    op.create_index("tracks_camera", "tracks", ["camera", "track_id"])
