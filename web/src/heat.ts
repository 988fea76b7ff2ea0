// One map: a base, and over it the tiles of one tileset. New tiles are loaded out of sight and then take the place of
// the old ones at once, so that a change of style or a moving window of time does not flicker.

import { Map, setWorkerUrl, type LayerSpecification, type StyleSpecification } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { ask, type BaseTiles, type Tileset } from "./server";

setWorkerUrl(new URL(workerUrl, import.meta.url).href);

const WORLD: [number, number, number, number] = [-180, -85.0511, 180, 85.0511];

/** How long new tiles may stay out of sight; what has not come by then appears as it comes. */
const PATIENCE_MS = 10_000;

export class Heat {
  readonly map: Map;
  private serial = 0;

  constructor(container: HTMLElement, label: string) {
    this.map = new Map({
      container,
      style: { version: 8, sources: {}, layers: [] },
      center: [0, 20],
      zoom: 1,
      maxZoom: 20,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      locale: { "Map.Title": label },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
  }

  /** Shows a base: the server's of that name, none, or the MapLibre style at an address. The heat stays. */
  async setBase(base: string, background: string): Promise<void> {
    const next = /[/:]/.test(base) ? base : await rasterStyle(base, background);
    this.map.setStyle(next, {
      transformStyle: (previous, next) => (previous ? withHeat(next, previous) : next),
    });
  }

  /** Shows tiles; done when they are in sight. `version` makes addresses of tiles that changed new ones. */
  async show(tileset: Tileset, version: number): Promise<void> {
    const serial = ++this.serial;
    const id = `heat-${serial}`;
    const { minzoom, maxzoom, bounds, attribution } = tileset;
    await this.styled();
    this.map.addSource(id, { type: "raster", tiles: addresses(tileset, version), tileSize: 256, minzoom, maxzoom, bounds, attribution });
    this.map.addLayer(heatLayer(id, tileset), firstLabel(this.map.getStyle().layers));
    await this.loaded(id);
    if (serial !== this.serial) return this.drop(id);
    this.map.setPaintProperty(id, "raster-opacity", 1);
    for (const { id: other } of this.map.getStyle().layers) {
      if (isHeat(other) && other !== id) this.drop(other);
    }
  }

  /** The zoom of the tiles that are shown, of 256 pixels: MapLibre counts zooms in 512. */
  tileZoom({ minzoom, maxzoom }: Tileset): number {
    return Math.max(minzoom, Math.min(maxzoom, Math.round(this.map.getZoom() + 1)));
  }

  private drop(id: string) {
    if (this.map.getLayer(id)) this.map.removeLayer(id);
    if (this.map.getSource(id)) this.map.removeSource(id);
  }

  /** Waits until layers can be added; `isStyleLoaded` would wait for tiles too. */
  private async styled(): Promise<void> {
    if (!this.map.style?._loaded) await this.map.once("style.load");
  }

  private loaded(id: string): Promise<void> {
    return new Promise((resolve) => {
      const done = () => (clearTimeout(timer), this.map.off("render", look), resolve());
      const look = () => {
        if (!this.map.getSource(id) || this.map.isSourceLoaded(id)) done();
      };
      const timer = setTimeout(done, PATIENCE_MS);
      this.map.on("render", look);
      this.map.triggerRepaint();
    });
  }
}

async function rasterStyle(base: string, background: string): Promise<StyleSpecification> {
  const ground: LayerSpecification = { id: "ground", type: "background", paint: { "background-color": background } };
  if (base === "none") return { version: 8, sources: {}, layers: [ground] };
  const { minzoom = 0, maxzoom = 22, tileSize = 256, bounds = WORLD, attribution } = await ask<BaseTiles>(`base/${base}.json`);
  const tiles = [new URL(`base/${base}/`, document.baseURI).href + "{z}/{x}/{y}.png"];
  return {
    version: 8,
    sources: { [base]: { type: "raster", tiles, tileSize, minzoom, maxzoom, bounds, attribution } },
    layers: [ground, { id: base, type: "raster", source: base, paint: { "raster-fade-duration": 0 } }],
  };
}

/** The next style with the heat of the previous one, below the labels where it has some. */
function withHeat(next: StyleSpecification, previous: StyleSpecification): StyleSpecification {
  const sources = Object.fromEntries(Object.entries(previous.sources).filter(([id]) => isHeat(id)));
  const heat = previous.layers.filter(({ id }) => isHeat(id));
  const label = next.layers.findIndex(({ type }) => type === "symbol");
  const place = label < 0 ? next.layers.length : label;
  const layers = [...next.layers.slice(0, place), ...heat, ...next.layers.slice(place)];
  return { ...next, sources: { ...next.sources, ...sources }, layers };
}

function heatLayer(id: string, { style }: Tileset): LayerSpecification {
  return {
    id,
    type: "raster",
    source: id,
    paint: {
      "raster-opacity": 0,
      "raster-opacity-transition": { duration: 0 },
      "raster-fade-duration": 0,
      "raster-resampling": style?.startsWith("none") ? "nearest" : "linear",
    },
  };
}

/** Tiles for the screen's fineness, from where the page came from: a proxy may have another name than the server knows. */
function addresses({ tiles, tiles_2x }: Tileset, version: number): string[] {
  const fine = devicePixelRatio > 1 && tiles_2x ? [tiles_2x].flat() : tiles;
  return fine.map((address) => {
    const ours = address.replace(/^https?:\/\/[^/]+/, location.origin);
    return version ? `${ours}${ours.includes("?") ? "&" : "?"}v=${version}` : ours;
  });
}

const isHeat = (id: string) => id.startsWith("heat-");

const firstLabel = (layers: LayerSpecification[]) => layers.find(({ type }) => type === "symbol")?.id;
