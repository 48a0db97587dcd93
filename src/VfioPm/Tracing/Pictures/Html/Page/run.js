// What the page shows, as it was saved. A moment is a number of ticks of 100 ns since boot.
const ticksPerSecond = 1e7;
const ticksPerMillisecond = 1e4;

function readRun(saved) {
  const text = number => number < 0 ? "" : saved.texts[number];
  const devices = saved.devices.map(device => ({
    name: device.name,
    title: device.title,
    parent: device.parent,
    lanes: device.lanes.map(lane => ({
      kind: lane.kind,
      title: lane.title,
      values: lane.values.map(([begin, end, value, look, level, cause]) =>
        ({ begin, end, text: text(value), look: text(look), level: level / 100, cause: text(cause) })),
    })),
    reasons: device.reasons.map(([begin, end, why]) => ({ begin, end, text: text(why) })),
  }));
  const events = saved.events.map(([time, device, kind, what, cause, caller]) =>
    ({ time, device: devices[device], kind: text(kind), what: text(what), cause: text(cause), caller: text(caller) }));
  const parts = new Set(events.filter(event => event.kind === "operation").map(event => `${event.time} ${event.cause}`));
  events.forEach(event => { event.isWhole = event.kind === "operation" && parts.has(`${event.time} ${event.device.title}: ${event.what}`); });
  const moments = new Set([saved.begin, saved.end, ...events.map(event => event.time)]);
  devices.forEach(device => device.lanes.forEach(lane => lane.values.forEach(value => moments.add(value.begin))));
  return {
    kernel: saved.kernel,
    begin: saved.begin,
    end: saved.end,
    devices,
    events,
    steps: saved.steps,
    moments: [...moments].sort((one, other) => one - other),
  };
}

// The place of the last item that is not after a moment, or -1.
function lastUpTo(items, moment, timeOf) {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeOf(items[middle]) <= moment) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const valueAt = (values, moment) => values[lastUpTo(values, moment, value => value.begin)];

// Exact to the millisecond where that says all, else to the tick.
function timeText(ticks) {
  const digits = ticks % ticksPerMillisecond === 0 ? 3 : ticks % 10 === 0 ? 6 : 7;
  return `${(ticks / ticksPerSecond).toFixed(digits)} s`;
}

// How long something lasts, in the unit that a reader would take.
function lengthText(ticks) {
  const number = value => String(Number(value.toPrecision(6)));
  if (ticks < ticksPerMillisecond) return `${number(ticks / 10)} µs`;
  if (ticks < ticksPerSecond) return `${number(ticks / ticksPerMillisecond)} ms`;
  return `${number(ticks / ticksPerSecond)} s`;
}
