"""The machines: arguments of the emulator, the functions that are watched, and what firmware offers for each."""

ROOT_PORT, ENDPOINT = 'root_port', 'endpoint'
RP = ('rp', '0000:00:03.0', ROOT_PORT, '-')
EP = ('ep', '0000:01:00.0', ENDPOINT, 'rp')
ONE = [RP, EP]

OLD = 'port may not be put into D3 (firmware date before 2015)'
D3HOT = 'port may go to D3hot (firmware date 2020)'
COLD = ('switching the power resource off resets everything below the port; d3cold_allowed of the port was set to 1 before the '
        'recording, because this port has no PM capability and the kernel starts it at 0')
DARK = COLD.replace('resets everything below the port', 'cuts the power of the slot: what is below reads all-ones')
LOST = 'loses power with the port above it'

# No hotplug of either kind: with ACPI hotplug this emulator's ports do not report their link as active, and then the
# kernel waits a second and says ENOTTY to every bus reset.
NO_ACPI_HOTPLUG = ['-global', 'ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off']
NEW_BIOS = ['-smbios', 'type=0,date=01/01/2020']


def device(*words):
    return ['-device', ','.join(words)]


def port(n, slot, *more, hotplug='off'):
    return device('pcie-root-port', 'id=rp%d' % n, 'bus=pcie.0', 'addr=%s' % slot, *more, 'chassis=%d' % (n + 1), 'slot=%d' % (n + 1),
                  'hotplug=' + hotplug)


def firmware(bdf, notes='', power=False, s0w=None):
    return {'bdf': bdf, 'power_resource': power, 's0w': s0w, 'notes': notes}


def machine(qemu, functions, notes=(), cold=(), s0w=4, **more):
    """notes: of each function, in order; cold: the ports with a power resource."""
    notes = list(notes) + [''] * (len(functions) - len(notes))
    return dict(
        qemu=qemu, functions=functions,
        platform=[firmware(f[1], n, f[0] in cold, s0w if f[0] in cold else None) for f, n in zip(functions, notes)],
        acpi=([] if s0w is None else ['-DS0W=%d' % s0w]) + (['-DTWO'] if len(cold) > 1 else []) if cold else None, **more)


def cold(qemu, functions=ONE, s0w=4, lost=LOST, cut=COLD, **more):
    """Below one port with a power resource; ports are allowed D3cold before the first scenario."""
    ports = [f[0] for f in functions if f[2].endswith('port')]
    return machine(NEW_BIOS + qemu, functions, [cut] + [lost] * (len(functions) - 1), ['rp'], s0w,
                   set=['%s d3cold_allowed 1' % p for p in ports], **more)


def dark(qemu, functions=ONE):
    """The same, and what lost its power does not answer."""
    topo = cold(qemu, functions, cut=DARK)
    return dict(topo, acpi=topo['acpi'] + ['-DDARK'])


PORT = NO_ACPI_HOTPLUG + port(0, '03.0')
SLOT = NO_ACPI_HOTPLUG + port(0, '03.0', hotplug='on')
E1000E = device('e1000e', 'bus=rp0', 'id=ep')
CARDS = {'rp': 'e1000e,bus=rp0,id=ep'}
NVME = ['-drive', 'if=none,id=d0,format=raw,file=@disk@'] + device('nvme', 'bus=rp0', 'drive=d0', 'serial=lab')
TWO_NICS = device('e1000e', 'bus=rp0', 'addr=00.0', 'multifunction=on') + device('e1000e', 'bus=rp0', 'addr=00.1')
EP1_SAME_DEVICE = ('ep1', '0000:01:00.1', ENDPOINT, 'rp')
RP1 = ('rp1', '0000:00:04.0', ROOT_PORT, '-')
EP1 = ('ep1', '0000:02:00.0', ENDPOINT, 'rp1')
TWO_PORTS = PORT + port(1, '04.0') + device('e1000e', 'bus=rp0') + device('e1000e', 'bus=rp1')
SWITCH = PORT + (
    device('x3130-upstream', 'id=up', 'bus=rp0')
    + device('xio3130-downstream', 'id=dn0', 'bus=up', 'addr=00.0', 'chassis=11', 'slot=11', 'hotplug=off')
    + device('xio3130-downstream', 'id=dn1', 'bus=up', 'addr=01.0', 'chassis=12', 'slot=12', 'hotplug=off')
    + device('e1000e', 'bus=dn0') + device('e1000e', 'bus=dn1'))
