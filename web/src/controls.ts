// The controls of a style: they show the style of the side that is edited, and each change makes a new text of it.

import type { Side } from "./address";
import { byId, choose, input, select } from "./element";
import type { Choices, Tileset } from "./server";
import { brief, byRank, heldLimits, inMetres, isHeld, metres, nearest, parse, print, roundLengths, spoken, type Style } from "./style";

/** A slider's change counts when it has rested this long: arrow keys change it in many steps. */
const REST_MS = 250;

export class Controls {
  private style: Style = parse("gaussian:auto linear torrid");
  private lengths = roundLengths(10, 1e6);
  private length = 1000;
  /** The values that the colours go over, where all zooms have one scale. */
  private range?: [number, number];
  private rest = 0;

  constructor(private choices: Choices, private change: (side: Partial<Side>) => void) {
    for (const norm of choices.norms) select("norm").add(new Option(norm));
    for (const kernel of choices.kernels) select("kernel").add(new Option(kernel));
    byId("kernel-row").hidden = choices.kernels.length < 2;
    byId("colours-list").append(...choices.colormaps.map(swatch));
    this.listen();
  }

  /** Shows a side: as it was asked for, and what the server made of it. */
  show(side: Side, tileset?: Tileset) {
    const answered = tileset?.style ? parse(brief(tileset.style)) : undefined;
    this.style = side.style ? parse(side.style) : (answered ?? this.style);
    if (tileset) this.lengths = lengthsOf(tileset);
    this.length = metres(this.style.bandwidth) ?? metres(answered?.bandwidth ?? "") ?? this.length;
    this.range = tileset?.scales?.length === 1 ? tileset.scales[0]?.value_range : undefined;
    input("where").value = side.where ?? "";
    this.draw();
    const fixed = Boolean(tileset && !tileset.value);
    for (const id of ["density", "painting", "where-row"]) byId(id).hidden = fixed;
    if (tileset) facts(tileset);
  }

  private draw() {
    const { kernel, bandwidth, norm, limits, colours, opacity } = this.style;
    choose(select("kernel"), kernel);
    choose(select("norm"), norm);
    choose(select("smoothing"), metres(bandwidth) ? "metres" : bandwidth, spoken(bandwidth));
    this.drawBandwidth();
    input("robust").checked = limits.includes("robust");
    input("held").checked = isHeld(limits);
    input("robust").disabled = byRank(norm);
    input("held").disabled = byRank(norm) || !(this.range || isHeld(limits));
    input("opacity").value = String(opacity);
    byId("opacity-text").textContent = percent(opacity);
    this.drawColours(colours);
  }

  private drawBandwidth() {
    const { bandwidth } = this.style;
    const slider = input("bandwidth");
    byId("bandwidth-row").hidden = bandwidth !== "auto" && !metres(bandwidth);
    slider.max = String(this.lengths.length - 1);
    slider.value = String(nearest(this.lengths, this.length));
    this.writeBandwidth(inMetres(this.length));
  }

  private writeBandwidth(text: string) {
    byId("bandwidth-text").textContent = spoken(text);
    input("bandwidth").setAttribute("aria-valuetext", spoken(text));
  }

  private drawColours(colours: string) {
    const name = colours.replace(/_r$/, "");
    const known = this.choices.colormaps.find((colormap) => colormap.name === name);
    const shown = known && (colours === name ? known.colours : [...known.colours].reverse());
    byId("colours-strip").style.background = shown ? strip(shown) : "none";
    byId("colours-name").textContent = known ? name : "by hand";
    input("reversed").checked = colours !== name;
    input("reversed").disabled = !known;
    const chosen = document.querySelector<HTMLInputElement>(`input[name=colormap][value="${CSS.escape(name)}"]`);
    if (chosen) chosen.checked = true;
  }

  private listen() {
    byId("controls").addEventListener("submit", (event) => event.preventDefault());
    on("kernel", () => this.set({ kernel: select("kernel").value }));
    on("smoothing", () => this.set({ bandwidth: this.chosenBandwidth() }));
    on("norm", () => this.set({ norm: select("norm").value, limits: this.limitsOf(select("norm").value) }));
    on("robust", () => this.set({ limits: input("robust").checked ? ["robust"] : [] }));
    on("held", () => this.set({ limits: input("held").checked ? heldLimits(this.style.norm, this.range!) : [] }));
    on("colours-list", () => this.set({ colours: this.chosenColours() }));
    on("reversed", () => this.set({ colours: this.chosenColours() }));
    on("where", () => this.change({ where: input("where").value.trim() || undefined }));
    input("bandwidth").addEventListener("input", () => {
      this.length = this.lengths[Number(input("bandwidth").value)] ?? this.length;
      this.writeBandwidth(inMetres(this.length));
      this.setSoon({ bandwidth: inMetres(this.length) });
    });
    input("opacity").addEventListener("input", () => {
      const opacity = Number(input("opacity").value);
      byId("opacity-text").textContent = percent(opacity);
      this.setSoon({ opacity });
    });
  }

  private set(part: Partial<Style>) {
    clearTimeout(this.rest);
    this.style = { ...this.style, ...part };
    this.draw();
    this.change({ style: print(this.style) });
  }

  private setSoon(part: Partial<Style>) {
    clearTimeout(this.rest);
    this.rest = window.setTimeout(() => this.set(part), REST_MS);
  }

  private chosenBandwidth(): string {
    const mode = select("smoothing").value;
    return mode === "metres" ? inMetres(this.lengths[nearest(this.lengths, this.length)] ?? this.length) : mode;
  }

  private chosenColours(): string {
    const chosen = document.querySelector<HTMLInputElement>("input[name=colormap]:checked");
    return (chosen?.value ?? this.style.colours) + (input("reversed").checked ? "_r" : "");
  }

  private limitsOf(norm: string): string[] {
    return byRank(norm) ? [] : this.style.limits.filter((limit) => limit === "robust");
  }
}

/** Lengths that can be told apart on a map of these bounds: from a 2000th of its diagonal to a quarter. */
function lengthsOf({ bounds = [-180, -85, 180, 85], style }: Tileset): number[] {
  const [west, south, east, north] = bounds;
  const METRES_A_DEGREE = 111_195;
  const wide = (east - west) * Math.cos(((south + north) / 2) * (Math.PI / 180));
  const diagonal = METRES_A_DEGREE * Math.hypot(wide, north - south) || 1000;
  const chosen = metres(parse(style ?? "").bandwidth) ?? diagonal / 100;
  return roundLengths(Math.min(diagonal / 2000, chosen / 2), Math.max(diagonal / 4, chosen * 2));
}

function swatch({ name, colours }: { name: string; colours: string[] }): HTMLElement {
  const label = document.createElement("label");
  const radio = Object.assign(document.createElement("input"), { type: "radio", name: "colormap", value: name });
  const drawn = Object.assign(document.createElement("span"), { className: "strip" });
  drawn.style.background = strip(colours);
  label.append(radio, drawn, name);
  return label;
}

function facts({ events, style, notes = [] }: Tileset) {
  const count = events === undefined ? [] : [`${events.toLocaleString("en")} events.`];
  const sentences = [...count, ...(style ? [`Style: ${brief(style)}`] : []), ...notes];
  byId("facts").replaceChildren(...sentences.map((sentence) =>
    Object.assign(document.createElement("p"), { textContent: sentence })));
}

const on = (id: string, changed: () => void) => byId(id).addEventListener("change", changed);

const strip = (colours: string[]) => `linear-gradient(to right, ${colours.join(", ")})`;

const percent = (share: number) => `${Math.round(100 * share)} %`;
