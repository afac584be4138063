"""The table `events`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "events",
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("stream_id", sa.Text),
        sa.Column("track_id", sa.BigInteger),
        sa.Column("timestamp_utc", _TIME, nullable=False),
        sa.Column("frame_index", sa.BigInteger),
        sa.Column("bbox", sa.Text),
        sa.Column("confidence", sa.Double),
        sa.Column("inference_latency_ms", sa.Double),
        sa.Column("gpu_enabled", sa.Boolean),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("media", sa.Text, nullable=False),
        sa.Column("withdrawn_at", _TIME),
    )
    op.create_index("events_timestamp", "events", ["timestamp_utc"])
