"""Databases as they were at an earlier revision."""

from alembic import command

from app.services import installation


def migrate_to(database, revision):
    """Bring a database to `revision`, and no further."""
    config = installation._alembic()
    with database.engine.connect().execution_options(unscoped="test") as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()
