// Where a place is: on Web Mercator, in a tile, in a picture.

import type { Told } from "./told";

/** A position in the unit square of Web Mercator, y growing south; or in a flat space, y growing down. */
export interface Place {
  x: number;
  y: number;
}

/** On the Earth. */
export interface Degrees {
  lng: number;
  lat: number;
}

/** On Web Mercator, as torrid has it. */
export function worldOf({ lng, lat }: Degrees): Place {
  return { x: lng / 360 + 0.5, y: 0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI) };
}

export function degreesOf({ x, y }: Place): Degrees {
  return { lng: (x - 0.5) * 360, lat: (Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) * 180) / Math.PI };
}

/** The tile that a place is in, and how far across and down. */
export function tileOf({ x, y }: Place, zoom: number) {
  const tiles = 2 ** zoom;
  const [across, down] = [(x - Math.floor(x)) * tiles, y * tiles];
  const [column, row] = [Math.min(tiles - 1, Math.floor(across)), Math.floor(down)];
  return { key: `${zoom}/${column}/${row}`, across: across - column, down: down - row };
}

/** How far across and down a picture a place is; none beside it. On the Earth, any copy of the world counts. */
export function shareOf({ x, y }: Place, [west, north, east, south]: NonNullable<Told["extent"]>, wraps: boolean) {
  const along = wraps ? west + (x - west - Math.floor(x - west)) : x;
  const [across, down] = [(along - west) / (east - west), (y - north) / (south - north)];
  const inside = across >= 0 && across < 1 && down >= 0 && down < 1;
  return inside ? { across, down } : undefined;
}

/** With the decimals that a pixel is worth; at zoom 0 it is worth 1 of the unit. */
export function flatPosition(x: number, y: number, unit: string, zoom: number): string {
  const decimals = Math.min(6, Math.max(0, Math.round(zoom * 0.3)));
  const length = (value: number) => `${value.toFixed(decimals)} ${unit}`;
  return `x ${length(x)}, y ${length(y)}`;
}
