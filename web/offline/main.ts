// A map of one file: everything that it shows is in the page, and nothing is loaded from elsewhere.

import { Control, Map as LeafletMap, type ControlOptions } from "leaflet";
import { byId, say } from "../src/element";
import { LandLayer } from "./land";
import { shownOf } from "./layers";
import { Readout } from "./readout";
import { taken, type PictureMap, type Theme, type TileMap, type Told } from "./told";

/** Zooms that one can step back from what shows all of it. */
const BACK = 3;

/** The size of the world that panning is kept to, in degrees; round the Earth one can go as often as one likes. */
const EARTH: [[number, number], [number, number]] = [[-85.06, -1e5], [85.06, 1e5]];

class Page {
  private dark = matchMedia("(prefers-color-scheme: dark)");
  private map: LeafletMap;
  private land?: LandLayer;

  constructor(file: TileMap | PictureMap) {
    const told = file.map;
    const shown = shownOf(file);
    this.tell(told);
    this.map = new LeafletMap("map", {
      crs: shown.crs,
      zoomControl: false,
      attributionControl: false,
      fadeAnimation: false,
      zoomSnap: shown.zooms.snap,
      minZoom: shown.zooms.least,
      maxZoom: shown.zooms.greatest,
      worldCopyJump: !told.flat,
      maxBoundsViscosity: 1,
    });
    this.map.getContainer().setAttribute("aria-label", "Map. Arrows move it, plus and minus zoom; the value in the middle is read out.");
    this.map.createPane("land").style.zIndex = "100";
    this.furnish(told);
    this.fit(shown.bounds, told);
    this.layLand(told);
    for (const layer of shown.layers) layer.addTo(this.map);
    new Readout(this.map, shown, told);
  }

  /** Title, facts and legend, as HTML around the map. */
  private tell({ name, events, description, style, units, notes = [], legend }: Told) {
    document.title = `${name} – torrid`;
    byId("title").textContent = name;
    const counted = events === undefined ? [] : [`${events.toLocaleString("en")} ${events === 1 ? "event" : "events"}`];
    const facts = [...counted, description ?? `${units}, ${style}`, ...notes];
    byId("facts").replaceChildren(...facts.map((fact) => Object.assign(document.createElement("p"), { textContent: fact })));
    byId("legend").innerHTML = legend ?? ""; // torrid's own; the page's policy would run no script in it.
    byId("legend").hidden = !legend;
    document.documentElement.classList.toggle("narrow", innerWidth < 640);
    if (innerWidth < 640) byId<HTMLDetailsElement>("panel").open = false;
  }

  private furnish({ flat }: Told) {
    new Control.Zoom({ position: "topright" }).addTo(this.map);
    new Control.Attribution({ prefix: false }).addTo(this.map);
    const scale = flat ? new FlatScale(flat.unit) : new Control.Scale({ position: "bottomright", imperial: false });
    scale.addTo(this.map);
    document.documentElement.classList.toggle("flat", Boolean(flat));
  }

  /** Shows all of it, beside the panel or below it, above the legend, and lets one step back from there. */
  private fit(bounds: L.LatLngBounds, { flat }: Told) {
    const panel = byId("panel").getBoundingClientRect();
    const beside = innerWidth > 3 * panel.width;
    const legend = byId("legend").getBoundingClientRect().height;
    const top = beside ? 24 : panel.bottom + 16;
    const left = beside ? panel.right + 16 : 16;
    this.map.fitBounds(bounds, { animate: false, paddingTopLeft: [left, top], paddingBottomRight: [24, beside ? 24 : legend + 48] });
    // All round the Earth is as wide as the window, and not seen twice.
    const whole = Math.log2(innerWidth / 256);
    const round = !flat && bounds.getEast() - bounds.getWest() > 300 && whole > this.map.getZoom();
    if (round) this.map.setView(bounds.getCenter(), Math.round(whole), { animate: false });
    this.map.setMinZoom(Math.max(this.map.getMinZoom(), Math.floor(this.map.getZoom()) - BACK));
    this.map.setMaxBounds(flat ? bounds.pad(1.5) : EARTH);
  }

  private layLand({ land, theme }: Told) {
    const look = () => {
      const chosen: Theme = theme ?? (this.dark.matches ? "dark" : "light");
      document.documentElement.dataset.theme = chosen;
      return land?.themes[chosen];
    };
    const draw = () => {
      const colours = look();
      if (!land || !colours) return;
      document.documentElement.style.setProperty("--sea", colours.sea);
      if (this.land) this.land.paint(colours);
      else this.land = new LandLayer(land, colours).addTo(this.map);
    };
    draw();
    this.dark.addEventListener("change", draw);
  }
}

/** A scale bar with the unit of a flat space. */
class FlatScale extends Control.Scale {
  constructor(private unit: string) {
    super({ position: "bottomright", imperial: false } as ControlOptions);
  }

  /** What Leaflet calls with how long the longest bar would be. */
  protected _updateMetric(this: this & ScaleParts, longest: number) {
    const round = this._getRoundNum(longest);
    this._updateScale(this._mScale, `${round} ${this.unit}`, round / longest);
  }
}

interface ScaleParts {
  _mScale: HTMLElement;
  _getRoundNum(number: number): number;
  _updateScale(scale: HTMLElement, text: string, ratio: number): void;
}

try {
  new Page(taken());
} catch (error) {
  console.error(error);
  say(byId("problem"), `The map cannot be shown: ${error instanceof Error ? error.message : String(error)}`);
}
