// The map page of `torrid serve`. What it shows is a Place; every control makes a new Place, `go` writes it into the
// page's address and shows it, and the browser's back and forward buttons show the one before and after.

import "maplibre-gl/dist/maplibre-gl.css";
import { AttributionControl, NavigationControl, ScaleControl } from "maplibre-gl";
import { read, write, type Place, type Side } from "./address";
import { Controls } from "./controls";
import { byId, choose, input, say, select } from "./element";
import { Half, sentenceOf, type Progress } from "./half";
import { Readout } from "./readout";
import { ask, type Choices, type Layers } from "./server";
import { brief } from "./style";
import { Swipe, together } from "./swipe";
import { Timeline } from "./timeline";

type Name = Half["name"];

const WORLD = [-180, -85.0511, 180, 85.0511] as const;

class Page {
  private place = read(location.search);
  private edited: Name = "left";
  private left = this.half("left");
  private right?: Half;
  private progress: Record<string, Progress> = {};
  private ground = { base: "", background: "" };
  private remembering = 0;
  private fitted = "";
  private controls: Controls;
  private timeline = new Timeline((part, passing) => this.slide(part, passing));
  private swipe = new Swipe((swipe) => void this.go({ swipe }, true));
  private readout = new Readout(() => ({ halves: this.halves, place: this.place, layer: this.layer.name }));
  private dark = matchMedia("(prefers-color-scheme: dark)");

  constructor(private layers: Layers, choices: Choices) {
    this.controls = new Controls(choices, (part) => void this.edit(part));
    this.offerLayersAndBases();
    this.listen();
    this.furnish();
    void this.show();
  }

  /** To another place; a passing one takes the present one's entry in the browser's history. */
  private go(change: Partial<Place>, passing = false): Promise<void> {
    this.place = { ...this.place, ...change };
    const address = write(this.place) || location.pathname;
    history[passing ? "replaceState" : "pushState"](null, "", address);
    return this.show();
  }

  private edit(part: Partial<Side>, passing = false): Promise<void> {
    return this.go({ [this.edited]: { ...this.place[this.edited], ...part } }, passing);
  }

  /** Shows a window of time, in the style of the map before: one that is chosen for each window could not be compared. */
  private slide(part: Partial<Side>, passing: boolean): Promise<void> {
    const half = this.edited === "right" ? this.right : this.left;
    const style = this.place[this.edited].style ?? (half?.tileset?.style && brief(half.tileset.style));
    return this.edit({ style, ...part }, passing);
  }

  private async show() {
    const { place } = this;
    const comparing = place.swipe !== undefined;
    if (!comparing) this.edited = "left";
    this.drawTheme();
    if (comparing) this.right ??= this.secondHalf();
    this.swipe.show(place.swipe);
    this.drawChoices(comparing);
    this.drawControls();
    await Promise.all(this.halves.map((half) => half.show(this.layer.name, place[half.name])));
  }

  private get halves(): Half[] {
    return this.place.swipe !== undefined && this.right ? [this.left, this.right] : [this.left];
  }

  private get layer() {
    const { layers } = this.layers;
    return layers.find(({ name }) => name === this.place.layer) ?? layers[0]!;
  }

  private half(name: Name): Half {
    const report = (about: string, progress: Progress) => this.report(about === "tiles" ? name : about, progress);
    return new Half(name, report, () => this.answered(name));
  }

  private secondHalf(): Half {
    const right = this.half("right");
    const { map } = this.left.heat;
    right.heat.map.jumpTo({ center: map.getCenter(), zoom: map.getZoom() });
    right.heat.map.getCanvas().tabIndex = -1; // The left map's keys move both.
    together(map, right.heat.map);
    this.readout.follow(right);
    void right.setBase(this.ground.base, this.ground.background);
    return right;
  }

  private answered(name: Name) {
    const { tileset } = this.left;
    if (name === "left" && tileset && !this.place.at && this.fitted !== this.layer.name) {
      this.fitted = this.layer.name;
      const [west, south, east, north] = tileset.bounds ?? WORLD;
      this.left.heat.map.fitBounds([west, south, east, north], { animate: false, padding: this.padding(), maxZoom: 15 });
    }
    if (name === this.edited) this.drawControls();
  }

  /** Room for the panel, beside the data or above them, and for the legend. */
  private padding() {
    const panel = byId("panel").getBoundingClientRect();
    const beside = innerWidth > 2 * panel.width;
    return { top: beside ? 24 : panel.bottom + 16, bottom: 110, right: 24, left: beside ? panel.right + 16 : 24 };
  }

