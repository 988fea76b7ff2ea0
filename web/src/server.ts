// The server's answers, and how to ask for them: waits while it is busy, and turns a refusal into its sentence.

import { query, type Side } from "./address";

export interface Layers {
  layers: { name: string; title: string; tiles: string }[];
  bases: string[];
}

export interface Choices {
  colormaps: { name: string; colours: string[] }[];
  norms: string[];
  kernels: string[];
}

/** TileJSON 3, and what torrid adds to it; of an archive that it hands on, only what the archive tells. */
export interface Tileset {
  tiles: string[];
  tiles_2x?: string | string[];
  minzoom: number;
  maxzoom: number;
  /** West, south, east, north in degrees; the world where an archive does not tell. */
  bounds?: [number, number, number, number];
  attribution?: string;
  /** HTML, to show as it is. */
  legend?: string;
  /** The canonical text, with the bandwidth that was chosen. */
  style?: string;
  /** Where values are; none of an archive, which has pictures only and cannot be drawn otherwise. */
  value?: string;
  /** The scale of all zooms, or one for each. */
  scales?: { zoom: number | null; value_range: [number, number] }[];
  events?: number;
  notes?: string[];
  time_range?: [string, string];
  /** The address of server-sent events that say that tiles changed. */
  changes?: string;
}

export interface Value {
  /** null where there is no data. */
  value: number | null;
  unit: string;
  events: number;
}

/** The base tiles of a name. */
export interface BaseTiles {
  minzoom?: number;
  maxzoom?: number;
  bounds?: [number, number, number, number];
  /** Pixels along each side of a tile; 256 where it is not told. */
  tileSize?: number;
  attribution?: string;
}

/** What the server refused, in its own sentence. */
export class Refusal extends Error {}

/**
 * Asks for JSON. While the server is busy (503) it is asked again after the seconds it names, and `busy` is told its
 * sentence each time.
 */
export async function ask<T>(path: string, signal?: AbortSignal, busy?: (sentence: string) => void): Promise<T> {
  for (;;) {
    const answer = await reach(path, signal);
    if (answer.ok) return answer.json();
    const sentence = (await answer.text()).trim() || `${path}: the server answered ${answer.status}.`;
    if (answer.status !== 503) throw new Refusal(sentence);
    busy?.(sentence);
    await pause(1000 * Number(answer.headers.get("Retry-After") ?? 2), signal);
  }
}

export const tilesetOf = (layer: string, side: Side, signal: AbortSignal, busy: (sentence: string) => void) =>
  ask<Tileset>(`${encodeURIComponent(layer)}/tiles.json${query({ ...side })}`, signal, busy);

export function valueAt(layer: string, side: Side, lng: number, lat: number, zoom: number, signal: AbortSignal) {
  const place = { lng: lng.toFixed(6), lat: lat.toFixed(6), zoom: String(zoom) };
  return ask<Value>(`${encodeURIComponent(layer)}/value${query({ ...place, ...side })}`, signal);
}

/** Calls back when tiles changed; returns what ends it. */
export function onChanges(path: string, changed: () => void): () => void {
  const events = new EventSource(path);
  events.onmessage = changed;
  return () => events.close();
}

async function reach(path: string, signal?: AbortSignal): Promise<Response> {
  try {
    return await fetch(path, { signal, cache: "no-cache" }); // Asks whether what is kept is still so.
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refusal(`No answer from ${location.origin}. See whether \`torrid serve\` still runs, then load the page again.`);
  }
}

export const pause = (milliseconds: number, signal?: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds || 2000);
    signal?.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)));
  });
