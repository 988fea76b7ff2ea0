// Numbers and tables as text.

/** A value as it is: the shortest text that reads back as the same number. */
export function written(value: number): string {
  return Number.isNaN(value) ? "no data" : String(value);
}

/** A value in a cell, where nothing else is told: four digits of it. */
export function brief(value: number): string {
  return Number.isNaN(value) ? "" : String(Number(value.toPrecision(4)));
}

/** A field of CSV (RFC 4180). */
const field = (text: string) => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** A line of CSV: a label, then values, none where there is no data. */
export const lineOf = (label: string, values: Iterable<number>): string => {
  const fields = Array.from(values, (value) => (Number.isNaN(value) ? "" : String(value)));
  return `${[field(label), ...fields].join(",")}\r\n`;
};

export const headOf = (title: string, labels: string[]): string => `${[title, ...labels].map(field).join(",")}\r\n`;

/** The name of a file, from what it is about. */
export function fileName(title: string): string {
  const plain = title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "");
  return [...plain].slice(0, 60).join("") || "figure";
}
