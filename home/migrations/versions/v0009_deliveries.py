"""The tables `deliveries` and `idempotency`, and the entries of the outbox by their event."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "deliveries",
        sa.Column("target", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("set_aside_at", _TIME),
        sa.Column("reason", sa.Text),
    )
    op.create_index("deliveries_stream", "deliveries", ["target", "stream", "seq"])
    op.create_index("outbox_event", "outbox", ["event_id", "seq"])
    op.create_table(
        "idempotency",
        sa.Column("who", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
    )
    op.create_index("idempotency_at", "idempotency", ["at"])