BELOW_SWITCH = [RP, ('up', '0000:01:00.0', 'upstream_port', 'rp'), ('dn', '0000:02:00.0', 'downstream_port', 'up'),
                ('dn1', '0000:02:01.0', 'downstream_port', 'up'), ('ep', '0000:03:00.0', ENDPOINT, 'dn'), ('ep1', '0000:04:00.0', ENDPOINT, 'dn1')]
VIRTUAL = [EP, ('vf0', '0000:01:00.1', 'vf', 'rp', 'ep'), ('vf1', '0000:01:00.2', 'vf', 'rp', 'ep')]
SRIOV_NVME = (device('nvme-subsys', 'id=s0')
              + device('nvme', 'serial=lab', 'bus=rp0', 'subsys=s0', 'sriov_max_vfs=2', 'sriov_vq_flexible=4', 'sriov_vi_flexible=2'))


def on_root_bus(model, notes='on the root bus'):
    return machine(device(*model.split(','), 'bus=pcie.0', 'addr=03.0'), [('ep', '0000:00:03.0', ENDPOINT, '-')], [notes])


def served(image):
    """Below a port with a power resource: a function that vfio-pm serves as silicon (silicon/IMAGE.txt), and that keeps to the specifications
    as far as the emulator's bus lets it: a cut port only resets it, and what nobody answers reads zero."""
    topo = cold(['-machine', 'memory-backend=mem', '-object', 'memory-backend-memfd,id=mem,size=1024M,share=on',
                 '-global', 'intel-iommu.caching-mode=on'] + PORT
                + ['-device', '{"driver":"vfio-user-pci","bus":"rp0","socket":{"type":"unix","path":"@socket@"}}'], served=image)
    topo['platform'][1]['silicon'] = ['AnswersWithoutPower', 'UnansweredMemoryReadsZero']
    return topo


