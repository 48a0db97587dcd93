#!/usr/bin/env python3
"""generate.py SEED [--two] [FILE]: a random scenario, the same for the same seed everywhere.

The operations are weighted towards power management: PMCSR writes, BAR accesses in odd
states, the low power features, resets, opens and closes, and the host's knobs. --two
plays with two endpoints (ep and ep1) instead of one.
"""
import sys


class Dice:
    """A small generator of its own, so that scenarios do not depend on a library's."""
    def __init__(self, seed):
        # the seed is scrambled first, so that neighbouring seeds do not walk the same path
        self.s = seed
        self.s = self.bits() ^ ((seed << 32) & (2**64 - 1))
        self.s = self.bits()

    def bits(self):
        self.s = (self.s + 0x9E3779B97F4A7C15) & (2**64 - 1)
        z = self.s
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
        return z ^ (z >> 31)

    def upto(self, n):
        return self.bits() % n

    def pick(self, seq):
        return seq[self.upto(len(seq))]

    def weighted(self, pairs):
        n = self.upto(sum(w for w, _ in pairs))
        for w, x in pairs:
            if n < w:
                return x
            n -= w


def pmcsr(d, f):
    how = d.weighted([(6, 'word'), (3, 'byte'), (3, 'dword'), (1, 'high'), (1, 'span')])
    state = d.weighted([(5, 3), (5, 0), (1, 1), (1, 2)])
    high = d.weighted([(6, 0), (1, 1), (1, 0x80), (1, 0x81)])
    if how == 'byte':
        return 'cfg_write %s PM+4 %02x' % (f, state)
    if how == 'word':
        return 'cfg_write %s PM+4 %02x%02x' % (f, state, high)
    if how == 'dword':
        return 'cfg_write %s PM+4 %02x%02x0000' % (f, state, high)
    if how == 'span':
        return 'cfg_write %s PM 00000000%02x000000' % (f, state)
    return 'cfg_write %s PM+5 %02x' % (f, high)


def cfg_read(d, f):
    return 'cfg_read %s %s' % (f, d.weighted([
        (5, 'PM+4 2'), (1, 'PM+4 1'), (1, 'PM 8'), (1, 'PM+2 2'), (4, '4 2'), (1, '4 4'), (1, '0 4'), (1, '0x10 24'),
        (1, '0x3c 1'), (1, 'EXP+8 2'), (1, 'MSI 4'), (1, 'MSIX 4'), (1, '0 64'), (1, '%d %d' % (d.upto(256), d.pick([1, 2, 4])))]))


def cfg_write(d, f):
    return 'cfg_write %s %s' % (f, d.weighted([
        (5, '4 0600'), (3, '4 0700'), (3, '4 0000'), (2, '4 0200'), (1, '4 0400'), (1, '4 0604'), (1, '0x3c %02x' % d.upto(256)),
        (1, '0x10 ffffffff'), (1, '0x10 000010fd'), (1, 'PM+2 ffff'), (1, 'EXP+9 80'), (1, 'EXP+8 1020'), (1, 'MSI+2 0100'), (1, '0 ffff')]))


def bar(d, f):
    return d.weighted([
        (5, 'bar_read %s M 8 4' % f), (2, 'bar_read %s M 0 %d' % (f, d.pick([1, 2, 4, 8]))), (2, 'bar_write %s M 0x3800 %08x' % (f, d.upto(256) << 24)),
        (2, 'bar_read %s M 0x3800 4' % f), (1, 'bar_read %s IO 0 4' % f), (1, 'bar_read %s 6 0 4' % f), (1, 'bar_read %s 5 0 4' % f)])


def mapping(d, f):
    return d.weighted([(4, 'mmap %s M 0 4096' % f), (6, 'mmap_read %s M 8 4' % f), (2, 'mmap_write %s M 8 00000000' % f), (1, 'munmap %s' % f)])


def lowpower(d, f):
    return d.weighted([
        (5, 'feature %s set 3' % f), (6, 'feature %s set 4 efd=wake' % f), (6, 'feature %s set 5' % f), (1, 'feature %s probe|set %d' % (f, d.pick([3, 4, 5]))),
        (1, 'feature %s set 4 efd=%s' % (f, d.pick(['-1', 'bad', 'file', 'wake2']))), (1, 'feature %s get %d' % (f, d.pick([3, 4, 5]))),
        (1, 'feature %s set %d argsz=%d' % (f, d.pick([3, 4, 5]), d.pick([4, 8, 12])))])


