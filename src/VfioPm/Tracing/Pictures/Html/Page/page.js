// Puts the page together: what is shown, where the reader is, mouse and keys.
const run = readRun(JSON.parse(byId("run").textContent));
const kindTitles = {
  guest_state: "guest reads", power_state: "kernel believes", hardware_state: "hardware is in", runtime_status: "runtime status",
  usage_count: "usage count", operation: "what was done", return: "what returned", failure: "what failed", log: "kernel's log",
  rpm: "rpm events",
};
const legendOrder = ["d0", "d1", "d2", "d3hot", "d3cold", "unknown", "active", "turning", "count", "mark"];
const legends = { active: "active (high), suspended (low)", turning: "suspending, resuming", count: "usage count" };
const hiddenAtFirst = ["return", "rpm"];
const hidden = { devices: new Set(), kinds: new Set(hiddenAtFirst) };
const shown = {
  hasDevice: device => !hidden.devices.has(device.name),
  hasKind: kind => !hidden.kinds.has(kind),
};
const drawing = new Drawing(byId("drawing"), run);
const inspector = new Inspector(run, goTo);
let view = new View(new Axis(run.moments, true));
let moment = run.end;
let step = -1;

function redraw() {
  cancelAnimationFrame(redraw.frame);
  redraw.frame = requestAnimationFrame(() => drawing.draw(view, moment));
}

function refilter() {
  drawing.layOut(shown);
  inspector.show(moment, shown);
  redraw();
}

function goTo(time) {
  moment = Math.min(Math.max(time, run.begin), run.end);
  view.reveal(moment);
  inspector.show(moment, shown);
  redraw();
}

// To the change before or after, of what is shown.
function goOn(direction) {
  const changes = new Set([run.begin, run.end]);
  for (const row of drawing.rows) {
    row.lane?.values.forEach(value => changes.add(value.begin));
    row.marks?.forEach(mark => changes.add(mark.time));
  }
  const sorted = [...changes].sort((one, other) => one - other);
  const at = lastUpTo(sorted, moment, time => time);
  goTo(sorted[direction > 0 ? Math.min(at + 1, sorted.length - 1) : Math.max(0, sorted[at] < moment ? at : at - 1)]);
}

function showStep(number) {
  if (run.steps.length === 0) return;
  step = Math.min(Math.max(number, 0), run.steps.length - 1);
  [...byId("steps").children].forEach((item, at) => item.ariaCurrent = at === step ? "step" : null);
  byId("steps").children[step].scrollIntoView({ block: "nearest" });
  goTo(run.steps[step].end);
}

function toggleSqueeze() {
  const centre = view.axis.timeAt((view.from + view.to) / 2);
  const part = view.length / view.axis.length;
  view = new View(new Axis(run.moments, !view.axis.squeezes));
  const place = view.axis.placeOf(centre);
  view.show(place - view.axis.length * part / 2, place + view.axis.length * part / 2);
  redraw();
}

function toggleTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  redraw();
}

function makeFilter() {
  const box = (text, set, name) => {
    const input = element("input", { type: "checkbox", checked: !set.has(name) });
    input.onchange = () => {
      if (input.checked) set.delete(name);
      else set.add(name);
      refilter();
    };
    return element("label", {}, input, text);
  };
  const kinds = Object.keys(kindTitles).filter(kind =>
    run.events.some(event => event.kind === kind) || run.devices.some(device => device.lanes.some(lane => lane.kind === kind)));
  byId("filter").append(
    element("fieldset", {}, element("legend", {}, "Devices"), ...run.devices.map(device => box(device.title, hidden.devices, device.name))),
    element("fieldset", {}, element("legend", {}, "Kinds"), ...kinds.map(kind => box(kindTitles[kind], hidden.kinds, kind))));
}

// What the colours mean, of what there is.
function makeLegend() {
  const titles = new Map();
  const add = (colour, title) => titles.set(colour, titles.get(colour) ?? title);
  for (const lane of run.devices.flatMap(device => device.lanes)) {
    for (const value of lane.values.filter(value => value.look)) {
      add(colourOf(value), legends[colourOf(value)] ?? value.text);
    }
  }
  if (run.events.some(isMark)) add("mark", kindTitles.operation);
  byId("legend").append(...legendOrder.filter(colour => titles.has(colour)).map(colour => {
    const item = element("li", {}, titles.get(colour));
    item.style.setProperty("--colour", `var(--${colour})`);
    return item;
  }));
}

function makeSteps() {
  byId("steps").append(...run.steps.map(({ what, told }, at) => {
    const item = element("li", {}, what, element("pre", {}, told));
    item.onclick = () => showStep(at);
    return item;
  }));
}

