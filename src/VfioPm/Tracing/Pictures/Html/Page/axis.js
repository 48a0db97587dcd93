// Where a moment is drawn. Time runs evenly while something happens; a long stretch in which nothing does is squeezed, unless the
// reader wants time as it is. A place is a distance from the beginning; the view is the stretch of places that is to be seen.
const longestShown = 250 * ticksPerMillisecond;
const squeezedTo = 30 * ticksPerMillisecond;
const leastShown = 200;

class Axis {
  constructor(moments, squeezes) {
    this.moments = moments;
    this.places = [0];
    for (let at = 1; at < moments.length; at++) {
      const step = moments[at] - moments[at - 1];
      this.places.push(this.places[at - 1] + (squeezes && step > longestShown ? squeezedTo : step));
    }
    this.squeezes = squeezes;
    // What comes at the very end is seen too.
    const last = this.places[this.places.length - 1];
    this.length = last + Math.max(last * 0.03, ticksPerMillisecond);
  }

  placeOf(time) {
    const at = lastUpTo(this.moments, time, moment => moment);
    if (at < 0) return 0;
    if (at === this.moments.length - 1) return this.places[at];
    const part = (time - this.moments[at]) / (this.moments[at + 1] - this.moments[at]);
    return this.places[at] + part * (this.places[at + 1] - this.places[at]);
  }

  timeAt(place) {
    const at = lastUpTo(this.places, place, other => other);
    if (at < 0) return this.moments[0];
    if (at === this.moments.length - 1) return this.moments[at];
    const part = (place - this.places[at]) / (this.places[at + 1] - this.places[at]);
    return this.moments[at] + part * (this.moments[at + 1] - this.moments[at]);
  }

  // The squeezed stretches that begin or end between two moments.
  cutsBetween(from, to) {
    const cuts = [];
    if (!this.squeezes) return cuts;
    for (let at = Math.max(1, lastUpTo(this.moments, from, moment => moment)); at < this.moments.length && this.moments[at - 1] <= to; at++) {
      const step = this.moments[at] - this.moments[at - 1];
      if (step > longestShown) cuts.push({ from: this.moments[at - 1], to: this.moments[at] });
    }
    return cuts;
  }
}

class View {
  constructor(axis) {
    this.axis = axis;
    this.showAll();
  }

  get length() { return this.to - this.from; }

  showAll() {
    this.from = 0;
    this.to = this.axis.length;
  }

  show(from, to) {
    const length = Math.min(Math.max(to - from, leastShown), this.axis.length);
    this.from = Math.min(Math.max(from, 0), this.axis.length - length);
    this.to = this.from + length;
  }

  zoom(factor, place) {
    this.show(place - (place - this.from) * factor, place + (this.to - place) * factor);
  }

  move(distance) { this.show(this.from + distance, this.to + distance); }

  // Moves as little as it takes to have a moment well inside.
  reveal(time) {
    const place = this.axis.placeOf(time);
    const margin = this.length * 0.1;
    if (place < this.from + margin) this.move(place - margin - this.from);
    else if (place > this.to - margin) this.move(place + margin - this.to);
  }
}