def ask(d, f):
    return d.pick(['info %s' % f, 'region_info %s %d' % (f, d.upto(10)), 'irq_info %s %d' % (f, d.upto(6)), 'hot_reset_info %s' % f])


def irqs(d, f):
    return d.pick(['set_irqs %s 0 trigger eventfd 0 1' % f, 'set_irqs %s 0 trigger none 0 0' % f, 'set_irqs %s 1 trigger eventfd 0 1' % f,
                   'set_irqs %s 1 trigger none 0 0' % f, 'set_irqs %s 0 unmask none 0 1' % f, 'set_irqs %s 0 mask none 0 1' % f,
                   'set_irqs %s 2 trigger eventfd 0 2' % f, 'set_irqs %s 2 trigger none 0 0' % f, 'set_irqs %s 1 trigger none 0 1' % f])


def host(d, f):
    return d.weighted([(3, 'host_cfg_read %s 0 64' % f), (4, 'host_cfg_read %s PM+4 2' % f), (2, 'host_cfg_read %s 4 2' % f),
                       (1, 'host_cfg_read rp 0 64'), (1, 'sysfs_read %s power_state' % f)])


def knob(d, f):
    return d.weighted([
        (3, 'sysfs_write %s power/control on' % f), (4, 'sysfs_write %s power/control auto' % f), (2, 'sysfs_write %s d3cold_allowed 0' % f),
        (3, 'sysfs_write %s d3cold_allowed 1' % f), (1, 'sysfs_write rp power/control on'), (2, 'sysfs_write rp power/control auto'),
        (1, 'sysfs_write rp d3cold_allowed %d' % d.upto(2)), (1, 'sysfs_write %s reset 1' % f)])


def scenario(seed, two):
    d = Dice(seed)
    n = 40 + d.upto(41)
    names = ['ep', 'ep1'] if two else ['ep']
    bound = {f: False for f in names}
    opened = {f: False for f in names}
    out = []
    rude = d.upto(6) == 0            # in some the host also writes PMCSR behind the driver's back
    while len(out) < n:
        f = d.pick(names)
        if not bound[f]:
            what = d.weighted([(10, 'bind'), (1, 'host'), (1, 'knob')])
        elif not opened[f]:
            what = d.weighted([(10, 'open'), (2, 'host'), (2, 'knob'), (1, 'sleep'), (1, 'unbind')])
        else:
            what = d.weighted([(12, 'pmcsr'), (14, 'cfg_read'), (8, 'cfg_write'), (10, 'bar'), (7, 'mapping'), (20, 'lowpower'), (6, 'efd'), (4, 'ask'),
                               (3, 'reset'), (2, 'hot'), (4, 'irqs'), (8, 'host'), (5, 'knob'), (3, 'sleep'), (4, 'close'), (1 if rude else 0, 'rude')])
        if what == 'bind':
            out.append('bind ' + f); bound[f] = True
        elif what == 'unbind':
            out.append('unbind ' + f); bound[f] = False
        elif what == 'open':
            out.append('open ' + f); opened[f] = True
            if d.upto(10) < 6:
                out.append('cfg_write %s 4 %s' % (f, d.pick(['0600', '0700'])))
        elif what == 'close':
            out.append('close ' + f); opened[f] = False
        elif what == 'efd':
            out.append('eventfd_read %s wake' % f)
        elif what == 'sleep':
            out.append('sleep %d' % (100 + 100 * d.upto(5)))
        elif what == 'reset':
            out.append('reset ' + f)
        elif what == 'hot':
            out.append('hot_reset %s groups=%s' % (f, d.pick(['all', 'all', 'own', 'none'])))
        elif what == 'rude':
            out.append('host_cfg_write %s PM+4 %s' % (f, d.pick(['0300', '0000'])))
        else:
            out.append({'pmcsr': pmcsr, 'cfg_read': cfg_read, 'cfg_write': cfg_write, 'bar': bar, 'mapping': mapping, 'lowpower': lowpower,
                        'ask': ask, 'irqs': irqs, 'host': host, 'knob': knob}[what](d, f))
    for f in names:
        if opened[f]:
            out.append('close ' + f)
    for f in names:
        if bound[f]:
            out.append('unbind ' + f)
    head = ['# name: random-%d' % seed, '# desc: random operations%s, seed %d' % (' on two functions' if two else '', seed), '# seed: %d' % seed]
    return '\n'.join(head + out) + '\n'


if __name__ == '__main__':
    args = [a for a in sys.argv[1:] if a != '--two']
    text = scenario(int(args[0]), '--two' in sys.argv)
    if len(args) > 1:
        open(args[1], 'w').write(text)
    else:
        sys.stdout.write(text)
