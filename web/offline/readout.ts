// The exact value below the pointer, or below the crosshair in the middle of the map while it is moved with the keys. As
// on the server's page, with the values of the file.

import type { LatLng, Map as LeafletMap, LeafletMouseEvent } from "leaflet";
import { byId, say } from "../src/element";
import { placeCard, position } from "../src/readout";
import type { Shown } from "./layers";
import type { Told } from "./told";
import { flatPosition } from "./place";
import { inWords } from "./values";

export class Readout {
  private asked = 0;

  constructor(private map: LeafletMap, private shown: Shown, private told: Told) {
    const pointed = ({ latlng, containerPoint: { x, y } }: LeafletMouseEvent) => void this.read(latlng, x, y, false);
    map.on("mousemove click", pointed as never);
    map.on("mouseout movestart zoomstart", () => this.hide());
    map.on("moveend", () => this.readMiddle());
    map.getContainer().addEventListener("focus", () => this.readMiddle());
    map.getContainer().addEventListener("blur", () => this.hide());
  }

  private hide() {
    this.asked++;
    byId("readout").hidden = true;
    byId("crosshair").hidden = true;
  }

  /** Only for the keyboard: a map that was clicked has the focus too, but no visible one. */
  private readMiddle() {
    if (!this.map.getContainer().matches(":focus-visible")) return;
    const { x, y } = this.map.getSize().divideBy(2);
    byId("crosshair").hidden = false;
    void this.read(this.map.getCenter(), x, y, true);
  }

  private async read(place: LatLng, x: number, y: number, aloud: boolean) {
    const asked = ++this.asked;
    const found = await this.shown.valueAt(place, this.map.getZoom()).catch((error: Error) => error);
    if (asked !== this.asked) return;
    const value = found instanceof Error ? found.message : inWords(found, this.told.units);
    const lines = [value, this.where(place)];
    placeCard(byId("readout"), lines, x, y);
    if (aloud) say(byId("aloud"), lines.join(", "));
  }

  private where(place: LatLng): string {
    const { flat } = this.told;
    if (flat) return flatPosition(place.lng, flat.up ? place.lat : -place.lat, flat.unit, this.map.getZoom());
    const { lng, lat } = place.wrap();
    return position(lng, lat, this.map.getZoom() - 1); // The server's page counts zooms in tiles of 512 pixels.
  }
}
