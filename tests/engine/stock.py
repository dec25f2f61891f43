"""A case on the library as it comes, to show what the engine corrects."""

from lxml import etree
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.spiff.parser import SpiffBpmnParser

from tests.engine.draw import DEFINED


class Stock:
    """A case on the library as it comes."""

    def __init__(self, main, *parts, decisions=(), **variables):
        parser = SpiffBpmnParser()
        for data in decisions:
            parser.add_dmn_xml(etree.fromstring(data))
        for drawing in (main, *parts):
            drawing.extra = [DEFINED]
            parser.add_bpmn_xml(etree.fromstring(drawing.file()))
        self.spec = parser.get_spec(main.id)
        self.workflow = BpmnWorkflow(self.spec, parser.get_subprocess_specs(main.id))
        self.workflow.task_tree.data.update(variables)
        self.workflow.do_engine_steps()

    @property
    def open(self):
        return sorted(task.task_spec.name for task in self.ready())

    def ready(self):
        return self.workflow.get_tasks(state=TaskState.READY, manual=True)

    def data(self, node):
        return next(task.data for task in self.ready() if task.task_spec.name == node)

    def do(self, node, **answers):
        task = next(task for task in self.ready() if task.task_spec.name == node)
        task.data.update(answers)
        task.run()
        self.workflow.do_engine_steps()
        return self
