"""The naive floor: raw driver, spec parsed once, SpiffWorkflow's own JSON after every task."""

import warnings

import psycopg
from lxml import etree
from pysqlite3 import dbapi2 as sqlite
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.util.task import TaskState
from sqlalchemy import make_url

from tests.bench.material import ANSWERS, diagram

TABLE = "CREATE TABLE naive (id INTEGER PRIMARY KEY, state TEXT NOT NULL)"


class Floor:
    """Starts instances and completes tasks as a first program would."""

    def __init__(self, url: str) -> None:
        if url.startswith("sqlite"):
            self.connection = sqlite.connect(make_url(url).database, isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=FULL"):
                self.connection.execute(f"PRAGMA {pragma}")
            self.mark = "?"
        else:
            plain = make_url(url).set(drivername="postgresql")
            self.connection = psycopg.connect(
                plain.render_as_string(hide_password=False), autocommit=True
            )
            self.mark = "%s"
        self.connection.execute(TABLE)
        parser = SpiffBpmnParser()
        parser.add_bpmn_xml(etree.fromstring(diagram()))
        self.spec = parser.get_spec("bench")
        self.subprocesses = parser.get_subprocess_specs("bench")
        self.serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(SPIFF_CONFIG))

    def start(self, number: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            workflow = BpmnWorkflow(self.spec, self.subprocesses)
            workflow.do_engine_steps()
            state = self.serializer.serialize_json(workflow)
        self._write(f"INSERT INTO naive VALUES ({self.mark}, {self.mark})", (number, state))

    def step(self, number: int) -> None:
        self.connection.execute("BEGIN")
        query = f"SELECT state FROM naive WHERE id = {self.mark}"
        (state,) = self.connection.execute(query, (number,)).fetchone()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            workflow = self.serializer.deserialize_json(state)
            (task,) = workflow.get_tasks(state=TaskState.READY, manual=True)
            task.data.update(ANSWERS)
            task.run()
            workflow.do_engine_steps()
            state = self.serializer.serialize_json(workflow)
        update = f"UPDATE naive SET state = {self.mark} WHERE id = {self.mark}"
        self.connection.execute(update, (state, number))
        self.connection.execute("COMMIT")

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        self.connection.execute("BEGIN")
        self.connection.execute(statement, values)
        self.connection.execute("COMMIT")

    def close(self) -> None:
        self.connection.close()
