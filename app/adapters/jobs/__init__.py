"""Jobs by DBOS, on both databases: enqueued in the business transaction, none lost at a kill -9.

A web process only writes rows; a worker launches DBOS and runs them. A job whose worker dies is
taken over by another within seconds: DBOS leaves that to whoever runs it (see `lives`). So a
handler can be called again for a job that is half or wholly done.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from threading import BoundedSemaphore, Event
from typing import Any

from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, EnqueueOptions
from dbos._error import DBOSInitializationError
from dbos._schemas import SCHEMA_PLACEHOLDER
from dbos._sys_db import SystemDatabase
from sqlalchemy import Connection, Engine, func, select

from app.adapters import Handler, JobStats
from app.adapters.jobs.lives import Lives
from app.domain.lazy import lazy

logging.getLogger("dbos").setLevel(logging.ERROR)
logger = logging.getLogger(__name__)

APPLICATION, QUEUE, JOB = "bihuan", "jobs", "job"
VERSION = "1"
"""Fixed: by default DBOS takes a hash of the source, and an update would strand what is running."""
CLAIMED, AT_ONCE = 32, 4
"""Jobs that one worker takes from the queue at a look, and how many of them it does at a time."""
POLL = 0.2
TRIES, FIRST_PAUSE, LONGER = 5, 0.5, 3.0
"""A job that fails is tried again after 0.5, 1.5, 4.5 and 13.5 seconds, then kept as failed."""
MOST_RECOVERIES = 20
STOPPING = 5
SCHEMA = "dbos"
FORGET_AT_ONCE = 500

FAILED = ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
DONE = ("SUCCESS", "CANCELLED")


class DbosJobs:
    """The port `Jobs` on a database that has DBOS's tables (`migrate`)."""

    def __init__(self, engine: Engine, lives: Lives) -> None:
        self._engine = engine
        self._lives = lives
        self._handlers: dict[str, Handler] = {}

    @lazy
    def _client(self) -> "DBOSClient":
        return DBOSClient(
            system_database_engine=self._engine,
            dbos_system_schema=SCHEMA,
            serializer=DBOSPortableJSONSerializer(),  # its default, pickle, runs what it reads
            application_name=APPLICATION,
            lazy=True,
            retry_connection_errors=False,
        )

    def enqueue(
        self,
        session: Any,
        name: str,
        key: str,
        arguments: Mapping[str, Any],
        delay: timedelta | None = None,
    ) -> None:
        options: EnqueueOptions = {
            "workflow_name": JOB,
            "queue_name": QUEUE,
            "workflow_id": key,
            "app_version": VERSION,
        }
        if delay is not None and delay > timedelta():
            options["delay_seconds"] = delay.total_seconds()
        self._client.enqueue_in_transaction(session, options, name, dict(arguments))

    def cancel(self, key: str) -> None:
        self._client.cancel_workflow(key)

    def register(self, name: str, handler: Handler) -> None:
        self._handlers[name] = handler

    def stats(self) -> JobStats:
        status = SystemDatabase.tables.workflow_status.c.status
        with self._connected() as connection:
            rows = connection.execute(select(status, func.count()).group_by(status)).all()
        counts: dict[str, int] = {name: number for name, number in rows}  # noqa: C416
        return JobStats(
            queued=counts.get("ENQUEUED", 0),
            later=counts.get("DELAYED", 0),
            running=counts.get("PENDING", 0),
            failed=sum(counts.get(name, 0) for name in FAILED),
            done=sum(counts.get(name, 0) for name in DONE),
        )

    def _connected(self) -> Connection:
        schema = None if self._engine.dialect.name == "sqlite" else SCHEMA
        places = {SCHEMA_PLACEHOLDER: schema}
        return self._engine.execution_options(schema_translate_map=places).connect()

    def forget(self, age: timedelta) -> int:
        """Remove what ended longer than `age` ago, by the database's own clock."""
        system = _system_database(self._engine)
        status = SystemDatabase.tables.workflow_status.c
        limit = system._now_ms_sql() - int(age.total_seconds() * 1000)  # noqa: SLF001
        old = select(status.workflow_uuid).where(
            status.completed_at.is_not(None), status.completed_at < limit
        )
        forgotten = 0
        while True:
            with self._connected() as connection:
                keys = list(connection.scalars(old.limit(FORGET_AT_ONCE)))
            if not keys:
                return forgotten
            self._client.delete_workflows(keys)
            forgotten += len(keys)

    def run_worker(self, stop: Event, beat: Callable[[], None], pause: float) -> None:
        """Launch DBOS, take over what dead workers left, and `beat` until `stop` is set."""
        with self._lives.live() as me:
            DBOS(config=self._config(me))
            DBOS.workflow(name=JOB, max_recovery_attempts=MOST_RECOVERIES)(self._job(stop))
            try:
                DBOS.launch()
                DBOS.register_queue(
                    QUEUE,
                    worker_concurrency=CLAIMED,
                    polling_interval_sec=POLL,
                    on_conflict="always_update",
                )
                while True:
                    self._take_over(me)
                    beat()
                    if stop.wait(pause):
                        break
            finally:
                DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=STOPPING)

    def _config(self, me: str) -> DBOSConfig:
        return {
            "name": APPLICATION,
            "system_database_url": self._engine.url.render_as_string(hide_password=False),
            "system_database_engine": self._engine,
            "dbos_system_schema": SCHEMA,
            "executor_id": me,
            "application_version": VERSION,
            "serializer": DBOSPortableJSONSerializer(),
            "run_migrations": False,
            "use_listen_notify": False,
            "enable_otlp": False,
            "log_level": "ERROR",
            "max_executor_threads": CLAIMED * 2,
            "notification_listener_polling_interval_sec": 0.5,
            "scheduler_polling_interval_sec": 3600.0,
        }

    def _job(self, stop: Event) -> Callable[[str, dict[str, Any]], None]:
        handlers, turn = self._handlers, BoundedSemaphore(AT_ONCE)

        def job(name: str, arguments: dict[str, Any]) -> None:
            handler = handlers[name]
            pause = FIRST_PAUSE
            for left in range(TRIES - 1, -1, -1):
                try:
                    with turn:
                        handler(arguments)
                except Exception:  # whatever a job fails by, it is tried again, then told
                    if not left or stop.is_set():
                        logger.exception("Job %s %s failed", name, arguments)
                        raise
                    logger.warning("Job %s %s is tried again", name, arguments, exc_info=True)
                else:
                    return
                stop.wait(pause)
                pause *= LONGER

        return job

    def _take_over(self, me: str) -> None:
        """Put the jobs of dead workers back into the queue."""
        running = self._client.list_workflows(
            status="PENDING", load_input=False, load_output=False, limit=1000
        )
        for name in sorted({row.executor_id or "" for row in running} - {me}):
            with self._lives.dead(name) as dead:
                if dead:
                    logger.warning("Worker %s is dead: its jobs are taken over", name)
                    DBOS._recover_pending_workflows([name])  # noqa: SLF001  (pinned, and tested)


def migrate(engine: Engine) -> None:
    """Make DBOS's tables, or bring them up to date."""
    _system_database(engine).run_migrations()


def is_current(engine: Engine) -> bool:
    """Test whether DBOS's tables are those that this version needs."""
    try:
        _system_database(engine).verify_migrations()
    except DBOSInitializationError:
        return False
    return True


def _system_database(engine: Engine) -> SystemDatabase:
    from dbos._sys_db import SystemDatabase  # noqa: PLC0415

    return SystemDatabase.create(
        system_database_url=engine.url.render_as_string(hide_password=False),
        engine_kwargs={},
        engine=engine,
        schema=SCHEMA,
        serializer=DBOSPortableJSONSerializer(),
        executor_id=None,
        use_listen_notify=False,
        app_name=APPLICATION,
    )
