"""What a reader of the outbox has not had, because it did not come for too long."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the column. MQTT reads events as they stand when it begins, and needs no place."""
    op.add_column("readers", sa.Column("missed", sa.BigInteger, nullable=False, server_default="0"))
    op.execute("DELETE FROM readers WHERE name = 'mqtt'")
