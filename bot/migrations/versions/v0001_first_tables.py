"""The first tables: calls, entries, promises, deliveries, tokens, flags."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "calls",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("caller", sa.String(255), nullable=False),
        sa.Column("called", sa.String(255), nullable=False),
        sa.Column("line", sa.String(80), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime()),
        sa.Column("disposition", sa.String(32)),
        sa.Column("afterwards", sa.String(16)),
        sa.Column("recording", sa.Text(), nullable=False),
        sa.Column("stream_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
    )
    op.create_index("ix_calls_started_at", "calls", ["started_at"])
    op.create_table(
        "entries",
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", "seq", name="pk_entries"),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name="fk_entries_call_id_calls", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "promises",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("number", sa.String(255), nullable=False),
        sa.Column("about", sa.String(500), nullable=False),
        sa.Column("owner", sa.String(80), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_promises"),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name="fk_promises_call_id_calls", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("call_id", "kind", "about", name="uq_promises_call_id_kind_about"),
    )
    op.create_index("ix_promises_state_due_at", "promises", ["state", "due_at"])
    op.create_table(
        "deliveries",
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", "step", name="pk_deliveries"),
    )
    op.create_table(
        "tokens",
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("nonce", name="pk_tokens"),
    )
    op.create_index("ix_tokens_expires_at", "tokens", ["expires_at"])
    op.create_table(
        "flags",
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("call_id", "kind", "at_ms", name="pk_flags"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_flags_call_id_calls", ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Drop the tables, those that point at others first."""
    for table in ("flags", "tokens", "deliveries", "promises", "entries", "calls"):
        op.drop_table(table)
