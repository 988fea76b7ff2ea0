import { expect, test } from "vitest";
import { between, bounds, lengthsFor, nearestStart, starts, written } from "../src/time";

const MONTH: [number, number] = [Date.parse("2018-10-01T00:00:00Z"), Date.parse("2018-10-31T23:00:00Z")];
const DAY = 86_400_000;

test("every window of every length reaches the first and the last event, and none lies beyond", () => {
  const ranges: [number, number][] = [MONTH, [MONTH[0], MONTH[0] + 5 * 3_600_000], [0, MONTH[1]], [-1e13, 1e12]];
  for (const range of ranges) {
    for (const length of lengthsFor(range)) {
      const all = starts(range, length);
      expect(all[0]).toBeLessThanOrEqual(range[0]);
      expect(all.at(-1)! + length.length).toBeGreaterThan(range[1]);
      expect(all.at(-1)!).toBeLessThanOrEqual(range[1]);
      expect(all.length).toBeLessThanOrEqual(2002);
    }
  }
});

test("a month has windows of hours, days and a week, but not of years", () => {
  expect(lengthsFor(MONTH).map(({ label }) => label)).toEqual(["1 hour", "6 hours", "1 day", "1 week", "30 days"]);
});

test("a window in the address is the window that was chosen", () => {
  const window = { from: MONTH[0], length: 7 * DAY };
  const { after, before } = bounds(window);
  expect([after, before]).toEqual(["2018-10-01T00:00:00Z", "2018-10-08T00:00:00Z"]);
  expect(between(after, before)).toEqual(window);
});

test("what is no window is none", () => {
  expect(between(undefined, "2018-10-01")).toBeUndefined();
  expect(between("2018-10-02", "2018-10-01")).toBeUndefined();
  expect(between("some day", "2018-10-01")).toBeUndefined();
});

test("the start nearest to a start is itself", () => {
  const all = starts(MONTH, lengthsFor(MONTH)[2]!);
  all.forEach((start, at) => expect(nearestStart(all, start + 1000)).toBe(at));
});

test("windows are written by their last day, or by hours", () => {
  const from = MONTH[0];
  expect(written({ from, length: DAY })).toBe("1 Oct 2018");
  expect(written({ from, length: 7 * DAY })).toBe("1 Oct 2018 – 7 Oct 2018");
  expect(written({ from: from + DAY / 4, length: DAY / 4 })).toBe("1 Oct 2018, 06:00 – 12:00 UTC");
  expect(written({ from: from + DAY / 2, length: DAY })).toBe("1 Oct 2018, 12:00 – 2 Oct 2018, 12:00 UTC");
});
