import { expect, test } from "vitest";
import { query, read, write } from "../src/address";

test("an untouched page has an untouched address", () => {
  expect(write(read(""))).toBe("");
});

test.each([
  "?layer=crimes&style=gaussian:250m+log,robust+magma+0.8&at=-2.97000,53.41000,10.50",
  "?style=none+linear+gray&where=magnitude+%3E=+6.5+and+depth+%3C+70&theme=dark&base=https://tiles.example/style.json",
  "?after=2018-10-01T00:00:00Z&before=2018-10-08T00:00:00Z&style2=gaussian:2km+log+viridis&where2=a+=+%27%26%27&swipe=40",
])("%s is written as it was read", (address) => {
  expect(write(read(address))).toBe(address);
});

test("the right side is in the address only while it is shown", () => {
  expect(write({ left: {}, right: { style: "none log gray" } })).toBe("");
});

test("what cannot be is left out", () => {
  expect(read("?at=1,2")).toMatchObject({ at: undefined });
  expect(read("?at=1,95,3")).toMatchObject({ at: undefined });
  expect(read("?swipe=much&theme=pink&style=")).toMatchObject({ swipe: undefined, theme: undefined, left: { style: undefined } });
  expect(read("?swipe=170").swipe).toBe(100);
});

test("a query says to the server what it says in the page's address", () => {
  const style = "gaussian:250m log magma_r 0.8";
  expect(new URLSearchParams(query({ style })).get("style")).toBe(style);
  expect(query({ style: undefined })).toBe("");
});
