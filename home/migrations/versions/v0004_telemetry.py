"""The table `telemetry`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "telemetry",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("ts", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Double, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("cat", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("telemetry_reading", "telemetry", ["device", "ts", "name", "value", "unit"], unique=True)
    op.create_index("telemetry_ts", "telemetry", ["ts"])
