#!/usr/bin/env python3
"""generate_crowd.py SEED [--two] [--settle N] [--ports rp,rp1] FILE: a random scenario of several at once.

Half of its lines are done by two or three threads, each of which does one to three operations of generate_longer.py's; one of
them may open, close, bind or unbind meanwhile.
"""
import argparse
from generate import Dice, cfg_read, cfg_write, pmcsr, bar, mapping, lowpower, ask
from generate_longer import host, irqs, knob, wide


def of_user(d, f, port):
    """What somebody who has the device open does."""
    what = d.weighted([(10, pmcsr), (8, cfg_read), (6, cfg_write), (7, bar), (4, mapping), (22, lowpower), (2, ask), (8, irqs), (3, wide),
                       (6, 'reset %s'), (5, 'hot_reset %s groups=all')])
    return what % f if isinstance(what, str) else what(d, f)


def of_administrator(d, f, port):
    return d.weighted([(3, host), (5, knob)])(d, f, port)


def thread(d, f, port, is_open, first=None):
    operations = [] if first is None else [first]
    for _ in range(1 + d.upto(3)):
        if d.upto(3) == 0:
            operations.append('sleep %d' % d.pick([1, 3, 5, 10, 20, 60, 120]))
        operations.append((of_user if is_open and d.upto(4) else of_administrator)(d, f, port))
    return '{ %s }' % ' ; '.join(operations)


class Machine:
    """Which functions are bound and open, so that what is tried can be."""
    def __init__(self, dice, names, ports):
        self.d, self.names, self.ports = dice, names, ports
        self.bound = {f: False for f in names}
        self.opened = {f: 0 for f in names}

    def change(self, f):
        """Somebody comes or goes."""
        if not self.bound[f]:
            self.bound[f] = True
            return 'bind ' + f
        if not self.opened[f]:
            if self.d.upto(4) == 0:
                self.bound[f] = False
                return 'unbind ' + f
            self.opened[f] = 1
            return 'open ' + f
        self.opened[f] -= 1
        return 'close ' + f

    def line(self):
        d = self.d
        f, port = d.pick(self.names), d.pick(self.ports)
        if d.upto(2):
            if not self.opened[f] and d.upto(3):
                return self.change(f)
            if self.opened[f] and d.upto(8) == 0:
                return self.change(f)
            return (of_user if self.opened[f] and d.upto(3) else of_administrator)(d, f, port)
        threads = []
        for number in range(2 + (d.upto(3) == 0)):
            one = d.pick(self.names)
            is_open = self.opened[one] > 0
            first = self.change(one) if number == 0 and d.upto(5) == 0 else None
            threads.append(thread(d, one, d.pick(self.ports), is_open and self.opened[one] > 0, first))
        return 'par ' + ' '.join(threads)

    def leave(self):
        for f in self.names:
            yield from ['close ' + f] * self.opened[f]
        for f in self.names:
            if self.bound[f]:
                yield 'unbind ' + f


def scenario(seed, two, settle, ports):
    d = Dice(seed ^ 0xc0d00000)
    machine = Machine(d, ['ep', 'ep1'] if two else ['ep'], ports)
    lines = [machine.line() for _ in range(25 + d.upto(25))]
    head = ['# name: %s-%d' % ('crowd' if settle is None else 'crowdmid%d' % settle, seed), '# desc: random operations of several at once, seed %d' % seed,
            '# seed: %d' % seed] + ([] if settle is None else ['# settle: %d' % settle, '# quiet: 0'])
    return '\n'.join(head + lines + list(machine.leave())) + '\n'


if __name__ == '__main__':
    p = argparse.ArgumentParser()
    p.add_argument('seed', type=int)
    p.add_argument('--two', action='store_true')
    p.add_argument('--settle', type=int)
    p.add_argument('--ports', default='rp')
    p.add_argument('file')
    a = p.parse_args()
    with open(a.file, 'w') as file:
        file.write(scenario(a.seed, a.two, a.settle, a.ports.split(',')))
