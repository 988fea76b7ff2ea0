import { describe, expect, test } from "vitest";
import { heldLimits, inMetres, isHeld, metres, nearest, parse, print, roundLengths, spoken } from "../src/style";

describe("texts of styles", () => {
  test.each([
    "none linear gray",
    "quartic:knn:15 linear gray",
    "epanechnikov:adaptive:250m log magma",
    "gaussian:auto eq_hist torrid",
    "gaussian:2.5km power:0.5,vmin=1,vmax=7 viridis_r 0.25",
    "gaussian:12px log,robust 0%:#0000;100%:#f00",
  ])("%s is printed as it was written", (text) => {
    expect(print(parse(text))).toBe(text);
  });

  test("plain bins become smooth again with a kernel", () => {
    expect(print({ ...parse("none log magma"), bandwidth: "250m" })).toBe("gaussian:250m log magma");
  });

  test("limits are held at the values that are shown, and a logarithm is not held at 0", () => {
    expect(heldLimits("linear", [0, 43.0686406])).toEqual(["vmin=0", "vmax=43.0686"]);
    expect(heldLimits("log", [0, 12])).toEqual(["vmax=12"]);
    expect(isHeld(heldLimits("log", [0, 12]))).toBe(true);
    expect(isHeld(["robust"])).toBe(false);
  });
});

describe("lengths", () => {
  test("a length in metres is read as it is written", () => {
    for (const length of roundLengths(1, 1e6)) expect(metres(inMetres(length))).toBeCloseTo(length, 6);
    expect(inMetres(2500)).toBe("2.5km");
    expect(spoken("2.5km")).toBe("2.5 km");
  });

  test("a bandwidth that was computed is written with three digits", () => {
    expect(spoken("894.1528911142054m")).toBe("894 m");
    expect(spoken("1.23456km")).toBe("1.23 km");
    expect(spoken("1200m")).toBe("1200 m");
  });

  test("what is no length on the ground is none", () => {
    for (const text of ["none", "auto", "12px", "knn:15", ""]) expect(metres(text)).toBeUndefined();
  });

  test("round lengths rise, each by no more than a third", () => {
    const lengths = roundLengths(10, 1e5);
    expect([lengths[0], lengths.at(-1)]).toEqual([10, 1e5]);
    lengths.slice(1).forEach((length, at) => {
      expect(length / lengths[at]!).toBeGreaterThan(1.1);
      expect(length / lengths[at]!).toBeLessThan(1.34);
    });
  });

  test("the nearest length is the length itself where it is in the list", () => {
    const lengths = roundLengths(10, 1e5);
    lengths.forEach((length, at) => expect(nearest(lengths, length * 1.01)).toBe(at));
  });
});
