// Windows of time: from `after` (which belongs to it) to `before` (which does not), UTC. The choices of lengths, the
// steps in which a window slides over the range of the events, and how a window is written for people.

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A window, in milliseconds since 1970: half-open. */
export interface Window {
  from: number;
  length: number;
}

export interface Length {
  label: string;
  length: number;
  /** How far the window slides at a time. */
  step: number;
}

const LENGTHS: Length[] = [
  { label: "1 hour", length: HOUR, step: HOUR },
  { label: "6 hours", length: 6 * HOUR, step: 3 * HOUR },
  { label: "1 day", length: DAY, step: DAY },
  { label: "1 week", length: 7 * DAY, step: DAY },
  { label: "30 days", length: 30 * DAY, step: 7 * DAY },
  { label: "1 year", length: 365 * DAY, step: 30 * DAY },
  { label: "10 years", length: 3652 * DAY, step: 365 * DAY },
];

/** The lengths that make sense for a range: shorter than it, and with steps that one can still tell apart. */
export function lengthsFor([first, last]: [number, number]): Length[] {
  const range = last - first;
  return LENGTHS.filter(({ length, step }) => length < range && range / step <= 2000);
}

/** Where windows of a length can begin: from the day (or hour) of the first event until the last event is inside. */
export function starts([first, last]: [number, number], { length, step }: Length): number[] {
  const grain = Math.min(step, DAY);
  const origin = Math.floor(first / grain) * grain;
  const count = Math.max(1, Math.floor((last - length - origin) / step) + 2);
  return Array.from({ length: count }, (_, place) => origin + place * step);
}

/** The place among `starts` nearest to a time. */
export function nearestStart(starts: number[], time: number): number {
  const far = starts.map((start) => Math.abs(start - time));
  return far.indexOf(Math.min(...far));
}

/** `after` and `before` as the server and the page's address write them. */
export const bounds = ({ from, length }: Window) => ({ after: iso(from), before: iso(from + length) });

/** The window between two times, or undefined where one of them is missing or is no time. */
export function between(after?: string, before?: string): Window | undefined {
  const from = Date.parse(after ?? "");
  const length = Date.parse(before ?? "") - from;
  return length > 0 ? { from, length } : undefined;
}

/** Days as `1 Oct 2018 – 7 Oct 2018` (the last day is inside); hours as `1 Oct 2018, 06:00 – 12:00 UTC`. */
export function written({ from, length }: Window): string {
  const until = from + length;
  if (from % DAY === 0 && until % DAY === 0) {
    return length === DAY ? day(from) : `${day(from)} – ${day(until - DAY)}`;
  }
  const sameDay = day(from) === day(until - 1);
  return `${day(from)}, ${hour(from)} – ${sameDay ? "" : `${day(until)}, `}${hour(until)} UTC`;
}

const iso = (time: number) => new Date(time).toISOString().replace(".000Z", "Z");

const day = (time: number) =>
  new Date(time).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

const hour = (time: number) =>
  new Date(time).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
