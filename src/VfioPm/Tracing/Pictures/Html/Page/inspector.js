// Says of one moment how each device was, why, and what had happened.
const eventsShown = 14;

class Inspector {
  constructor(run, goTo) {
    this.run = run;
    this.goTo = goTo;
    this.hasReasons = run.devices.some(device => device.reasons.length > 0);
  }

  show(moment, shown) {
    byId("time").textContent = timeText(moment);
    const devices = this.run.devices.filter(shown.hasDevice);
    byId("devices").replaceChildren(...devices.map(device => this.describe(device, moment)));
    byId("events").replaceChildren(...this.eventsUpTo(moment, shown).map(event => this.rowOf(event, moment)));
  }

  describe(device, moment) {
    const values = device.lanes
      .map(lane => [lane.title, valueAt(lane.values, moment)?.text])
      .filter(([, text]) => text);
    return element("section", { className: "device" },
      element("h3", {}, device.title, element("small", {}, device.parent ? ` below ${device.parent}` : "")),
      element("dl", { className: "values" }, ...values.map(([title, text]) =>
        element("div", {}, element("dt", {}, title), element("dd", {}, text)))),
      this.reasonOf(device, moment));
  }

  reasonOf(device, moment) {
    const reason = valueAt(device.reasons, moment);
    if (!reason) {
      return element("div", { className: "reason unknown" }, this.hasReasons
        ? "Its reasons are known from a later moment on."
        : "Why is not known: host.Trace.KeepReasons() has them kept from then on.");
    }
    const block = element("div", { className: "reason" });
    for (const line of reason.text.split("\n").filter(line => line)) {
      if (!line.startsWith("  ")) block.append(element("p", {}, line));
      else {
        if (block.lastChild?.tagName !== "UL") block.append(element("ul"));
        block.lastChild.append(element("li", {}, line.trim()));
      }
    }
    return block;
  }

  eventsUpTo(moment, shown) {
    const found = [];
    for (let at = lastUpTo(this.run.events, moment, event => event.time); at >= 0 && found.length < eventsShown; at--) {
      const event = this.run.events[at];
      if (shown.hasDevice(event.device) && shown.hasKind(event.kind)) found.push(event);
    }
    return found;
  }

  rowOf(event, moment) {
    const row = element("tr", { className: event.time === moment ? "now" : "" },
      element("td", {}, timeText(event.time)),
      element("td", { className: event.kind }, `${event.device.title}: ${event.what}`,
        element("small", {}, [event.cause, event.caller].filter(text => text).join("; "))));
    row.onclick = () => this.goTo(event.time);
    return row;
  }
}

const byId = id => document.getElementById(id);

function element(name, properties = {}, ...content) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...content);
  return made;
}
