"""The emulator's monitor: cards come and go when the guest's agent asks for it (agent/slot.c).

The agent says what it wants and panics; the emulator then stops, with its clock, and goes on when it is done.
"""
import json, socket, threading, time


class Monitor(threading.Thread):
    """cards: for each port the device that is the card in its slot, as the emulator's command line has it.
    problems: what the emulator refused, by the scenario."""

    def __init__(self, path, said, cards):
        super().__init__(daemon=True)
        self.path, self.said, self.cards = path, said, cards
        self.problems = {}

    @staticmethod
    def arguments(path):
        return ['-qmp', 'unix:%s,server=on,wait=off' % path, '-device', 'pvpanic', '-action', 'panic=pause']

    def run(self):
        link = socket.socket(socket.AF_UNIX)
        while link.connect_ex(self.path):
            time.sleep(0.05)
        self.lines, self.link = link.makefile(), link
        self.ask('qmp_capabilities')
        for line in self.lines:
            if json.loads(line).get('event') == 'STOP':
                said = open(self.said, errors='replace').read()
                self.scenario = said.rsplit('@begin ', 1)[1].split()[0]
                self.serve(said.rsplit('@monitor ', 1)[1].split())
                self.ask('cont')

    def serve(self, words):
        operation, port = words
        driver, *properties = self.cards[port].split(',')
        properties = dict(p.split('=') for p in properties)
        if operation == 'unplug':
            self.ask('device_del', id=properties['id'])
        else:
            self.ask('device_add', driver=driver, **properties)

    def ask(self, command, **arguments):
        self.link.sendall(json.dumps({'execute': command, 'arguments': arguments}).encode())
        for line in self.lines:
            answer = json.loads(line)
            if 'error' in answer:
                self.problems[self.scenario] = '%s: %s' % (command, answer['error']['desc'])
            if 'return' in answer or 'error' in answer:
                return
