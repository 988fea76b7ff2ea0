// The two kinds of map that a file can hold, tiles or one picture: their layers, and the value at a place.

import { CRS, GridLayer, ImageOverlay, latLng, latLngBounds, type Coords, type LatLng, type LatLngBounds, type Layer } from "leaflet";
import { bytesOf, type PictureMap, type TileMap, type Told } from "./told";
import { degreesOf, shareOf, tileOf, worldOf } from "./place";
import { absentAt, numbersOf, Unpacked, valueIn, type Found } from "./values";

/** What is shown. */
export interface Shown {
  crs: CRS;
  bounds: LatLngBounds;
  /** Between which zooms one can choose, and in what steps: between whole ones browsers leave gaps between clear tiles. */
  zooms: { least: number; greatest: number; snap: number };
  layers: Layer[];
  valueAt(place: LatLng, zoom: number): Promise<Found>;
}

/** How many times a pixel is enlarged at the most, as a power of 2. */
const DEEPER = 5;

export function shownOf(file: TileMap | PictureMap): Shown {
  return "tiles" in file ? new Tiles(file) : new Picture(file);
}

class Tiles implements Shown {
  readonly crs = CRS.EPSG3857;
  readonly bounds: LatLngBounds;
  readonly zooms: Shown["zooms"];
  readonly layers: Layer[];
  private values: Unpacked;
  /** How many zooms of 256 pixels a tile's own is less than: tiles of 512 pixels are shown as large as they are. */
  private less: number;

  constructor(private file: TileMap) {
    const { bounds = [-180, -85, 180, 85], maxzoom = 0, tileSize = 256 } = file.map;
    const [west, south, east, north] = bounds;
    this.bounds = latLngBounds([south, west], [north, east]);
    this.less = tileSize === 512 ? 1 : 0;
    this.zooms = { least: 0, greatest: Math.min(24, maxzoom + this.less + DEEPER), snap: 1 };
    this.layers = [new HeatLayer(file, this.less)];
    this.values = new Unpacked(file.values);
  }

  /** Of the tile that is shown, so that the number is that of the colour. */
  async valueAt(place: LatLng, zoom: number): Promise<Found> {
    const { minzoom = 0, maxzoom = 0 } = this.file.map;
    const shown = Math.max(minzoom, Math.min(maxzoom, Math.round(zoom) - this.less));
    const world = worldOf(place);
    if (world.y < 0 || world.y >= 1) return { value: null };
    const { key, across, down } = tileOf(world, shown);
    const [, values] = this.file.tiles[key] ?? [];
    if (values === undefined) return absentAt(this.file.map, shown);
    return { value: valueIn(await this.values.get(values), across, down) };
  }
}

class HeatLayer extends GridLayer {
  constructor(private file: TileMap, private less: number) {
    const { minzoom = 0, maxzoom = 0, tileSize = 256 } = file.map;
    super({ tileSize, minNativeZoom: minzoom + less, maxNativeZoom: maxzoom + less, className: heatClass(file.map), attribution: plain(file.map.attribution) });
  }

  protected override createTile({ x, y, z }: Coords, done: (error?: Error, tile?: HTMLElement) => void): HTMLElement {
    const tile = document.createElement("img");
    tile.alt = "";
    const [picture] = this.file.tiles[`${z - this.less}/${x}/${y}`] ?? [];
    if (picture === undefined) {
      queueMicrotask(() => done(undefined, tile));
      tile.hidden = true;
      return tile;
    }
    tile.onload = () => done(undefined, tile);
    tile.onerror = () => done(new Error(`the picture of ${z}/${x}/${y}`), tile);
    tile.src = address(this.file.pictures[picture]!, this.file.map.format);
    return tile;
  }
}

class Picture implements Shown {
  readonly crs: CRS;
  readonly bounds: LatLngBounds;
  readonly zooms: Shown["zooms"];
  readonly layers: Layer[];
  private numbers: ReturnType<typeof numbersOf> | undefined;

  constructor(private file: PictureMap) {
    const { map, picture, below } = file;
    const { extent = [0, 0, 1, 1], size = [1, 1], flat } = map;
    const [west, north, east, south] = extent;
    this.crs = flat ? CRS.Simple : CRS.EPSG3857;
    const corner = (x: number, y: number) => (flat ? latLng(-y, x) : latLng(degreesOf({ x, y })));
    this.bounds = latLngBounds(corner(west, south), corner(east, north));
    // The zoom at which a pixel of the picture has the size of one of the screen.
    const native = Math.log2(size[0] / (east - west)) - (flat ? 0 : 8);
    this.zooms = { least: flat ? native - 30 : 0, greatest: native + DEEPER, snap: 0.25 };
    // The Earth goes on beside itself.
    const copies = flat || east - west < 0.5 ? [0] : [-360, 0, 360];
    const lay = (png: string, options: { className: string; attribution?: string }) => copies.map((degrees) => {
      const [southWest, northEast] = [this.bounds.getSouthWest(), this.bounds.getNorthEast()];
      const moved = ({ lat, lng }: LatLng) => latLng(lat, lng + degrees);
      return new ImageOverlay(address(png), latLngBounds(moved(southWest), moved(northEast)), { ...options, alt: "" });
    });
    const heat = { className: heatClass(map), attribution: plain(map.attribution) };
    this.layers = [...(below ? lay(below, { className: "below" }) : []), ...lay(picture, heat)];
  }

  async valueAt(place: LatLng): Promise<Found> {
    const { extent = [0, 0, 1, 1], flat } = this.file.map;
    const at = flat ? { x: place.lng, y: -place.lat } : worldOf(place);
    const share = shareOf(at, extent, !flat);
    if (!share) return { value: null };
    this.numbers ??= numbersOf(bytesOf(this.file.numbers));
    return { value: valueIn(await this.numbers, share.across, share.down) };
  }
}

const address = (base64: string, format = "png") => `data:image/${format};base64,${base64}`;

/** Bins are squares, however near one looks at them. */
const heatClass = ({ style }: Told) => (style?.startsWith("none") ? "heat bins" : "heat");

/** Text whose only markup is links to the web: whose data it is may come from a file that somebody else made. */
export function plain(html = ""): string {
  const escaped = (text: string) => Object.assign(document.createElement("p"), { textContent: text }).innerHTML;
  const parts = (node: Node): string => {
    if (node.nodeType === Node.TEXT_NODE) return escaped(node.textContent ?? "");
    const inside = [...node.childNodes].map(parts).join("");
    const link = node instanceof HTMLAnchorElement && /^https?:\/\//.test(node.getAttribute("href") ?? "");
    if (!link) return inside;
    return `<a href="${escaped(node.href).replaceAll('"', "&quot;")}" target="_blank" rel="noopener">${inside}</a>`;
  };
  const { body } = new DOMParser().parseFromString(html, "text/html");
  for (const unseen of body.querySelectorAll("script, style")) unseen.remove();
  return parts(body);
}
