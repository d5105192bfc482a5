"""What Alembic runs: the migrations, on the connection that the store hands over."""

from __future__ import annotations

from alembic import context

from triage.serve.feedback.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table="triage_schema",
    # SQLite can alter tables inside a transaction; Alembic does not expect it.
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
