// What the file holds, as `src/sink/html` of torrid writes it: JSON in scripts that are not run, told apart by their class.
// Files are base64. A list may go on in the next script of its class, and a file is a list of its parts: browsers are slow
// with scripts of many megabytes.

/** What is told about the map; names are those of TileJSON 3 where it has one. */
export interface Told {
  name: string;
  /** Text, in which links are kept. */
  attribution?: string;
  description?: string;
  /** HTML of torrid's own, without scripts. */
  legend?: string;
  style?: string;
  /** What the values are, such as `events per km²`. */
  units: string;
  events?: number;
  notes?: string[];
  /** The look that the caller chose, with the land below; else that of the system. */
  theme?: Theme;
  land?: Land;

  // Of tiles:
  /** West, south, east, north in degrees; west is less than east. */
  bounds?: [number, number, number, number];
  minzoom?: number;
  maxzoom?: number;
  /** What kind of pictures tiles are. */
  format?: "png" | "webp";
  /** Pixels that a tile takes on the screen: 256 or 512. */
  tileSize?: number;
  /** The value of a tile that is not there; null for no data. */
  absent?: number | null;
  /** Values below these have no colour, at all zooms (null) or at each: a tile that is not there is below. */
  clear_below?: [number | null, number][];

  // Of one picture:
  /** West, north, east, south: in the unit square of Web Mercator, y growing south; or in a flat space, y growing down. */
  extent?: [number, number, number, number];
  /** Pixels across and down. */
  size?: [number, number];
  /** Of a flat space: its unit, and whether its own y grows up. */
  flat?: { unit: string; up: boolean };
}

export type Theme = "light" | "dark";

/** Lines as base64 (see land.ts), in steps of the unit square. */
export interface Land {
  steps: number;
  rings: string;
  borders: string;
  attribution: string;
  themes: Record<Theme, LandColours>;
}

export interface LandColours {
  sea: string;
  land: string;
  coast: string;
  border: string;
  coast_px: number;
  border_px: number;
}

export interface TileMap {
  map: Told;
  pictures: string[];
  values: string[];
  /** By `z/x/y`: places in the lists of pictures and values. */
  tiles: Record<string, [number, number?]>;
}

export interface PictureMap {
  map: Told;
  picture: string;
  /** The values as a PNG of the same size. */
  numbers: string;
  /** Empty where nothing is. */
  below: string;
}

/** Takes what the page holds out of it. */
export function taken(): TileMap | PictureMap {
  const parts = (name: string): unknown[] => {
    const scripts = [...document.querySelectorAll(`script.${name}`)];
    return scripts.map((script) => (script.remove(), JSON.parse(script.textContent ?? "")));
  };
  const files = (name: string) => (parts(name) as string[][]).flat();
  const [map] = parts("map") as Told[];
  if (!map) throw new Error("there is nothing in it.");
  const [tiles] = parts("tiles") as TileMap["tiles"][];
  if (tiles) return { map, tiles, pictures: files("pictures"), values: files("values") };
  const file = (name: string) => files(name).join("");
  return { map, picture: file("picture"), numbers: file("numbers"), below: file("below") };
}

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
