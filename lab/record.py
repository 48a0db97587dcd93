#!/usr/bin/env python3
"""Boots a kernel, plays scenarios in it and collects one recording a scenario.

    record.py --kernel DIR --profile linux-6.1 --topo b --out RECORDINGS scenarios/*.sc

DIR is where a Debian linux-image package was unpacked (it holds boot/ and lib/modules/).
"""
import argparse, glob, gzip, json, lzma, os, re, shutil, subprocess, sys, tempfile, time

from monitor import Monitor
from topologies import TOPOLOGIES

HERE = os.path.dirname(os.path.abspath(__file__))
WANTED = ['vfio-pci', 'vfio_iommu_type1', 'pci-stub']


class Kernel:
    def __init__(self, d):
        found = []
        for place in ('boot/vmlinuz-*', 'usr/lib/modules/*/vmlinuz*', 'usr/lib/linux*/**/vmlinuz*', 'usr/lib/**/vmlinuz*'):
            found += glob.glob(os.path.join(d, place), recursive=True)
        self.image = found[0]
        roots = glob.glob(os.path.join(d, 'lib/modules/*')) + glob.glob(os.path.join(d, 'usr/lib/modules/*'))
        self.root = [r for r in roots if os.path.isdir(os.path.join(r, 'kernel'))][0]
        self.files = {}
        for folder, _, names in os.walk(self.root):
            for n in names:
                if re.search(r'\.ko(\.\w+)?$', n):
                    self.files[re.sub(r'\.ko(\.\w+)?$', '', n).replace('-', '_')] = os.path.join(folder, n)

    def order(self):
        """Files of the wanted modules, each after what it needs (no module index is needed)."""
        out = []

        def add(name):
            path = self.files.get(name)
            if not path or path in out:
                return
            g = re.search(rb'\0depends=([^\0]*)\0', b'\0' + self.read(path))
            for needed in (g[1].decode().split(',') if g else []):
                add(needed.replace('-', '_'))
            out.append(path)
        for wanted in WANTED:
            add(wanted.replace('-', '_'))
        return out

    def read(self, p):
        b = open(p, 'rb').read()
        if p.endswith('.xz'):
            return lzma.decompress(b)
        if p.endswith('.gz'):
            return gzip.decompress(b)
        if p.endswith('.zst'):
            return subprocess.run(['zstd', '-dc'], input=b, stdout=subprocess.PIPE, check=True).stdout
        return b


def meta(path):
    m = {'name': os.path.splitext(os.path.basename(path))[0]}
    for line in open(path):
        g = re.match(r'# (\w+): *(.*)', line)
        if g:
            m[g[1]] = g[2].strip()
    return m


def build_agent(work):
    agent = os.path.join(work, 'agent')
    sources = glob.glob(os.path.join(HERE, 'agent', '*.[ch]'))
    if not os.path.exists(agent) or os.path.getmtime(agent) < max(map(os.path.getmtime, sources)):
        subprocess.run(['gcc', '-O1', '-Wall', '-static', '-pthread', '-o', agent] + [s for s in sources if s.endswith('.c')], check=True)
    return agent


def build(args, kernel, topo, params, files, fresh):
    root = os.path.join(args.work, 'root')
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(os.path.join(root, 'lab', 'sc'))
    os.makedirs(os.path.join(root, 'mod'))
    shutil.copy(build_agent(args.work), os.path.join(root, 'init'))
    lines = []
    for p in kernel.order():
        name = re.sub(r'\.ko.*', '.ko', os.path.basename(p))
        open(os.path.join(root, 'mod', name), 'wb').write(kernel.read(p))
        lines.append('/mod/' + name + (' ' + params if params and name == 'vfio-pci.ko' else ''))
    open(os.path.join(root, 'lab', 'modules'), 'w').write('\n'.join(lines) + '\n')
    with open(os.path.join(root, 'lab', 'conf'), 'w') as c:
        for f in topo['functions']:
            c.write('fn ' + ' '.join(f) + '\n')
        for x in topo.get('set', []):
            c.write('set ' + x + '\n')
        if not fresh:
            c.write('warm\n')
        c.write('platform ' + json.dumps(topo['platform'], separators=(',', ':')) + '\n')
        c.write('emulator %s\n' % args.emulator)
        c.write('profile %s\nsettle %d\nquiet %d\n' % (args.profile, args.settle, args.quiet))
    for n, f in enumerate(files):
        shutil.copy(f, os.path.join(root, 'lab', 'sc', '%04d.sc' % n))
    img = os.path.join(args.work, 'initrd')
    names = subprocess.run(['find', '.'], cwd=root, stdout=subprocess.PIPE, check=True).stdout
    with open(img, 'wb') as o:
        subprocess.run(['cpio', '-o', '-H', 'newc', '--quiet'], cwd=root, input=names, stdout=o, check=True)
    return img


