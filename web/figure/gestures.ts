// What is done with mouse, pen and fingers: zoom, move, draw a box, point at something.

import type { Box } from "./layout";

/** What gestures do, in pixels of the stage. */
export interface Gestured {
  zoom(factor: number, x: number, y: number): void;
  /** Whether there is something to move. */
  canMove(): boolean;
  /** Whether zooming out does something. */
  canZoomOut(): boolean;
  move(across: number, down: number): void;
  /** A box while it is drawn. */
  draw(box: Box | undefined): void;
  zoomTo(box: Box): void;
  /** Pointed at, or no longer. */
  point(at: Point | undefined): void;
  /** Clicked, or touched for a moment. */
  press(at: Point): void;
}

export interface Point {
  x: number;
  y: number;
}

/** A pointer that moved less than this did not move. */
const STILL = 4;

/** How much a pixel of a wheel, and one of a pinch on a pad, which browsers tell as a wheel, zooms. */
const WHEEL = 0.0018;
const PINCH = 0.01;

/** How much a double click zooms. */
export const TWICE = 2;

export class Gestures {
  private fingers = new Map<number, Point>();
  private from: Point | undefined;
  private isBox = false;
  private moved = false;

  constructor(private stage: HTMLElement, private plot: HTMLElement, private done: Gestured) {
    plot.addEventListener("pointerdown", (event) => this.begin(event));
    stage.addEventListener("pointermove", (event) => this.go(event));
    plot.addEventListener("pointerup", (event) => this.end(event));
    plot.addEventListener("pointercancel", (event) => this.cancel(event));
    stage.addEventListener("pointerleave", ({ pointerType }) => pointerType === "touch" || done.point(undefined));
    plot.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    plot.addEventListener("dblclick", (event) => this.double(event));
    stage.addEventListener("click", (event) => event.target === plot || done.point(this.at(event))); // Labels, where there is no hovering.
  }

  private at({ clientX, clientY }: MouseEvent): Point {
    const { left, top } = this.stage.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }

  private begin(event: PointerEvent) {
    if (event.button !== 0) return;
    this.plot.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, this.at(event));
    if (this.fingers.size > 1) return this.stop();
    this.from = this.at(event);
    this.moved = false;
    this.isBox = event.shiftKey && event.pointerType !== "touch";
  }

  /** No box, no press: there is a second finger, or the browser scrolls. */
  private stop() {
    this.moved = true;
    this.isBox = false;
    this.done.draw(undefined);
  }

  private go(event: PointerEvent) {
    const before = this.fingers.get(event.pointerId);
    const now = this.at(event);
    if (!before) {
      if (event.pointerType !== "touch") this.done.point(now);
      return;
    }
    if (this.fingers.size === 2) return this.pinch(event.pointerId, now);
    const { x, y } = this.from ?? before;
    if (!this.moved && Math.hypot(now.x - x, now.y - y) < STILL) return;
    this.moved = true;
    this.fingers.set(event.pointerId, now);
    if (this.isBox) return this.done.draw(boxOf(this.from!, now));
    this.plot.classList.toggle("moving", this.done.canMove());
    if (this.done.canMove()) this.done.point(undefined), this.done.move(now.x - before.x, now.y - before.y);
    else this.done.point(now);
  }

  /** Two fingers: what is between them stays between them. */
  private pinch(finger: number, now: Point) {
    const [one, other] = [...this.fingers.values()] as [Point, Point];
    const [apart, middle] = [Math.hypot(one.x - other.x, one.y - other.y), middleOf(one, other)];
    this.fingers.set(finger, now);
    const [first, second] = [...this.fingers.values()] as [Point, Point];
    const to = middleOf(first, second);
    this.done.point(undefined);
    this.done.zoom(Math.hypot(first.x - second.x, first.y - second.y) / Math.max(1, apart), middle.x, middle.y);
    this.done.move(to.x - middle.x, to.y - middle.y);
  }

  private end(event: PointerEvent) {
    const known = this.fingers.delete(event.pointerId);
    if (!known || this.fingers.size) return;
    this.plot.classList.remove("moving");
    const now = this.at(event);
    const box = this.isBox && this.moved ? boxOf(this.from!, now) : undefined;
    this.done.draw(undefined);
    if (box && box.width > STILL && box.height > STILL) this.done.zoomTo(box);
    else if (!this.moved) this.done.press(now);
    if (event.pointerType !== "touch") this.done.point(now);
  }

  private cancel({ pointerId }: PointerEvent) {
    this.fingers.delete(pointerId);
    this.plot.classList.remove("moving");
    this.stop();
  }

  private wheel(event: WheelEvent) {
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 33;
    const factor = Math.exp(-event.deltaY * lines * (event.ctrlKey ? PINCH : WHEEL));
    if (factor < 1 && !this.done.canZoomOut() && !event.ctrlKey) return; // The page scrolls.
    event.preventDefault();
    const { x, y } = this.at(event);
    this.done.zoom(Math.max(0.25, Math.min(4, factor)), x, y);
  }

  private double(event: MouseEvent) {
    const { x, y } = this.at(event);
    this.done.zoom(event.altKey ? 1 / TWICE : TWICE, x, y);
  }
}

const middleOf = (one: Point, other: Point): Point => ({ x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 });

const boxOf = (one: Point, other: Point): Box => ({
  x: Math.min(one.x, other.x),
  y: Math.min(one.y, other.y),
  width: Math.abs(one.x - other.x),
  height: Math.abs(one.y - other.y),
});