  /** Tells what goes on with the left map, the right map or the base, above the maps. */
  private report(about: string, progress: Progress) {
    this.progress[about] = progress;
    const comparing = this.place.swipe !== undefined;
    const told = (kind: keyof Progress) => Object.entries(this.progress)
      .filter(([about, progress]) => progress[kind] && (comparing || about !== "right"))
      .map(([about, progress]) => (comparing && about !== "base" ? `On the ${about}: ` : "") + progress[kind])
      .join("\n");
    say(byId("busy"), told("busy"));
    say(byId("problem"), told("problem"));
  }

  private drawControls() {
    const half = this.edited === "right" ? this.right : this.left;
    this.controls.show(this.place[this.edited], half?.tileset);
    this.timeline.show(this.place[this.edited], half?.times);
  }

  private drawChoices(comparing: boolean) {
    document.title = `${this.layer.title} – torrid`;
    byId("title").textContent = this.layer.title;
    input("compare").checked = comparing;
    byId("sides").hidden = !comparing;
    input("compare").form!.side.value = this.edited;
    byId("maps").classList.toggle("comparing", comparing);
    choose(select("layer"), this.layer.name);
    choose(select("base"), this.base, spoken(this.base));
    select("theme").value = this.place.theme ?? "";
  }

  private get base(): string {
    return this.place.base ?? (this.layers.bases.includes("map") ? "map" : (this.layers.bases[0] ?? "none"));
  }

  /** The look of the page and, where the base has a dark one, of the base. */
  private drawTheme() {
    const theme = this.place.theme ?? (this.dark.matches ? "dark" : "light");
    document.documentElement.dataset.theme = theme;
    const dark = `${this.base}-dark`;
    const base = theme === "dark" && this.layers.bases.includes(dark) ? dark : this.base;
    const background = getComputedStyle(document.documentElement).getPropertyValue("--water").trim();
    if (base === this.ground.base && background === this.ground.background) return;
    this.ground = { base, background };
    for (const half of [this.left, this.right]) void half?.setBase(base, background);
  }

  private offerLayersAndBases() {
    const { layers, bases } = this.layers;
    for (const { name, title } of layers) select("layer").add(new Option(title, name));
    byId("layer-row").hidden = layers.length < 2;
    const plain = bases.filter((base) => !bases.some((other) => base === `${other}-dark`));
    for (const base of [...plain, "none"]) select("base").add(new Option(spoken(base), base));
  }

  private listen() {
    select("layer").addEventListener("change", () => void this.go({ layer: select("layer").value, left: {}, right: {}, at: undefined }));
    select("base").addEventListener("change", () => void this.go({ base: select("base").value }));
    select("theme").addEventListener("change", () => void this.go({ theme: (select("theme").value || undefined) as Place["theme"] }));
    input("compare").addEventListener("change", () => this.compare(input("compare").checked));
    byId("sides").addEventListener("change", () => this.editSide(input("compare").form!.side.value));
    this.dark.addEventListener("change", () => this.drawTheme());
    addEventListener("popstate", () => this.back());
  }

  private compare(comparing: boolean) {
    this.timeline.stop();
    void this.go(comparing ? { swipe: 50, right: { ...this.place.left } } : { swipe: undefined, right: {} });
  }

  private editSide(name: Name) {
    this.timeline.stop();
    this.edited = name;
    this.drawControls();
  }

  private back() {
    this.timeline.stop();
    this.place = read(location.search);
    this.look();
    void this.show();
  }

  private look() {
    const { at } = this.place;
    if (at) this.left.heat.map.jumpTo({ center: [at.lng, at.lat], zoom: at.zoom });
  }

  /** Zoom buttons, scale bar and attribution, in the page's corner, for they belong to both maps. */
  private furnish() {
    const { map } = this.left.heat;
    const controls = [new NavigationControl({ showCompass: false }), new ScaleControl(), new AttributionControl()];
    byId("corner").append(...controls.map((control) => control.onAdd(map)));
    this.look();
    this.readout.follow(this.left);
    map.on("moveend", ({ originalEvent }) => originalEvent && this.remember());
    if (innerWidth < 640) byId<HTMLDetailsElement>("panel").open = false;
  }

  /** Writes the view into the address when it has rested: browsers limit how often that may be done. */
  private remember() {
    clearTimeout(this.remembering);
    this.remembering = window.setTimeout(() => {
      const { map } = this.left.heat;
      const { lng, lat } = map.getCenter().wrap();
      void this.go({ at: { lng, lat, zoom: map.getZoom() } }, true);
    }, 300);
  }
}

/** The name of a base, or the host that its style comes from. */
const spoken = (base: string) => (/^https?:/.test(base) && URL.canParse(base) ? new URL(base).host : base);

try {
  const [layers, choices] = await Promise.all([ask<Layers>("layers.json"), ask<Choices>("choices.json")]);
  new Page(layers, choices);
} catch (error) {
  say(byId("problem"), sentenceOf(error));
}
