"""Whether every sequence flow of a procedure can be taken: walks by chance, from where it is near.

Most of a walk from the start goes where all has been seen. So each keeps where it stood, and the next
goes on from there if something new lies ahead; what is new may hang on what was answered long
before, so many a walk begins anew.
"""

import copy
from collections import Counter, defaultdict

from tests.diagrams.walker import BATCHED, STOPS, Walk, load, settled
from tests.robots.ahead import ways

KEPT = 12
"""So many stands are kept at each place, picked by chance."""
ANEW = 0.25
"""How many of the walks begin anew."""
STEPS, FURTHER = 250, 12
"""How long a walk is from the start, and from where another stood."""
TIRING = 0.5
"""How much nearer another place may seem each time that one has been gone on from in vain."""


class Search:
    """Walks through one procedure: `left` are the flows not taken, `ends` what was reached."""

    def __init__(self, procedure, rng):
        self.procedure, self.rng = procedure, rng
        self.definition, self.forms = load(procedure)
        self.left = set(self.definition.flows) - settled(self.definition)
        self.ends, self.used, self.begun = set(), Counter(), 0
        self.stands, self.met, self.tried = defaultdict(list), Counter(), Counter()
        self.before = defaultdict(list)
        for source, target, _flow, _cost in ways(procedure):
            self.before[target].append(source)
        self.far = {}

    def run(self, walks):
        """Walk until nothing is left, at most so many times."""
        for _ in range(walks):
            walk, steps = self._begin()
            self._see(walk)
            for _ in range(steps):
                if not self.left:
                    return
                if walk.outcome.finished:
                    break
                self._keep(walk)
                walk.passed, walk.ended, walk.effects = [], [], []
                walk.stroll()
                self._see(walk)

    def _see(self, walk):
        """Take in where a step led."""
        known = len(self.left)
        self.left.difference_update(walk.passed)
        self.ends.update(walk.ended)
        if len(self.left) < known:
            self._look()

    def _begin(self):
        places = [place for place in self.stands if place in self.far]
        if places and self.rng.random() > ANEW:
            place = min(places, key=lambda at: self.far[at] + TIRING * self.tried[at])
            self.tried[place] += 1
            return again(self.rng.choice(self.stands[place])), FURTHER
        self.begun += 1
        child = self.begun % 2 == 0 and self.procedure not in BATCHED
        how = {"child": child, "used": self.used, "stop": STOPS[self.begun % 3]}
        return Walk(self.definition, self.forms, self.rng, **how), STEPS

    def _keep(self, walk):
        """Keep where a walk stands: each of those that came to a place is as likely to be kept."""
        for place in {found.node for found in (*walk.outcome.tasks, *walk.outcome.timers)}:
            self.met[place] += 1
            stands = self.stands[place]
            if len(stands) < KEPT:
                stands.append(again(walk))
            elif (at := self.rng.randrange(self.met[place])) < KEPT:
                stands[at] = again(walk)

    def _look(self):
        """Work out anew how far it is from each place to what has not been seen."""
        near = [self.definition.flows[id_].source for id_ in self.left]
        self.far = dict.fromkeys(near, 0)
        for place in near:  # which grows
            for source in self.before[place]:
                if source not in self.far:
                    self.far[source] = self.far[place] + 1
                    near.append(source)


def again(walk):
    """Return a walk that goes on from where one stands."""
    found = copy.copy(walk)
    found.sources = dict(walk.sources)
    found.passed, found.ended, found.effects = [], [], []
    return found
