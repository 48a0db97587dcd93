#!/usr/bin/env python3
"""generate_longer.py SEED [--two] [--settle N] [FILE]: a random scenario that is nastier than generate.py's.

More of what generate.py has little or nothing of: knobs of the port and the endpoint in mid-flight, reset methods,
autosuspend delays, interrupts over low power, second opens, closes that keep a mapping, unbind and rebind,
wide config writes, host writes. --settle N: the recorder waits N ms only after each operation.
"""
import sys
from generate import Dice, cfg_read, cfg_write, pmcsr, bar, mapping, lowpower, ask


def irqs(d, f):
    n = d.weighted([(3, 0), (4, 1), (5, 2), (1, 3), (1, 4)])
    return d.weighted([
        (5, 'set_irqs %s %d trigger eventfd 0 1' % (f, n)), (3, 'set_irqs %s %d trigger none 0 0' % (f, n)), (2, 'set_irqs %s %d trigger none 0 1' % (f, n)),
        (2, 'set_irqs %s %d trigger bool 0 1 01' % (f, n)), (2, 'set_irqs %s 2 trigger eventfd %d %d' % (f, d.upto(3), 1 + d.upto(3))),
        (1, 'set_irqs %s 0 mask none 0 1' % f), (1, 'set_irqs %s 0 unmask none 0 1' % f), (1, 'set_irqs %s 0 unmask eventfd 0 1' % f),
        (1, 'set_irqs %s %d trigger eventfd 0 1 fd=-1' % (f, n)), (2, 'eventfd_read %s irq%d.%d' % (f, n, d.upto(2)))])


def wide(d, f):
    return d.weighted([
        (2, 'cfg_write %s 0x10 %s' % (f, 'ff' * d.pick([4, 8, 24]))), (1, 'cfg_write %s 4 0600000000000000' % f), (2, 'cfg_read %s 0x10 24' % f),
        (1, 'cfg_write %s 0x30 ffffffff' % f), (1, 'cfg_read %s 0 256' % f), (1, 'cfg_write %s MSIX+2 0080' % f), (1, 'cfg_write %s MSIX+2 0000' % f),
        (1, 'cfg_write %s MSI+2 0100' % f), (1, 'cfg_read %s MSIX 12' % f), (1, 'cfg_read %s MSI 16' % f), (1, 'cfg_write %s 0x0c 10' % f),
        (1, 'cfg_write %s 4 %02x%02x' % (f, d.upto(8), d.pick([0, 4]))), (1, 'cfg_read %s EXP 32' % f), (1, 'cfg_write %s EXP+9 80' % f)])


def host(d, f, port):
    return d.weighted([
        (3, 'host_cfg_read %s 0 64' % f), (3, 'host_cfg_read %s PM+4 2' % f), (1, 'host_cfg_read %s 0 256' % f), (2, 'host_cfg_read %s 0 64' % port),
        (1, 'host_cfg_read %s MSI 16' % f), (1, 'host_cfg_read %s MSIX 4' % f), (1, 'sysfs_read %s reset_method' % f), (1, 'sysfs_read %s power_state' % port)])


def knob(d, f, port):
    return d.weighted([
        (4, 'sysfs_write %s power/control %s' % (f, d.pick(['on', 'auto']))), (4, 'sysfs_write %s d3cold_allowed %d' % (f, d.upto(2))),
        (4, 'sysfs_write %s power/control %s' % (port, d.pick(['on', 'auto']))), (4, 'sysfs_write %s d3cold_allowed %d' % (port, d.upto(2))),
        (3, 'sysfs_write %s power/autosuspend_delay_ms %s' % (port, d.pick(['0', '50', '100', '500', '-1']))),
        (1, 'sysfs_write %s power/autosuspend_delay_ms 50' % f), (3, 'sysfs_write %s reset 1' % f),
        (1, 'sysfs_write %s power/wakeup %s' % (d.pick([f, port]), d.pick(['enabled', 'disabled'])))])


