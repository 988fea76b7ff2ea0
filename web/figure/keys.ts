// What keys do.

import { byId } from "../src/element";
import { TWICE } from "./gestures";

/** What keys do with the heatmap. */
export interface Keyed {
  step(across: number, down: number): void;
  zoomMiddle(factor: number): void;
  reset(): void;
  keep(): void;
  letGo(): void;
  copy(): Promise<void>;
}

/** How many rows or columns a page is. */
const FAR = 10;

export function onKeys(plot: HTMLElement, done: Keyed) {
  const away = (across: number, down: number) => (event: KeyboardEvent) => {
    const times = event.shiftKey ? FAR : 1;
    done.step(across * times, down * times);
  };
  const far = (way: number) => ({ shiftKey }: KeyboardEvent) => (shiftKey ? done.step(FAR * way, 0) : done.step(0, FAR * way));
  const keys: Record<string, (event: KeyboardEvent) => void> = {
    ArrowLeft: away(-1, 0),
    ArrowRight: away(1, 0),
    ArrowUp: away(0, -1),
    ArrowDown: away(0, 1),
    PageUp: far(-1),
    PageDown: far(1),
    Home: () => done.reset(),
    "0": () => done.reset(),
    "+": () => done.zoomMiddle(TWICE),
    "=": () => done.zoomMiddle(TWICE),
    "-": () => done.zoomMiddle(1 / TWICE),
    "−": () => done.zoomMiddle(1 / TWICE),
    Enter: () => done.keep(),
    Escape: () => done.letGo(),
    c: () => void done.copy(),
  };
  plot.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act(event);
  });
  document.addEventListener("keydown", (event) => {
    const writes = event.target instanceof HTMLInputElement;
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    const help = byId<HTMLDetailsElement>("help");
    if (event.key === "Escape" && help.open) help.open = false;
    if (writes || modified || event.key !== "/") return;
    event.preventDefault();
    byId("find").focus();
  });
}
