// Finds a row or a column by what it is called: a field with a list below it (the combobox pattern of WAI-ARIA).

import { byId, input } from "../src/element";
import type { Axis } from "./axis";

export interface Match {
  side: "rows" | "columns";
  index: number;
  label: string;
}

/** How many are listed. */
const MOST = 8;

/** Those that are called so, then those that begin so, then those that have it somewhere, in their order. */
export function matches(sides: { side: Match["side"]; axis: Pick<Axis, "count" | "label"> }[], text: string, most = MOST): Match[] {
  const sought = plain(text.trim());
  if (!sought) return [];
  const ranks: Match[][] = [[], [], []];
  for (const { side, axis } of sides) {
    for (let index = 0; index < axis.count; index++) {
      const label = axis.label(index);
      const at = plain(label).indexOf(sought);
      if (at < 0) continue;
      const rank = ranks[at > 0 ? 2 : plain(label) === sought ? 0 : 1]!;
      if (rank.length < most) rank.push({ side, index, label });
    }
  }
  return ranks.flat().slice(0, most);
}

/** Without accents and capitals. */
const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export class Find {
  private field = input("find");
  private list = byId("found");
  private found: Match[] = [];
  private chosen = 0;

  constructor(private sides: Parameters<typeof matches>[0], private go: (match: Match) => void) {
    this.field.addEventListener("input", () => this.look());
    this.field.addEventListener("focus", () => this.look());
    this.field.addEventListener("blur", () => this.show([]));
    this.field.addEventListener("keydown", (event) => this.press(event));
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // The field keeps the focus, and the list stays.
    this.list.addEventListener("click", ({ target }) => {
      const at = [...this.list.children].indexOf((target as Element).closest("li")!);
      if (this.found[at]) this.take(this.found[at]);
    });
  }

  private look() {
    this.chosen = 0;
    this.show(matches(this.sides, this.field.value));
    if (this.found.length || !this.field.value.trim()) return;
    this.list.replaceChildren(Object.assign(document.createElement("li"), { className: "none", textContent: "None is called so." }));
    this.list.hidden = false;
  }

  private press(event: KeyboardEvent) {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (event.key === "Enter" && this.found[this.chosen]) this.take(this.found[this.chosen]!);
    else if (event.key === "Escape") this.show([]), (this.field.value = ""), byId("plot").focus();
    else if (step && this.found.length) (this.chosen = (this.chosen + step + this.found.length) % this.found.length), this.show(this.found);
    else return;
    event.preventDefault();
  }

  private take(match: Match) {
    this.show([]);
    this.go(match);
  }

  private show(found: Match[]) {
    this.found = found;
    this.list.replaceChildren(...found.map(({ side, label }, i) => {
      const item = Object.assign(document.createElement("li"), { id: `found-${i}`, role: "option", title: label });
      item.ariaSelected = String(i === this.chosen);
      item.append(Object.assign(document.createElement("span"), { textContent: label, dir: "auto" }));
      item.append(Object.assign(document.createElement("span"), { textContent: side === "rows" ? "row" : "column" }));
      return item;
    }));
    this.list.hidden = !found.length;
    this.field.ariaExpanded = String(found.length > 0);
    if (found.length) this.field.setAttribute("aria-activedescendant", `found-${this.chosen}`);
    else this.field.removeAttribute("aria-activedescendant");
  }
}