def scenario(seed, two, settle, ports=('rp',)):
    d = Dice(seed ^ 0x5eed0000)
    n = 50 + d.upto(60)
    names = ['ep', 'ep1'] if two else ['ep']
    bound = {f: False for f in names}
    opened = {f: 0 for f in names}
    out = []
    rude = d.upto(8) == 0
    while len(out) < n:
        f = d.pick(names)
        port = d.pick(ports)
        if not bound[f]:
            what = d.weighted([(10, 'bind'), (2, 'host'), (3, 'knob')])
        elif not opened[f]:
            what = d.weighted([(12, 'open'), (3, 'host'), (6, 'knob'), (2, 'sleep'), (3, 'unbind')])
        else:
            what = d.weighted([(10, 'pmcsr'), (9, 'cfg_read'), (6, 'cfg_write'), (7, 'bar'), (8, 'mapping'), (22, 'lowpower'), (6, 'efd'), (3, 'ask'),
                               (6, 'reset'), (6, 'hot'), (10, 'irqs'), (9, 'host'), (12, 'knob'), (4, 'sleep'), (6, 'close'), (5, 'wide'), (1, 'again'),
                               (1, 'keep'), (1 if rude else 0, 'rude')])
        if what == 'bind':
            out.append('bind ' + f); bound[f] = True
        elif what == 'unbind':
            out.append('munmap ' + f); out.append('unbind ' + f); bound[f] = False
        elif what == 'open':
            out.append('open ' + f); opened[f] = 1
            if d.upto(10) < 6:
                out.append('cfg_write %s 4 %s' % (f, d.pick(['0600', '0700'])))
        elif what == 'again':
            out.append('open %s again' % f); opened[f] = min(opened[f] + 1, 5)
        elif what == 'close':
            out.append('close ' + f); opened[f] -= 1
        elif what == 'keep':
            out.append('close %s keep' % f); opened[f] -= 1
            if d.upto(2): out.append('mmap_read %s M 8 4' % f)
            out.append('munmap ' + f)
        elif what == 'efd':
            out.append('eventfd_read %s %s' % (f, d.pick(['wake', 'wake', 'wake', 'wake2'])))
        elif what == 'sleep':
            out.append('sleep %d' % d.pick([5, 20, 50, 100, 150, 400]))
        elif what == 'reset':
            out.append('reset ' + f)
        elif what == 'hot':
            out.append('hot_reset %s groups=%s' % (f, d.pick(['all', 'all', 'all', 'own', 'none'])))
        elif what == 'rude':
            out.append('host_cfg_write %s %s' % (f, d.pick(['PM+4 0300', 'PM+4 0000', '4 0000', '4 0700'])))
        elif what in ('host', 'knob'):
            out.append({'host': host, 'knob': knob}[what](d, f, port))
        else:
            out.append({'pmcsr': pmcsr, 'cfg_read': cfg_read, 'cfg_write': cfg_write, 'bar': bar, 'mapping': mapping, 'lowpower': lowpower,
                        'ask': ask, 'irqs': irqs, 'wide': wide}[what](d, f))
    for f in names:
        for _ in range(opened[f]):
            out.append('close ' + f)
    for f in names:
        if bound[f]:
            out.append('unbind ' + f)
    kind = 'nasty' if settle is None else 'midflight%d' % settle
    head = ['# name: %s-%d' % (kind, seed), '# desc: nasty random operations%s, seed %d' % (' on two functions' if two else '', seed), '# seed: %d' % seed]
    if settle is not None:
        head += ['# settle: %d' % settle, '# quiet: 0']
    return '\n'.join(head + out) + '\n'


if __name__ == '__main__':
    import argparse
    p = argparse.ArgumentParser()
    p.add_argument('seed', type=int); p.add_argument('--two', action='store_true'); p.add_argument('--settle', type=int)
    p.add_argument('--ports', default='rp'); p.add_argument('file')
    a = p.parse_args()
    open(a.file, 'w').write(scenario(a.seed, a.two, a.settle, a.ports.split(',')))