def command(args, kernel, topo, img, out, log):
    cmd = [args.qemu, '-machine', 'q35', '-accel', 'tcg', '-cpu', 'max', '-m', '1024', '-smp', '1',
           '-icount', 'shift=2,sleep=off', '-nodefaults', '-nographic', '-no-reboot',
           '-serial', 'file:' + log, '-debugcon', 'file:' + out, '-global', 'isa-debugcon.iobase=0xe9',
           '-kernel', kernel.image, '-initrd', img,
           '-append', ' '.join(['console=ttyS0', 'intel_iommu=on', 'quiet', 'panic=-1'] + topo.get('cmdline', [])),
           '-device', 'intel-iommu']
    if topo.get('acpi') is not None:
        aml = os.path.join(args.work, 'ssdt')
        subprocess.run(['iasl'] + topo['acpi'] + ['-p', aml, os.path.join(HERE, 'ssdt.asl')], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cmd += ['-acpitable', 'file=' + aml + '.aml']
    if topo.get('disk'):
        disk = os.path.join(args.work, 'disk.img')
        with open(disk, 'wb') as d:
            d.truncate(4 << 20)
    for word, name in ('@disk@', 'disk.img'), ('@socket@', 'silicon'):
        topo = dict(topo, qemu=[a.replace(word, os.path.join(args.work, name)) for a in topo['qemu']])
    if topo.get('cards'):
        cmd += Monitor.arguments(monitor_path(args))
    return cmd + topo['qemu']


def monitor_path(args):
    return os.path.join(args.work, 'monitor')


def serve(args, topo):
    """Serves the function that is the model's; it ends with the emulator."""
    socket = os.path.join(args.work, 'silicon')
    served = subprocess.Popen([args.vfio_pm, 'serve', '--once', '--as', 'silicon', '--platform', 'power-cut', '--socket', socket,
                               '--device', os.path.join(HERE, 'silicon', topo['served'] + '.txt')], stdout=subprocess.PIPE)
    served.stdout.readline()    # it says where it serves when it does
    return served


def boot(args, kernel, topo, params, files, fresh):
    """One boot: (name, lines, events, clean, why) for every finished scenario, what began and did not end, and what the emulator refused."""
    img = build(args, kernel, topo, params, files, fresh)
    out = os.path.join(args.work, 'trace.out')
    log = os.path.join(args.work, 'console.log')
    for f in (out, log):
        if os.path.exists(f):
            os.remove(f)
    t = time.time()
    served = serve(args, topo) if 'served' in topo else None
    p = subprocess.Popen(command(args, kernel, topo, img, out, log), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    monitor = Monitor(monitor_path(args), out, topo.get('cards', {}))
    if monitor.cards:
        monitor.start()
    try:
        # a guest that adds nothing to its trace for so long is stuck
        size, since = -1, time.time()
        while p.poll() is None:
            time.sleep(0.2)
            s = os.path.getsize(out) if os.path.exists(out) else 0
            if s != size:
                size, since = s, time.time()
            elif time.time() - since > args.stuck:
                print('  stuck, ending this boot', file=sys.stderr)
                break
    finally:
        if p.poll() is None:
            p.kill()
        p.wait()
        if served:
            served.wait()
    done, begun = read(out)
    print('  boot took %.0f s, %d of %d scenarios' % (time.time() - t, len(done), len(files)), file=sys.stderr)
    return done, begun, monitor.problems


def read(out):
    done = []
    name, lines = None, []
    text = open(out, errors='replace').read() if os.path.exists(out) else ''
    for line in text.split('\n'):
        if line.startswith('@begin '):
            name, lines = line[7:], []
        elif line.startswith('@end '):
            w = line.split(' ', 4)
            done.append((w[1], lines, int(w[2]), w[3] == 'clean', w[4] if len(w) > 4 else ''))
            name = None
        elif line.startswith('@note'):
            print('  ' + line, file=sys.stderr)
        elif line and not line.startswith('@') and name:
            lines.append(line)
    return done, (name, lines)


def check(name, lines, count, functions):
    head = json.loads(lines[0])
    assert head['format'] == 'vfio-pm-trace/1' and head['name'] == name
    assert len(lines) == count + 1, 'lost lines'
    for i, line in enumerate(lines[1:]):
        e = json.loads(line)
        assert e['i'] == i and set(e['state']) <= {f[1] for f in functions}
        assert 'ret' in e and isinstance(e['rpm'], list)


def groups(args, topo):
    """Scenarios by what their boot needs."""
    found = {}
    for f in args.scenarios:
        m = meta(f)
        if 'topos' in m and args.topo not in m['topos'].split():
            continue
        if 'profiles' in m and args.profile not in m['profiles'].split():
            continue
        params = m.get('module', '')
        if topo.get('enable_sriov') and 'enable_sriov' not in params:
            params = (params + ' enable_sriov=1').strip()
        found.setdefault((params, m['name'] if 'fresh' in m else ''), []).append((m['name'], f))
    return found


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--kernel', required=True)
    ap.add_argument('--profile', default='linux-6.1')
    ap.add_argument('--topo', required=True, choices=sorted(TOPOLOGIES))
    ap.add_argument('--out', required=True)
    ap.add_argument('--work', default=None)
    ap.add_argument('--qemu', default='qemu-system-x86_64')
    ap.add_argument('--vfio-pm', default='vfio-pm', help='the tool, for machines with silicon of the model')
    ap.add_argument('--settle', type=int, default=300)
    ap.add_argument('--quiet', type=int, default=250)
    ap.add_argument('--stuck', type=int, default=60)
    ap.add_argument('scenarios', nargs='+')
    args = ap.parse_args()
    args.work = args.work or tempfile.mkdtemp(prefix='vfio-pm-lab-')
    os.makedirs(args.work, exist_ok=True)
    args.emulator = subprocess.run([args.qemu, '--version'], stdout=subprocess.PIPE, check=True).stdout.decode().split('\n')[0]
    os.makedirs(args.out, exist_ok=True)
    kernel = Kernel(args.kernel)
    topo = TOPOLOGIES[args.topo]
    failed = []
    for (params, fresh), todo in groups(args, topo).items():
        while todo:
            print('%s %s: %d scenarios %s' % (args.profile, args.topo, len(todo), params), file=sys.stderr)
            done, (hung, part), refused = boot(args, kernel, topo, params, [f for _, f in todo], fresh)
            for name, lines, count, clean, why in done:
                try:
                    assert name not in refused, 'the emulator refused ' + refused.get(name, '')
                    check(name, lines, count, topo['functions'])
                    with open(os.path.join(args.out, name + '.jsonl'), 'w') as o:
                        o.write('\n'.join(lines) + '\n')
                except (AssertionError, ValueError, IndexError) as e:
                    failed.append((name, repr(e)))
                if not clean:
                    print('  after %s not as before: %s' % (name, why), file=sys.stderr)
            gone = {d[0] for d in done}
            if hung:
                failed.append((hung, 'no end; last line: ' + (part[-1][:300] if part else '')))
                gone.add(hung)
            if not gone:
                failed += [(n, 'guest did not start') for n, _ in todo]
                break
            todo = [x for x in todo if x[0] not in gone]
    for n, why in failed:
        print('FAILED %s: %s' % (n, why), file=sys.stderr)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
