// The land below the heat on the Earth, drawn in tiles of any zoom from its lines.

import { GridLayer, type Coords } from "leaflet";
import { clipped, linesOf, type Line } from "./lines";
import type { Land, LandColours } from "./told";

/** How far beyond a tile lines are drawn, in pixels: farther than any is wide. */
const MARGIN = 8;

/** Points nearer than this to the one before, in pixels, are drawn as one. */
const NEAR = 0.4;

export class LandLayer extends GridLayer {
  private rings: Line[];
  private borders: Line[];

  constructor(land: Land, private colours: LandColours) {
    super({ attribution: land.attribution, pane: "land", updateWhenZooming: false });
    this.rings = linesOf(land.rings, land.steps);
    this.borders = linesOf(land.borders, land.steps);
  }

  /** Draws in other colours. */
  paint(colours: LandColours) {
    this.colours = colours;
    this.redraw();
  }

  protected override createTile({ x, y, z }: Coords): HTMLElement {
    // A pixel wider than its place: at zooms between whole ones browsers leave gaps between tiles.
    const side = this.getTileSize().x + 1;
    const fineness = Math.min(2, Math.ceil(devicePixelRatio));
    const tile = document.createElement("canvas");
    tile.width = tile.height = side * fineness;
    // Leaflet sets the size of its place when it has the tile.
    queueMicrotask(() => (tile.style.width = tile.style.height = `${side}px`));
    const context = tile.getContext("2d")!;
    context.scale(fineness, fineness);
    this.draw(context, new View(x / 2 ** z, y / 2 ** z, (side - 1) * 2 ** z, side));
    return tile;
  }

  private draw(context: CanvasRenderingContext2D, view: View) {
    const { sea, land, coast, border, coast_px, border_px } = this.colours;
    const rings = this.rings.flatMap((ring) => view.seen(ring).map((points) => clipped(points, -MARGIN, view.side + MARGIN)));
    context.fillStyle = sea;
    context.fillRect(0, 0, view.side, view.side);
    context.fillStyle = land;
    context.fill(pathOf(rings), "evenodd");
    context.lineJoin = context.lineCap = "round";
    const lines: [number[][], string, number][] = [
      [this.borders.flatMap((line) => view.seen(line)), border, border_px],
      [rings.map((ring) => [...ring, ...ring.slice(0, 2)]), coast, coast_px],
    ];
    for (const [some, colour, width] of lines) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.stroke(pathOf(some, (at, before) => view.isSeam(at) && view.isSeam(before)));
    }
  }
}

/** From the unit square to the pixels of a tile. */
class View {
  constructor(private west: number, private north: number, private scale: number, readonly side: number) {}

  /** The copies of a line that reach into the tile, in its pixels. */
  seen({ points, box: [west, north, east, south] }: Line): number[][] {
    const margin = MARGIN / this.scale;
    const size = this.side / this.scale;
    if (north > this.north + size + margin || south < this.north - margin) return [];
    const copies = [-1, 0, 1].filter((copy) => west + copy < this.west + size + margin && east + copy > this.west - margin);
    return copies.map((copy) => this.placed(points, copy));
  }

  private placed(points: Float64Array, copy: number): number[] {
    const placed: number[] = [];
    let [beforeX, beforeY] = [Infinity, Infinity];
    for (let i = 0; i < points.length; i += 2) {
      const x = (points[i]! + copy - this.west) * this.scale;
      const y = (points[i + 1]! - this.north) * this.scale;
      const near = Math.abs(x - beforeX) + Math.abs(y - beforeY) < NEAR && i < points.length - 2;
      if (near) continue;
      placed.push(x, y);
      [beforeX, beforeY] = [x, y];
    }
    return placed;
  }

  /** Whether a pixel is on the antimeridian, where land that goes on is cut. */
  isSeam(x: number): boolean {
    const world = x / this.scale + this.west;
    return Math.abs(world - Math.round(world)) * this.scale < 1e-3;
  }
}

/** The lines as one path; a segment that `isHidden` by the x of its ends is left out. */
function pathOf(lines: number[][], isHidden?: (x: number, before: number) => boolean): Path2D {
  const path = new Path2D();
  for (const line of lines) {
    for (let i = 0; i < line.length; i += 2) {
      const [x, y] = [line[i]!, line[i + 1]!];
      if (i === 0 || isHidden?.(x, line[i - 2]!)) path.moveTo(x, y);
      else path.lineTo(x, y);
    }
  }
  return path;
}
