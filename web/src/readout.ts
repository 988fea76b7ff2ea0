// The exact value below the pointer, or below the crosshair in the middle of the map while it is moved with the keys.

import type { LngLat } from "maplibre-gl";
import { byId, say } from "./element";
import type { Half } from "./half";
import { valueAt, type Value } from "./server";
import type { Place } from "./address";

/** The pointer rests this long before the server is asked. */
const REST_MS = 60;

/** What is compared now, and where. */
type Shown = () => { halves: Half[]; place: Place; layer: string };

export class Readout {
  private rest = 0;
  private asking = new AbortController();

  constructor(private shown: Shown) {}

  /** Reads values on a map that the page has made. */
  follow({ heat: { map } }: Half) {
    map.on("mousemove", ({ lngLat, point }) => this.read(lngLat, point.x, point.y, false));
    map.on("mouseout", () => this.hide());
    map.on("movestart", () => this.hide());
    map.on("moveend", () => this.readMiddle(map.getCanvas()));
    map.getCanvas().addEventListener("focus", () => this.readMiddle(map.getCanvas()));
    map.getCanvas().addEventListener("blur", () => this.hide());
  }

  private hide() {
    clearTimeout(this.rest);
    this.asking.abort();
    byId("readout").hidden = true;
    byId("crosshair").hidden = true;
  }

  /** Only for the keyboard: a map that was clicked has the focus too, but no visible one. */
  private readMiddle(canvas: HTMLCanvasElement) {
    if (!canvas.matches(":focus-visible")) return;
    const { map } = this.shown().halves[0]!.heat;
    const { clientWidth, clientHeight } = canvas;
    byId("crosshair").hidden = false;
    this.read(map.getCenter(), clientWidth / 2, clientHeight / 2, true);
  }

  private read(lngLat: LngLat, x: number, y: number, aloud: boolean) {
    clearTimeout(this.rest);
    this.asking.abort();
    const { signal } = (this.asking = new AbortController());
    this.rest = window.setTimeout(async () => {
      const lines = await this.lines(lngLat.wrap(), signal).catch((error: unknown) => [String((error as Error).message)]);
      if (signal.aborted) return;
      placeCard(byId("readout"), lines, x, y);
      if (aloud) say(byId("aloud"), lines.join(", "));
    }, REST_MS);
  }

  private async lines({ lng, lat }: LngLat, signal: AbortSignal): Promise<string[]> {
    const { halves, place, layer } = this.shown();
    const known = halves.filter(({ tileset }) => tileset?.value);
    if (!known.length) return [position(lng, lat, halves[0]!.heat.map.getZoom())];
    const values = await Promise.all(known.map(({ name, heat, tileset }) =>
      valueAt(layer, place[name], lng, lat, heat.tileZoom(tileset!), signal)));
    const mark = (at: number) => (known.length > 1 ? (at ? "right: " : "left: ") : "");
    const zoom = halves[0]!.heat.map.getZoom();
    return [...values.map((value, at) => mark(at) + written(value)), position(lng, lat, zoom)];
  }
}

/** `1,234 events per km², of 17 events`: those that the kernel reaches there, or those in the bin. */
export function written({ value, unit, events }: Value): string {
  if (value === null) return "no data";
  return `${amount(value, unit)}, of ${events.toLocaleString("en")} ${events === 1 ? "event" : "events"}`;
}

export function amount(value: number, unit: string): string {
  return `${value.toLocaleString("en", { maximumSignificantDigits: 4 })} ${unit}`;
}

/** Longitude, then latitude, with the decimals that a pixel is worth. */
export function position(lng: number, lat: number, zoom: number): string {
  const decimals = Math.min(6, Math.max(1, Math.round(zoom * 0.3 + 0.5)));
  const degrees = (value: number, names: string) =>
    `${Math.abs(value).toFixed(decimals)}° ${value < 0 ? names[1] : names[0]}`;
  return `${degrees(lng, "EW")}, ${degrees(lat, "NS")}`;
}

/** Shows lines on a card beside a place on the map, and inside of it. */
export function placeCard(readout: HTMLElement, lines: string[], x: number, y: number) {
  readout.replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
  readout.hidden = false;
  const { clientWidth, clientHeight } = readout.parentElement!;
  const left = x + 16 + readout.offsetWidth > clientWidth ? x - 16 - readout.offsetWidth : x + 16;
  const top = Math.min(y + 16, clientHeight - readout.offsetHeight - 8);
  readout.style.transform = `translate(${Math.max(8, left)}px, ${top}px)`;
}
