// What the page shows, as the query of its address: a reload or a link gives the same map. Names are those of the
// server's own queries; the right side of a comparison has them with a 2.

/** What one side shows; what is absent is the server's choice, or everything. */
export interface Side {
  style?: string;
  where?: string;
  after?: string;
  before?: string;
}

export interface View {
  lng: number;
  lat: number;
  zoom: number;
}

export interface Place {
  layer?: string;
  left: Side;
  right: Side;
  /** Where left ends and right begins, in percent of the width; absent where nothing is compared. */
  swipe?: number;
  at?: View;
  theme?: "light" | "dark";
  /** A base named by the server, `none`, or the address of a MapLibre style. */
  base?: string;
}

const PARTS = ["style", "where", "after", "before"] as const;

export function read(query: string): Place {
  const given = new URLSearchParams(query);
  const text = (name: string) => given.get(name) || undefined;
  const side = (mark: string) => Object.fromEntries(PARTS.map((part) => [part, text(part + mark)])) as Side;
  const theme = text("theme");
  const swipe = number(text("swipe"));
  return {
    layer: text("layer"),
    left: side(""),
    right: side("2"),
    swipe: swipe === undefined ? undefined : Math.min(100, Math.max(0, swipe)),
    at: view(text("at")),
    theme: theme === "light" || theme === "dark" ? theme : undefined,
    base: text("base"),
  };
}

export function write({ layer, left, right, swipe, at, theme, base }: Place): string {
  const all: Record<string, string | undefined> = { layer, ...left };
  if (swipe !== undefined) {
    for (const part of PARTS) all[`${part}2`] = right[part];
    all.swipe = String(swipe);
  }
  if (at) all.at = [at.lng.toFixed(5), at.lat.toFixed(5), at.zoom.toFixed(2)].join(",");
  return query({ ...all, theme, base });
}

/** A query of what is there, `?` included, with `:`, `,`, `=` and `/` left readable; empty where there is nothing. */
export function query(parts: Record<string, string | undefined>): string {
  const given = Object.entries(parts).filter((part): part is [string, string] => Boolean(part[1]));
  const text = new URLSearchParams(given).toString();
  return text && "?" + text.replace(/%3A/g, ":").replace(/%2C/g, ",").replace(/%2F/g, "/").replace(/%3D/g, "=");
}

function view(text?: string): View | undefined {
  const [lng, lat, zoom] = (text ?? "").split(",").map(number);
  if (lng === undefined || lat === undefined || zoom === undefined || Math.abs(lat) > 90) return undefined;
  return { lng, lat, zoom };
}

function number(text?: string): number | undefined {
  return text && Number.isFinite(Number(text)) ? Number(text) : undefined;
}
