"""Random block-structured diagrams; a seed gives the same one again."""

import random
from itertools import pairwise

from tests.engine.draw import (
    FORM,
    NAMES,
    TERMINATE,
    Drawing,
    alarm,
    bundle,
    for_each,
    forms,
    message,
    timer,
)

BLOCKS = [
    "task",
    "seq",
    "seq",
    "seq",
    "and",
    "and",
    "or",
    "or",
    "xor",
    "loop",
    "loop",
    "back",
    "sub",
    "call",
    "each",
    "reminder",
    "overdue",
    "events",
    "receive",
    "error",
    "escalation",
    "terminate",
    "letter",
    "service",
]


class Generator:
    """Draws a block-structured diagram; every block has one way in and one way out."""

    def __init__(self, seed):
        self.random = random.Random(seed)  # noqa: S311  (a seed must give the same diagram again)
        self.number = 0
        self.parts = []
        self.main = Drawing("p")
        self.main.start(props=FORM | {"variables": "c again panel"})
        self.main.end()
        blocks = [self.block(self.main, 4) for _ in range(self.random.randint(2, 4))]
        self.join(self.main, [("start", "start"), *blocks, ("end", "end")])

    def bundle(self):
        names = [*NAMES, *(f"u{number}" for number in range(self.number + 1))]
        return bundle(self.main, *self.parts, more=forms(names))

    def id(self, prefix):
        self.number += 1
        return f"{prefix}{self.number}"

    def join(self, d, blocks):
        for (_, source), (target, _) in pairwise(blocks):
            d.flow(source, target)
        return blocks[0][0], blocks[-1][1]

    def block(self, d, depth):
        kind = self.random.choice(BLOCKS) if depth > 0 else self.random.choice(["task", "service"])
        return getattr(self, kind)(d, depth - 1)

    def user(self, d, **props):
        id_ = self.id("u")
        return d.user(id_, f"{id_} c again", **props)

    def task(self, d, depth):
        return (self.user(d),) * 2

    def service(self, d, depth):
        id_ = self.id("v")
        return (d.service(id_, result=id_, text="c"),) * 2

    def receive(self, d, depth):
        id_ = self.id("r")
        return (
            d.node("receiveTask", id_, name=id_, messageRef="m1", props={"variables": "c"}),
        ) * 2

    def each(self, d, depth):
        until = self.random.choice([None, None, "len(opinions) > 1"])
        id_ = self.id("w")
        return (d.user(id_, "opinion", inner=for_each(until=until and "len(opinions) &gt; 1")),) * 2

    def seq(self, d, depth):
        blocks = [self.block(d, depth) for _ in range(self.random.randint(2, 3))]
        return self.join(d, blocks)

    def back(self, d, depth):
        first = self.user(d)
        second = self.user(d, returnTo=first)
        if self.random.random() < 0.5:
            d.boundary(self.id("t"), first, timer("P1D"), interrupting=False)
            self.side(d, f"t{self.number}")
        if self.random.random() < 0.5:
            d.boundary(self.id("t"), second, timer("P1D"), interrupting=False)
            self.side(d, f"t{self.number}")
        between = self.block(d, depth)
        return self.join(d, [(first, first), between, (second, second)])

    def side(self, d, event):
        task, end = self.user(d), d.end(self.id("e"))
        d.chain(event, task, end)

    def both_kinds(self, d, depth, *, conditional):
        split, join, default = self.id("S"), self.id("J"), self.id("d")
        blocks = [self.block(d, depth) for _ in range(self.random.randint(2, 3))]
        if conditional:
            d.some(split, default)
            d.some(join)
        else:
            d.both(split)
            d.both(join)
        for number, (entry, out) in enumerate(blocks):
            if conditional and number:
                d.flow(split, entry, f"c % 10 > {number * 3}")
            else:
                d.flow(split, entry, id_=default if conditional else None)
            d.flow(out, join)
        return split, join

    def and_(self, d, depth):
        return self.both_kinds(d, depth, conditional=False)

    def or_(self, d, depth):
        return self.both_kinds(d, depth, conditional=True)

    def xor(self, d, depth):
        split, join, default = self.id("X"), self.id("M"), self.id("d")
        d.xor(split, default)
        d.xor(join)
        one, other = self.block(d, depth), self.block(d, depth)
        d.flow(split, one[0], "c % 10 > 5")
        d.flow(split, other[0], id_=default)
        d.flow(one[1], join)
        d.flow(other[1], join)
        return split, join

    def loop(self, d, depth):
        head, test, default = self.id("L"), self.id("Q"), self.id("d")
        d.xor(head)
        d.xor(test, default)
        out = d.xor(self.id("M"))
        self.join(d, [(head, head), self.block(d, depth), self.task(d, 0), (test, test)])
        d.flow(test, head, "again % 2 == 1")
        d.flow(test, out, id_=default)
        return head, out

    def inside(self, d, depth, ends=None):
        """Draw an embedded subprocess or a part, with what `ends` adds before its end."""
        called = self.random.random() < 0.5
        id_ = self.id("P")
        names = ("c", "again", "panel"), ("c", "again")
        inner = Drawing(f"q{id_}" if called else id_, name=id_, io=names if called else ((), ()))
        inner.tag = "process" if called else "subProcess"
        start, end = inner.start(self.id("st")), inner.end(self.id("en"))
        blocks = [(start, start), self.block(inner, depth), *(ends(inner) if ends else [])]
        self.join(inner, [*blocks, (end, end)])
        if called:
            self.parts.append(inner)
            d.call(id_, inner.id)
        else:
            d.embed(inner)
        return id_

    def sub(self, d, depth):
        id_ = self.inside(d, depth)
        kind = self.random.choice(["plain", "overdue", "reminder"])
        if kind == "overdue":
            return self.interrupted(d, id_, timer("P1D"))
        if kind == "reminder":
            self.side(d, d.boundary(self.id("t"), id_, timer("P1D"), interrupting=False))
        return id_, id_

    call = sub

    def interrupted(self, d, id_, event):
        boundary, out = self.id("t"), d.xor(self.id("M"))
        d.boundary(boundary, id_, event)
        d.flow(id_, out)
        d.chain(boundary, self.user(d), out)
        return id_, out

    def reminder(self, d, depth):
        task = self.user(d)
        for _ in range(self.random.randint(1, 2)):
            self.side(d, d.boundary(self.id("t"), task, timer("P1D"), interrupting=False))
        return task, task

    def letter(self, d, depth):
        task, event = self.user(d), message("m2")
        props = {"variables": "c"}
        self.side(d, d.boundary(self.id("t"), task, event, interrupting=False, props=props))
        return task, task

    def overdue(self, d, depth):
        activity = self.random.choice([self.task, self.each, self.service, self.receive])(d, 0)[0]
        return self.interrupted(d, activity, timer("P1D"))

    def events(self, d, depth):
        gateway, out = d.node("eventBasedGateway", self.id("G")), d.xor(self.id("M"))
        for event in (message("m1"), timer("P1D"), timer("P2D")):
            catch = d.catch(self.id("k"), event)
            d.flow(gateway, catch)
            follow = self.each(d, 0) if self.random.random() < 0.3 else self.task(d, 0)
            d.flow(catch, follow[0])
            d.flow(follow[1], out)
        return gateway, out

    def error(self, d, depth):
        def fail(inner):
            split, out, default = self.id("X"), self.id("M"), self.id("d")
            inner.xor(split, default)
            inner.xor(out)
            inner.flow(split, inner.end(self.id("e"), inner=alarm("error", "e1")), "c % 2 == 0")
            inner.flow(split, out, id_=default)
            return [(split, out)]

        return self.interrupted(d, self.inside(d, depth, fail), alarm("error", "e1"))

    def escalation(self, d, depth):
        def tell(inner):
            return [(inner.throw(self.id("h"), alarm("escalation", "s1")),) * 2]

        id_ = self.inside(d, depth, tell)
        event = alarm("escalation", "s1")
        self.side(d, d.boundary(self.id("t"), id_, event, interrupting=False))
        return id_, id_

    def terminate(self, d, depth):
        def stop(inner):
            split, end = inner.both(self.id("S")), inner.end(self.id("e"), inner=TERMINATE)
            inner.chain(split, self.user(inner), end)
            return [(split, split), self.task(inner, 0)]

        id_ = self.inside(d, 0, stop)
        return id_, id_


setattr(Generator, "and", Generator.and_)
setattr(Generator, "or", Generator.or_)
