// The handle between two maps that lie over each other, and what keeps the maps at one view.

import type { Map } from "maplibre-gl";
import { byId } from "./element";

export class Swipe {
  private handle = byId("swipe");
  private frame = byId("maps");

  /** `moved` is called with the percent of the width that is left's, when the handle rests. */
  constructor(private moved: (percent: number) => void) {
    this.handle.addEventListener("pointerdown", (event) => this.drag(event));
    this.handle.addEventListener("keydown", (event) => this.step(event));
  }

  /** Shows the handle there, or none and only the left map. */
  show(percent?: number) {
    this.handle.hidden = percent === undefined;
    byId("map-right").hidden = percent === undefined;
    if (percent !== undefined) this.draw(percent);
  }

  private draw(percent: number) {
    this.frame.style.setProperty("--swipe", `${percent}%`);
    this.handle.setAttribute("aria-valuenow", String(percent));
    this.handle.setAttribute("aria-valuetext", `left map ${percent} %, right map ${100 - percent} %`);
  }

  private drag({ pointerId }: PointerEvent) {
    let percent: number | undefined;
    const follow = ({ clientX }: PointerEvent) => {
      const { left, width } = this.frame.getBoundingClientRect();
      percent = within(Math.round((100 * (clientX - left)) / width));
      this.draw(percent);
    };
    this.handle.setPointerCapture(pointerId);
    this.handle.addEventListener("pointermove", follow);
    this.handle.addEventListener("lostpointercapture", () => {
      this.handle.removeEventListener("pointermove", follow);
      if (percent !== undefined) this.moved(percent);
    }, { once: true });
  }

  private step(event: KeyboardEvent) {
    const now = Number(this.handle.getAttribute("aria-valuenow"));
    const next: Record<string, number> = {
      ArrowLeft: now - 2, ArrowDown: now - 2, ArrowRight: now + 2, ArrowUp: now + 2,
      PageDown: now - 10, PageUp: now + 10, Home: 0, End: 100,
    };
    const percent = next[event.key];
    if (percent === undefined) return;
    event.preventDefault();
    this.draw(within(percent));
    this.moved(within(percent));
  }
}

/** Moves each map where the other one goes. */
export function together(one: Map, other: Map) {
  let following = false;
  const follow = (leader: Map, follower: Map) => leader.on("move", ({ originalEvent }) => {
    if (following) return;
    following = true;
    follower.jumpTo({ center: leader.getCenter(), zoom: leader.getZoom() }, { originalEvent });
    following = false;
  });
  follow(one, other);
  follow(other, one);
}

const within = (percent: number) => Math.min(100, Math.max(0, percent));
