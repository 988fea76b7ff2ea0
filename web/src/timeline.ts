// The window of time: how long it is, where it begins, and a button that slides it over the range of the events.

import type { Side } from "./address";
import { byId, input, select } from "./element";
import { pause } from "./server";
import { between, bounds, lengthsFor, nearestStart, starts, written, type Length } from "./time";

/** The least time that a window of a playing map is in sight. */
const FRAME_MS = 700;

/** What a change of the window does; done when its tiles are in sight. `passing`: it is one of many, while playing. */
type Change = (part: Partial<Side>, passing: boolean) => Promise<void>;

export class Timeline {
  private range: [number, number] = [0, 0];
  private lengths: Length[] = [];
  private starts: number[] = [];
  private playing = false;
  private rest = 0;

  constructor(private change: Change) {
    select("length").addEventListener("change", () => (this.stop(), this.measure(), this.slide(false)));
    input("from").addEventListener("input", () => {
      this.stop();
      this.label();
      clearTimeout(this.rest);
      this.rest = window.setTimeout(() => this.slide(false), 250);
    });
    byId("play").addEventListener("click", () => (this.playing ? this.stop() : void this.play()));
  }

  /** Shows the window of a side, where its events have times. */
  show({ after, before }: Side, times?: [string, string]) {
    const range = times && ([Date.parse(times[0]), Date.parse(times[1])] as [number, number]);
    byId("time").hidden = !range;
    if (!range || this.playing) return;
    this.offer(range, between(after, before)?.length);
    this.measure(range);
    const window = between(after, before);
    input("from").value = String(nearestStart(this.starts, window?.from ?? range[0]));
    this.label();
  }

  stop() {
    this.playing = false;
    this.drawPlay();
  }

  /** Fills the list of lengths; one from the page's address that is not in it is added. */
  private offer(range: [number, number], chosen?: number) {
    this.range = range;
    this.lengths = lengthsFor(range);
    if (chosen && !this.lengths.some(({ length }) => length === chosen)) {
      this.lengths.push({ label: "as given", length: chosen, step: chosen });
    }
    const options = this.lengths.map(({ label, length }) => new Option(label, String(length)));
    select("length").replaceChildren(new Option("all time", ""), ...options);
    select("length").value = chosen ? String(chosen) : "";
  }

  private get length(): Length | undefined {
    return this.lengths.find(({ length }) => String(length) === select("length").value);
  }

  private measure(range = this.range) {
    this.starts = this.length ? starts(range, this.length) : [];
    input("from").max = String(Math.max(0, this.starts.length - 1));
    byId("sliding").hidden = !this.length;
    this.label();
  }

  private get window() {
    const from = this.starts[Number(input("from").value)];
    return this.length && from !== undefined ? { from, length: this.length.length } : undefined;
  }

  private label() {
    const text = this.window ? written(this.window) : "";
    byId("window").textContent = text;
    input("from").setAttribute("aria-valuetext", text);
  }

  private slide(passing: boolean): Promise<void> {
    const whole = { after: undefined, before: undefined };
    return this.change(this.window ? bounds(this.window) : whole, passing);
  }

  private async play() {
    const slider = input("from");
    const last = this.starts.length - 1;
    let place = Number(slider.value) < last ? Number(slider.value) + 1 : 0;
    this.playing = true;
    this.drawPlay();
    for (; this.playing && place <= last; place++) {
      slider.value = String(place);
      this.label();
      await Promise.all([this.slide(true), pause(FRAME_MS)]);
    }
    this.stop();
  }

  private drawPlay() {
    byId("play").setAttribute("aria-label", this.playing ? "Stop" : "Play");
  }
}
