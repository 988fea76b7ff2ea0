// One side of the page: its map, its legend, and what the server last answered about it.

import type { Side } from "./address";
import { byId } from "./element";
import { Heat } from "./heat";
import { onChanges, Refusal, tilesetOf, type Tileset } from "./server";

/** What goes on: at most one of the two is there. */
export interface Progress {
  busy?: string;
  problem?: string;
}

/** Told what goes on with the tiles of the heat, or with the base below them. */
type Report = (about: "tiles" | "base", progress: Progress) => void;

/** What MapLibre says where a source or a style could not be loaded. */
interface Failure {
  sourceId?: string;
  error: Error & { status?: number; body?: Blob; url?: string };
}

export class Half {
  readonly heat: Heat;
  readonly container: HTMLElement;
  tileset?: Tileset;
  /** First and last time of all events, of those outside of the window too. */
  times?: Tileset["time_range"];
  private asked = "";
  private last?: { layer: string; side: Side };
  private done: Promise<void> = Promise.resolve();
  private asking = new AbortController();
  private version = 0;
  private timesOf = "";
  private listening?: { path: string; end: () => void };

  constructor(readonly name: "left" | "right", private report: Report, private answered: () => void) {
    this.container = byId(`map-${name}`);
    this.container.hidden = false;
    this.heat = new Heat(this.container, name === "left" ? "Hot map" : "Hot map on the right");
    this.heat.map.on("error", (failure) => void this.mend(failure as unknown as Failure));
  }

  /** Shows a side of a layer; done when its tiles are in sight. The same again changes nothing. */
  show(layer: string, side: Side): Promise<void> {
    const asked = JSON.stringify([layer, side, this.version]);
    if (asked !== this.asked) {
      this.asked = asked;
      this.last = { layer, side };
      this.done = this.fetch(layer, side);
    }
    return this.done;
  }

  async setBase(base: string, background: string): Promise<void> {
    this.report("base", {});
    await this.heat.setBase(base, background).catch((error) => this.report("base", { problem: withoutBase(sentenceOf(error)) }));
  }

  /** Asks for the same anew, past every cache. */
  private again() {
    this.version++;
    if (this.last) void this.show(this.last.layer, this.last.side);
  }

  private async fetch(layer: string, side: Side) {
    this.asking.abort();
    const { signal } = (this.asking = new AbortController());
    this.report("tiles", { busy: "Preparing the map…" });
    try {
      const tileset = await tilesetOf(layer, side, signal, (sentence) => this.report("tiles", { busy: sentence }));
      this.tileset = tileset;
      this.answered();
      await this.heat.show(tileset, this.version);
      if (signal.aborted) return;
      this.drawLegend(tileset.legend ?? "");
      this.listen(tileset.changes);
      this.report("tiles", {});
      await this.learnTimes(layer, side, signal);
    } catch (error) {
      if (signal.aborted) return;
      this.report("tiles", { problem: sentenceOf(error) });
      await this.learnTimes(layer, side, signal).catch(() => {}); // So that another window can be chosen.
    }
  }

  /** Of a window, the server tells the times of the events inside: those of all are asked for once. */
  private async learnTimes(layer: string, side: Side, signal: AbortSignal) {
    const key = `${layer} ${side.where ?? ""}`;
    if (!side.after && !side.before) this.times = this.tileset?.time_range;
    else if (this.timesOf !== key) {
      const whole = { ...side, after: undefined, before: undefined };
      this.times = (await tilesetOf(layer, whole, signal, () => {})).time_range;
    } else return;
    this.timesOf = key;
    this.answered();
  }

  private drawLegend(html: string) {
    const legend = byId(`legend-${this.name}`);
    legend.innerHTML = html; // The server's own, which has no scripts: the page's policy would not run them.
    legend.hidden = !html;
  }

  private listen(path?: string) {
    if (this.listening?.path === path) return;
    this.listening?.end();
    this.listening = path ? { path, end: onChanges(path, () => this.again()) } : undefined;
  }

  /** A busy server is asked for its tiles again in a while; any other failure is told. */
  private async mend({ sourceId, error }: Failure) {
    const sentence = (error.body && (await error.body.text()).trim()) || unreached(error) || error.message;
    if (!sourceId?.startsWith("heat-")) return this.report("base", { problem: withoutBase(sentence) });
    if (error.status === 503) return void setTimeout(() => this.again(), 2000);
    this.report("tiles", { problem: sentence });
  }
}

/** What may be amiss where another host gave no answer at all: scripts are not told which. */
function unreached({ status, url = "" }: Failure["error"]): string | undefined {
  const host = URL.canParse(url) && new URL(url).origin;
  if (status !== 0 || !host || host === location.origin) return undefined;
  return `no answer from ${host}. See whether it can be reached, and whether \`torrid serve\` has \`--allow-host ${host}\`.`;
}

const withoutBase = (sentence: string) => `There is no base map below: ${sentence}`;

export function sentenceOf(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  console.error(error);
  return `The page failed: ${error instanceof Error ? error.message : String(error)}`;
}
