// Where rows or columns are: from 0 to as many as there are, each 1 wide, or as wide as its edges say.

import type { Join, Side } from "./told";

export class Axis {
  readonly title: string;
  readonly labels: string[];
  readonly attributes: Side["attributes"];
  readonly tree: Join[] | null;
  /** Where each begins, and where the last ends; none where each is 1 wide. */
  private bounds: Float64Array | undefined;

  /** In the order in which they are shown: `reversed` is that of rows that begin below. */
  constructor(side: Side, readonly count: number, reversed = false) {
    const turned = <T>(list: T[]) => (reversed ? [...list].reverse() : list);
    this.title = side.title;
    this.labels = turned(side.labels);
    this.attributes = side.attributes.map(({ name, words, colours }) => ({ name, words: turned(words), colours: turned(colours) }));
    const turn = ([x0, y0, x1, y1, h]: Join): Join => (reversed ? [count - x0, y0, count - x1, y1, h] : [x0, y0, x1, y1, h]);
    this.tree = side.tree?.length ? side.tree.map(turn) : null;
    this.bounds = side.edges ? spread(side.edges, count, reversed) : undefined;
  }

  /** What one is called. */
  label(index: number): string {
    return this.labels[index] ?? String(index + 1);
  }

  /** Where one begins, and the one before ends. */
  start(index: number): number {
    return this.bounds ? this.bounds[index]! : index;
  }

  middle(index: number): number {
    return (this.start(index) + this.start(index + 1)) / 2;
  }

  /** The one at a place, the first and the last for all that is outside. */
  at(place: number): number {
    const inside = (index: number) => Math.max(0, Math.min(this.count - 1, index));
    if (!this.bounds) return inside(Math.floor(place));
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.bounds[middle + 1]! <= place) low = middle + 1;
      else high = middle;
    }
    return inside(low);
  }

  /** Where a place between leaves is, leaf i at i + 0.5. */
  leaf(place: number): number {
    if (!this.bounds) return place;
    const index = Math.max(0, Math.min(this.count - 1, Math.floor(place)));
    return this.start(index) + (place - index) * (this.start(index + 1) - this.start(index));
  }

  /** The width of the narrowest of those from one to another. */
  narrowest(from = 0, to = this.count - 1): number {
    let least = 1;
    for (let i = from; this.bounds && i <= to; i++) {
      const width = this.start(i + 1) - this.start(i);
      least = i === from ? width : Math.min(least, width);
    }
    return least;
  }
}

/** Edges as places from 0 to how many there are between them. */
function spread(edges: number[], count: number, reversed: boolean): Float64Array | undefined {
  const [first, last] = [edges[0]!, edges[count]!];
  const whole = last - first;
  if (!(Math.abs(whole) > 0)) return undefined;
  const places = Float64Array.from(edges, (edge) => ((edge - first) / whole) * count);
  return reversed ? places.map((place) => count - place).reverse() : places;
}
