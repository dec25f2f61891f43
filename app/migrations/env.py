"""Alembic's entry: run the migrations on the connection that `app.services.installation` opened."""

from alembic import context
from sqlalchemy import text

from app.models import (
    Base,
    campaigns,
    casefiles,
    casework,
    checklists,
    clauses,
    documents,
    draws,
    enterprises,
    hazards,
    imports,
    people,
    rankings,
    records,
    reports,
    wordings,
    workdays,
    workers,
)

# importing them makes their tables known
TABLES = (
    *(campaigns, casefiles, casework, checklists, clauses, documents, draws, enterprises, hazards),
    *(imports, people, rankings, records, reports, workdays, workers, wordings),
)

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    transaction_per_migration=False,
    transactional_ddl=True,
    render_as_batch=False,
)
with context.begin_transaction():
    if connection.dialect.name == "postgresql":
        # Two processes may start at once; the second finds everything done.
        connection.execute(text("SELECT pg_advisory_xact_lock(4774)"))
    context.run_migrations()
