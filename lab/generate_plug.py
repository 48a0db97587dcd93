#!/usr/bin/env python3
"""generate_plug.py SEED FILE: a random scenario in which the card of a slot comes and goes, whatever its user does with it.

For the machines with `cards` (topologies.py). Nobody waits for himself: while a removal waits for the user, the agent, who is all of them,
does nothing that waits for the removal.
"""
import sys
from generate import Dice, cfg_read, cfg_write, pmcsr, bar, mapping, lowpower, ask
from generate_longer import host, irqs

CARD, PORT = 'ep', 'rp'


def use(d):
    return d.weighted([(5, pmcsr), (4, cfg_read), (3, cfg_write), (3, bar), (3, mapping), (6, lowpower), (3, irqs), (1, ask)])(d, CARD)


def look(d):
    return d.weighted([(3, 'slot_read %s power' % PORT), (3, 'slot_read %s adapter' % PORT), (2, 'host_cfg_read %s 0 64' % PORT),
                       (1, 'sysfs_read %s power_state' % PORT)])


def knob(d):
    return d.weighted([(3, 'sysfs_write %s power/control %s' % (d.pick([CARD, PORT]), d.pick(['on', 'auto']))),
                       (2, 'sysfs_write %s d3cold_allowed %d' % (d.pick([CARD, PORT]), d.upto(2))),
                       (2, 'sysfs_write %s power/autosuspend_delay_ms %s' % (PORT, d.pick(['0', '100', '500', '-1'])))])


def pause(d):
    return 'sleep %d' % d.pick([5, 50, 200, 500, 1000, 2000])


def user(d, out):
    """Somebody binds the card and, mostly, uses it; whether it is open at the end."""
    out.append('bind %s%s' % (CARD, d.weighted([(8, ''), (1, ' driver=pci-stub')])))
    if out[-1].endswith('stub') or d.upto(4) == 0:
        return False
    out.append('open ' + CARD)
    if d.upto(3):
        out.append('cfg_write %s 4 0600' % CARD)
    if d.upto(2):
        out.append('set_irqs %s 4 trigger eventfd 0 1' % CARD)
    out.extend(use(d) for _ in range(d.upto(6)))
    return True


def leave(d, out, is_open):
    """The card goes, in one of the ways in which it can."""
    way = d.weighted([(6, 'button'), (3, 'power'), (2, 'remove'), (2, 'race')])
    close = 'close ' + CARD
    if way == 'button':
        out.append('unplug ' + PORT)
        for _ in range(d.upto(5)):
            out.append(d.weighted([(3, pause), (2, look), (2 if not is_open else 0, knob), (3 if is_open else 0, use), (1, lambda d: host(d, CARD, PORT))])(d))
        out.append('sleep 5600')
        if is_open:
            for _ in range(d.upto(5)):
                out.append(d.weighted([(3, pause), (2, look), (4, use)])(d))
            out.append('eventfd_read %s irq4.0' % CARD)
            out += ['munmap ' + CARD, close]
    elif way == 'race' and is_open:
        out.append('unplug ' + PORT)
        out.append('sleep %d' % d.pick([4600, 4700, 4800, 4900]))
        out.append('munmap ' + CARD)
        out.append('par { sleep %d ; %s } { %s ; sleep 1 ; %s }' % (d.pick([1, 20, 100, 300]), close, look(d), look(d)))
    else:
        act = 'sysfs_write %s remove 1' % CARD if way == 'remove' else 'slot_write %s power 0' % PORT
        if is_open:
            out += ['munmap ' + CARD, 'par { %s } { sleep %d ; %s ; sleep %d ; %s }' % (act, d.pick([1, 500]), use(d), d.pick([1, 11000]), close)]
        else:
            out.append(act)
    out.append('sleep %d' % d.pick([500, 2500]))
    return way


def come(d, out, way):
    if way == 'remove':
        out.append(d.weighted([(3, 'sysfs_write %s rescan 1' % PORT), (1, look(d))]))
        out.append('sysfs_write %s rescan 1' % PORT)
        return
    out += [look(d) for _ in range(d.upto(3))] + [pause(d) for _ in range(d.upto(2))]
    # the button is heard at the latest now, and a removal that began late is over
    out += ['slot_read %s power' % PORT, 'sleep 8000']
    out.append('plug ' + PORT)
    out.append(d.weighted([(3, 'sleep 6500'), (1, 'slot_read %s power' % PORT)]))
    out += ['sleep 6500', 'slot_read %s power' % PORT, 'sleep 1500']


def scenario(seed):
    d = Dice(seed ^ 0x9109)
    out = []
    for _ in range(1 + d.upto(3)):
        out += [knob(d) for _ in range(d.upto(3))]
        is_open = user(d, out) if d.upto(6) else False
        out.append(pause(d))
        come(d, out, leave(d, out, is_open))
    return '\n'.join(['# name: plug-random-%d' % seed, '# desc: a card that comes and goes, seed %d' % seed, '# seed: %d' % seed] + out) + '\n'


if __name__ == '__main__':
    open(sys.argv[2], 'w').write(scenario(int(sys.argv[1])))
