// Draws the lanes: the deeper the sleep the lower the bar, a status that changes is a slope, a count a stair, and what was done a mark.
const gutter = 168;
const axisHeight = 46;
const laneHeight = 20;
const laneDistance = 26;
const nameHeight = 26;
const markHeight = 18;
const leastRoom = 6;
const tearWidth = 8;
const markSize = 3;
// By the name of what it shows; asleep and awake have one colour, and differ in height.
const colourOf = value => value.look === "suspended" ? "active" : slopes[value.look] ? "turning" : value.look;
const slopes = { suspending: [1, 0.15], resuming: [0.15, 1] };

class Drawing {
  constructor(section, run) {
    this.run = run;
    this.section = section;
    this.axisCanvas = section.querySelector("#axis");
    this.lanesCanvas = section.querySelector("#lanes");
    this.rows = [];
  }

  // Which rows there are, for what is shown.
  layOut(shown) {
    this.rows = [];
    let top = 4;
    const add = (height, row) => {
      this.rows.push({ ...row, top, height });
      top += height;
    };
    for (const device of this.run.devices.filter(shown.hasDevice)) {
      add(nameHeight, { device, isName: true });
      const marks = this.run.events.filter(event => event.device === device && isMark(event) && shown.hasKind(event.kind));
      if (marks.length > 0) add(markHeight, { device, marks });
      for (const lane of device.lanes.filter(lane => shown.hasKind(lane.kind))) add(laneDistance, { device, lane });
      top += 8;
    }
    this.height = top + 4;
  }

  get width() { return this.section.clientWidth; }

  xOf(view, time) { return gutter + (view.axis.placeOf(time) - view.from) / view.length * (this.width - gutter); }

  // A moment that somebody points at: no more exact than what he can see.
  momentAt(view, x) {
    const pixel = this.timeAt(view, x + 1) - this.timeAt(view, x);
    const unit = pixel * 10 > ticksPerMillisecond ? ticksPerMillisecond : 1;
    return Math.round(this.timeAt(view, x) / unit) * unit;
  }

  timeAt(view, x) { return view.axis.timeAt(view.from + (x - gutter) / (this.width - gutter) * view.length); }

  // The value or the mark at a point of the lanes.
  find(view, x, y) {
    const row = this.rows.find(candidate => y >= candidate.top && y < candidate.top + candidate.height);
    if (!row || x < gutter) return null;
    if (row.lane) return { row, value: valueAt(row.lane.values, this.timeAt(view, x)) };
    const near = (row.marks ?? []).filter(mark => Math.abs(this.xOf(view, mark.time) - x) < 6);
    return near.length > 0 ? { row, marks: near } : null;
  }

  draw(view, cursor) {
    // Looked up once for each drawing: it is slow.
    const style = getComputedStyle(document.documentElement);
    const colours = new Map();
    this.colour = name => {
      if (!colours.has(name)) colours.set(name, style.getPropertyValue(`--${name}`));
      return colours.get(name);
    };
    this.view = view;
    this.drawAxis(cursor);
    this.drawLanes(cursor);
  }

  begin(canvas, height) {
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.round(this.width * scale);
    canvas.height = Math.round(height * scale);
    canvas.style.height = `${height}px`;
    this.pen = canvas.getContext("2d");
    this.pen.scale(scale, scale);
    this.pen.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    this.pen.textBaseline = "middle";
  }

  write(text, x, y, colour, room, align = "left") {
    if (room < leastRoom || this.pen.measureText(text).width > room) return;
    this.pen.textAlign = align;
    this.pen.fillStyle = this.colour(colour);
    this.pen.fillText(text, x, y);
  }

  // A text, or as much of its beginning as there is room for.
  writeSome(text, x, y, colour, room) {
    if (room < 4 * leastRoom) return;
    while (text.length > 2 && this.pen.measureText(text).width > room) text = `${text.slice(0, -2)}…`;
    if (text.length > 2) this.write(text, x, y, colour);
  }

  rule(x, top, bottom, colour, width = 1) {
    this.pen.fillStyle = this.colour(colour);
    this.pen.fillRect(Math.round(x), top, width, bottom - top);
  }

  // A mark at the very beginning is seen as a whole.
  clipToTime(height) {
    this.pen.save();
    this.pen.beginPath();
    this.pen.rect(gutter - markSize, 0, this.width - gutter + markSize, height);
    this.pen.clip();
  }