function tipFor(found) {
  if (found.marks) {
    return found.marks.map(mark => [`${mark.device.title}: ${mark.what}`, timeText(mark.time), mark.cause && `part of ${mark.cause}`]
      .filter(line => line).join("\n")).join("\n");
  }
  const { row, value } = found;
  const caller = run.events.find(event => event.caller && event.device === row.device && event.kind === row.lane.kind && event.time === value.begin)?.caller;
  return [
    `${row.device.title}, ${row.lane.title}: ${value.text || "nobody reads"}`,
    `${timeText(value.begin)} to ${timeText(value.end)}, for ${lengthText(value.end - value.begin)}`,
    value.cause,
    caller && `called from ${caller}`,
  ].filter(line => line).join("\n");
}

function showTip(event) {
  const box = byId("lanes").getBoundingClientRect();
  const found = drawing.find(view, event.clientX - box.left, event.clientY - box.top);
  const tip = byId("tip");
  tip.hidden = !found || (!found.marks && !found.value);
  if (tip.hidden) return;
  tip.textContent = tipFor(found);
  tip.style.left = `${Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8)}px`;
  tip.style.top = `${Math.min(event.clientY + 16, innerHeight - tip.offsetHeight - 8)}px`;
}

function listenToMouse() {
  const section = byId("drawing");
  const xOf = event => event.clientX - section.getBoundingClientRect().left;
  let dragged = null;
  section.addEventListener("wheel", event => {
    event.preventDefault();
    const isSideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (isSideways) view.move((event.deltaX || event.deltaY) / (drawing.width - gutter) * view.length);
    else view.zoom(1.0015 ** event.deltaY, view.axis.placeOf(drawing.timeAt(view, xOf(event))));
    redraw();
  }, { passive: false });
  section.onpointerdown = event => {
    dragged = { x: event.clientX, distance: 0 };
    section.setPointerCapture(event.pointerId);
  };
  section.onpointermove = event => {
    if (!dragged) return showTip(event);
    const distance = event.clientX - dragged.x;
    dragged.distance += Math.abs(distance);
    dragged.x = event.clientX;
    if (dragged.distance > 3) {
      section.classList.add("dragged");
      byId("tip").hidden = true;
      view.move(-distance / (drawing.width - gutter) * view.length);
      redraw();
    }
  };
  section.onpointerup = event => {
    if (dragged?.distance <= 3 && xOf(event) >= gutter) goTo(drawing.momentAt(view, xOf(event)));
    section.classList.remove("dragged");
    dragged = null;
  };
  section.onpointerleave = () => { byId("tip").hidden = true; };
  // A value is shown as a whole.
  section.ondblclick = event => {
    const box = byId("lanes").getBoundingClientRect();
    const value = drawing.find(view, event.clientX - box.left, event.clientY - box.top)?.value;
    if (!value) return;
    const [from, to] = [view.axis.placeOf(value.begin), view.axis.placeOf(value.end)];
    view.show(from - (to - from) * 0.2, to + (to - from) * 0.2);
    redraw();
  };
}

function listenToKeys() {
  const keys = {
    ArrowLeft: event => event.shiftKey ? (view.move(-view.length * 0.2), redraw()) : goOn(-1),
    ArrowRight: event => event.shiftKey ? (view.move(view.length * 0.2), redraw()) : goOn(1),
    Home: () => goTo(run.begin),
    End: () => goTo(run.end),
    "+": () => zoomAtMoment(0.6),
    "=": () => zoomAtMoment(0.6),
    "-": () => zoomAtMoment(1 / 0.6),
    0: () => (view.showAll(), redraw()),
    n: () => showStep(step + 1),
    p: () => showStep(step - 1),
    q: toggleSqueeze,
    t: toggleTheme,
    f: () => byId("filter").querySelector("input")?.focus(),
    "?": () => byId("keys").showModal(),
  };
  const zoomAtMoment = factor => {
    view.reveal(moment);
    view.zoom(factor, view.axis.placeOf(moment));
    redraw();
  };
  document.addEventListener("keydown", event => {
    const key = keys[event.key];
    if (!key || event.ctrlKey || event.metaKey || event.altKey || byId("keys").open) return;
    event.preventDefault();
    key(event);
  });
  byId("help").onclick = keys["?"];
  byId("theme").onclick = toggleTheme;
  byId("before").onclick = () => goOn(-1);
  byId("after").onclick = () => goOn(1);
}

byId("about").textContent = [
  run.kernel && `on ${run.kernel}`,
  `${timeText(run.begin)} to ${timeText(run.end)}`,
].filter(text => text).join(", ");
makeFilter();
makeLegend();
makeSteps();
listenToMouse();
listenToKeys();
new ResizeObserver(redraw).observe(byId("drawing"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
refilter();
// For tests of the page, and for whoever wants to look closer from the console.
window.shownRun = { run, drawing, view: () => view };