TOPOLOGIES = {
    # an endpoint below a port that must stay in D0, that may sleep, and that has a power resource
    'a': machine(PORT + E1000E, ONE, [OLD]),
    'a-d3hot-port': machine(NEW_BIOS + PORT + E1000E, ONE, [D3HOT]),
    'b': cold(PORT + E1000E),
    'b-dark': dark(PORT + E1000E),
    # the deepest state to wake from is D3hot, and none is named
    'b-s0w3': cold(PORT + E1000E, s0w=3),
    'b-nos0w': cold(PORT + E1000E, s0w=None),
    # the port as the kernel finds it: d3cold_allowed of the port 0
    'b-unset': machine(NEW_BIOS + PORT + E1000E, ONE, ['d3cold_allowed as found', LOST], ['rp']),
    # nvme, and below a port with a power resource
    'c': machine(PORT + NVME, ONE, [OLD], disk=True),
    'c-cold': cold(PORT + NVME, disk=True),
    'd': on_root_bus('edu', 'on the root bus, no PM capability'),
    # virtio, below a port with a power resource, without a PM capability, and without function level reset
    'e': machine(PORT + device('virtio-net-pci', 'bus=rp0'), ONE, [OLD]),
    'e-cold': cold(PORT + device('virtio-net-pci', 'bus=rp0', 'romfile=')),
    'e-nopm': cold(PORT + device('virtio-net-pci', 'bus=rp0', 'romfile=', 'x-pcie-pm-init=off'), lost=LOST + '; its PMCSR cannot be written'),
    'e-flr': cold(PORT + device('virtio-net-pci', 'bus=rp0', 'romfile=', 'x-pcie-flr-init=off', 'ats=on')),
    # two functions of one device
    'f': cold(PORT + TWO_NICS, ONE + [EP1_SAME_DEVICE]),
    'f-dark': dark(PORT + TWO_NICS, ONE + [EP1_SAME_DEVICE]),
    # two ports, and with a power resource each
    'g': machine(TWO_PORTS, ONE + [RP1, EP1], [OLD, '', OLD, '']),
    'g-cold': machine(NEW_BIOS + TWO_PORTS, ONE + [RP1, EP1], [COLD, LOST, COLD, LOST], ['rp', 'rp1'],
                      set=['rp d3cold_allowed 1', 'rp1 d3cold_allowed 1']),
    # claims D1, D2 and PME# from D0 to D3hot; a conventional PCI function
    'h': on_root_bus('i82559c', 'on the root bus, conventional PCI; its PMCSR cannot be written'),
    # an nvme with two virtual functions, which this emulator plugs in; so the port has a slot, which is the firmware's
    'i': machine(port(0, '03.0', hotplug='on') + SRIOV_NVME, [RP] + VIRTUAL,
                 ['port may not be put into D3 (hotplug is the firmware\'s)', '', *['virtual function of 0000:01:00.0'] * 2],
                 cmdline=['pcie_aspm=off'], enable_sriov=True),
    # the same with a slot that pciehp serves
    'i-hp': machine(SLOT + SRIOV_NVME, [RP] + VIRTUAL, [OLD, '', *['virtual function of 0000:01:00.0'] * 2],
                    cmdline=['pcie_aspm=off', 'pcie_ports=native'], enable_sriov=True),
    # two functions of a root port device without ACS: one IOMMU group with the ports and both endpoints
    'k': machine(NEW_BIOS + NO_ACPI_HOTPLUG + port(0, '03.0', 'multifunction=on', 'disable-acs=on') + port(1, '03.1', 'disable-acs=on')
                 + device('e1000e', 'bus=rp0') + device('e1000e', 'bus=rp1'), ONE + [('rp1', '0000:00:03.1', ROOT_PORT, '-'), EP1]),
    # e1000e and nvme as two functions of one device below a port with a power resource
    'm': cold(PORT + device('e1000e', 'bus=rp0', 'addr=00.0', 'multifunction=on') + NVME[:2]
              + device('nvme', 'bus=rp0', 'addr=00.1', 'drive=d0', 'serial=lab'), ONE + [EP1_SAME_DEVICE], disk=True),
    # a slot that pciehp serves, whose card comes and goes, below a port as in a-d3hot-port and in b
    'hp': machine(NEW_BIOS + SLOT + E1000E, ONE, [D3HOT], cmdline=['pcie_ports=native'], cards=CARDS),
    'b-hp': cold(SLOT + E1000E, cmdline=['pcie_ports=native'], cards=CARDS),
    # a switch with two endpoints: the port above it stays in D0, sleeps, has a power resource
    'sw': machine(SWITCH, BELOW_SWITCH, [OLD]),
    'sw-d3hot': machine(NEW_BIOS + SWITCH, BELOW_SWITCH),
    'sw-cold': cold(SWITCH, BELOW_SWITCH),
    # a conventional bridge on the root bus with two conventional functions, one without a PM capability
    'pcibr': machine(NEW_BIOS + device('i82801b11-bridge', 'id=br', 'bus=pcie.0', 'addr=03.0')
                     + device('i82559c', 'bus=br', 'addr=01.0', 'romfile=') + device('e1000', 'bus=br', 'addr=02.0', 'romfile='),
                     [('rp', '0000:00:03.0', 'pci_bridge', '-'), ('ep', '0000:01:01.0', ENDPOINT, 'rp'), ('ep1', '0000:01:02.0', ENDPOINT, 'rp')]),
    # a PCIe-to-PCI bridge with two conventional functions; the kernel's shpchp has the bridge, so their group is not viable
    'pcibr-shpc': machine(NEW_BIOS + PORT + device('pcie-pci-bridge', 'id=br', 'bus=rp0') + device('i82559c', 'bus=br', 'addr=01.0', 'romfile=')
                          + device('e1000', 'bus=br', 'addr=02.0', 'romfile='),
                          [RP, ('br', '0000:01:00.0', 'pci_bridge', 'rp'), ('ep', '0000:02:01.0', ENDPOINT, 'br'), ('ep1', '0000:02:02.0', ENDPOINT, 'br')]),
    # silicon of the model's: what no device of the emulator has
    'y-d1-d2-pme': served('d1-d2-pme'),
    'y-soft-reset': served('soft-reset'),
    'y-gated': served('gated'),
    # other devices
    'x-xhci': machine(NEW_BIOS + PORT + device('nec-usb-xhci', 'bus=rp0'), ONE, [D3HOT]),
    'x-vmxnet3': machine(NEW_BIOS + PORT + device('vmxnet3', 'bus=rp0', 'romfile='), ONE, [D3HOT]),
    'x-megasas': machine(NEW_BIOS + PORT + device('megasas-gen2', 'bus=rp0'), ONE, [D3HOT]),
    'x-ahci': on_root_bus('ich9-ahci'),
    'x-hda': on_root_bus('ich9-intel-hda'),
    'x-rtl8139': on_root_bus('rtl8139,romfile='),
    'x-tulip': on_root_bus('tulip,romfile='),
}