  get visibleCuts() { return this.view.axis.cutsBetween(this.timeAt(this.view, gutter), this.timeAt(this.view, this.width)); }

  drawAxis(cursor) {
    this.begin(this.axisCanvas, axisHeight);
    this.write("since boot", gutter - 10, 21, "pale", undefined, "right");
    this.clipToTime(axisHeight);
    this.drawOverview();
    this.ticks = this.chooseTicks();
    for (const { x, time, digits } of this.ticks) {
      const text = digits === undefined ? timeText(time) : `${(time / ticksPerSecond).toFixed(digits)} s`;
      const half = this.pen.measureText(text).width / 2;
      this.write(text, Math.min(Math.max(x, gutter + half), this.width - half - 2), 21, "ink", undefined, "center");
    }
    for (const { from, to } of this.visibleCuts) {
      const [left, right] = [this.xOf(this.view, from), this.xOf(this.view, to)];
      this.write(lengthText(to - from), (left + right) / 2, 37, "pale", right - left - 2, "center");
    }
    if (cursor >= 0) this.rule(this.xOf(this.view, cursor), 30, axisHeight, "mark", 2);
    this.pen.restore();
    if (this.visibleCuts.length > 0) this.write("quiet for", gutter - 10, 37, "pale", undefined, "right");
  }

  // Above the axis a line shows which part of the whole is to be seen.
  drawOverview() {
    const room = this.width - gutter;
    const place = position => gutter + position / this.view.axis.length * room;
    this.pen.fillStyle = this.colour("edge");
    this.pen.fillRect(gutter, 3, room, 4);
    this.pen.fillStyle = this.colour("d3hot");
    this.pen.fillRect(place(this.view.from), 3, Math.max(3, place(this.view.to) - place(this.view.from)), 4);
  }

  // Round times where time runs evenly; where some of it is squeezed, the moments at which something happens, those after a quiet
  // stretch first.
  chooseTicks() {
    const room = 92;
    const [from, to] = [this.timeAt(this.view, gutter), this.timeAt(this.view, this.width)];
    const cuts = this.visibleCuts;
    const ticks = [];
    if (cuts.length === 0) {
      const least = (to - from) * room / (this.width - gutter);
      const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
      const step = [1, 2, 5, 10].map(factor => factor * power).find(size => size >= least);
      const digits = Math.max(0, Math.min(7, Math.ceil(Math.log10(ticksPerSecond / step))));
      for (let time = Math.ceil(from / step) * step; time <= to; time += step) ticks.push({ x: this.xOf(this.view, time), time, digits });
      return ticks;
    }
    const { moments } = this.view.axis;
    const first = Math.max(0, lastUpTo(moments, from, moment => moment));
    const last = lastUpTo(moments, to, moment => moment);
    const taken = new Set();
    const add = time => {
      const x = this.xOf(this.view, time);
      const slot = Math.floor(x / room);
      const free = [slot - 1, slot, slot + 1].every(other => !taken.has(other) || Math.abs(ticks.find(tick => tick.slot === other).x - x) >= room);
      if (!taken.has(slot) && free) {
        taken.add(slot);
        ticks.push({ x, time, slot });
      }
    };
    cuts.forEach(cut => add(cut.to));
    for (let at = first; at <= last; at++) add(moments[at]);
    return ticks;
  }

  drawLanes(cursor) {
    this.begin(this.lanesCanvas, this.height);
    for (const row of this.rows) {
      if (row.isName) this.drawName(row);
      else this.write(row.lane ? row.lane.title : "", gutter - 10, row.top + laneDistance / 2, "pale", undefined, "right");
    }
    this.clipToTime(this.height);
    this.ticks.forEach(tick => this.rule(tick.x, 0, this.height, "edge"));
    this.tears = this.chooseTears();
    for (const row of this.rows) {
      if (row.lane) this.drawLane(row);
      if (row.marks) this.drawMarks(row);
    }
    this.drawTears();
    if (cursor >= 0) this.rule(this.xOf(this.view, cursor), 0, this.height, "mark", 2);
    this.pen.restore();
  }

  drawName(row) {
    const font = this.pen.font;
    this.pen.font = `600 12px ${getComputedStyle(document.body).fontFamily}`;
    this.write(row.device.title, 12, row.top + 14, "ink");
    this.pen.font = font;
    if (row.top > 8) {
      this.pen.fillStyle = this.colour("edge");
      this.pen.fillRect(0, row.top - 4, this.width, 1);
    }
  }

  drawLane({ lane, top }) {
    const floor = top + laneDistance - 3;
    const { values } = lane;
    const last = this.timeAt(this.view, this.width);
    let drawnTo = -1;
    for (let at = Math.max(0, lastUpTo(values, this.timeAt(this.view, gutter), value => value.begin)); at < values.length && values[at].begin <= last; at++) {
      const value = values[at];
      const left = this.xOf(this.view, value.begin);
      const right = value.end === this.run.end ? this.width + 1 : this.xOf(this.view, value.end);
      // Of many that are narrower than a pixel one is enough.
      if (right - left < 1 && left < drawnTo) continue;
      drawnTo = Math.floor(left) + 1;
      this.drawValue(value, left, Math.max(right, left + 1), floor);
    }
  }

  drawValue(value, left, right, floor) {
    const [from, to] = (slopes[value.look] ?? [value.level, value.level]).map(level => level * laneHeight);
    const { pen } = this;
    pen.fillStyle = this.colour(colourOf(value));
    pen.beginPath();
    pen.moveTo(left, floor);
    pen.lineTo(left, floor - from);
    pen.lineTo(right, floor - to);
    pen.lineTo(right, floor);
    pen.fill();
    if (!slopes[value.look]) {
      const isHigh = value.level > 0.5;
      const place = this.findRoom(value.text, Math.max(left, gutter), Math.min(right, this.width));
      if (place !== undefined) this.write(value.text, place + 4, floor - (isHigh ? value.level * laneHeight / 2 - 1 : 13), isHigh ? "on-bar" : "ink");
    }
  }

  // Where a text stands in a bar: in the first part between two tears that it fits into.
  findRoom(text, left, right) {
    if (right - left < leastRoom) return undefined;
    const needed = this.pen.measureText(text).width + 8;
    let begin = left;
    for (const tear of this.tears) {
      if (tear <= begin) continue;
      if (tear - tearWidth / 2 - begin >= needed || tear >= right) break;
      begin = tear + tearWidth;
    }
    return right - begin >= needed ? begin : undefined;
  }

  drawMarks({ marks, top }) {
    let wordsTo = -1;
    for (let at = 0; at < marks.length; at++) {
      const mark = marks[at];
      const x = this.xOf(this.view, mark.time);
      if (x < gutter - 400 || x > this.width + 6) continue;
      const y = top + markHeight / 2;
      this.pen.fillStyle = this.colour("mark");
      this.pen.beginPath();
      if (mark.kind === "operation") this.pen.arc(x, y, markSize, 0, 7);
      else this.pen.rect(x - markSize, y - markSize, 2 * markSize, 2 * markSize);
      this.pen.fill();
      if (x < wordsTo) continue;
      // Of those that are together the last has the words, which mostly is what the others were done for.
      let next = at + 1;
      while (next < marks.length && this.xOf(this.view, marks[next].time) - x < 1) next++;
      const others = next - at - 1;
      const end = next < marks.length ? this.xOf(this.view, marks[next].time) - 6 : this.width;
      this.writeSome(others > 0 ? `${marks[next - 1].what} and ${others} more` : mark.what, x + 7, y, "ink", end - x - 9);
      wordsTo = x + 1;
    }
  }

  // Where time is squeezed the lanes are torn, if there is room to see it.
  chooseTears() {
    return this.visibleCuts
      .map(({ from, to }) => ({ begin: this.xOf(this.view, from), end: this.xOf(this.view, to) - tearWidth }))
      .filter(({ begin, end }) => end - begin >= tearWidth)
      .map(({ end }) => end);
  }

  drawTears() {
    for (const end of this.tears) {
      for (const row of this.rows.filter(candidate => candidate.lane)) {
        const [top, bottom] = [row.top + 1, row.top + laneDistance - 1];
        this.pen.fillStyle = this.colour("panel");
        this.pen.strokeStyle = this.colour("pale");
        this.pen.beginPath();
        for (const [offset, downwards] of [[-3, true], [3, false]]) {
          for (let step = 0; step <= 6; step++) {
            const y = top + (bottom - top) * (downwards ? step : 6 - step) / 6;
            this.pen.lineTo(end + offset + ((downwards ? step : 6 - step) % 2) * 2, y);
          }
        }
        this.pen.fill();
      }
    }
  }
}

// What was asked for in an access says more than the access.
const isMark = event => !event.isWhole && ["operation", "failure", "log"].includes(event.kind);
