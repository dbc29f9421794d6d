// Where the panel goes: beside its button, inside the window, on the side that has room.

export type Placement = "bottom-end" | "bottom-start" | "top-end" | "top-start";

const GAP = 10;
const EDGE = 8;
/** Below this width the panel takes what there is. */
const NARROW = 480;

export function place(panel: HTMLElement, anchor: DOMRect, placement: Placement, rightToLeft: boolean): void {
  const { clientWidth: width, clientHeight: height } = document.documentElement;
  const below = height - anchor.bottom - GAP - EDGE;
  const above = anchor.top - GAP - EDGE;
  const wantsTop = placement.startsWith("top");
  const onTop = wantsTop ? above >= Math.min(320, below) : below < 320 && above > below;
  const { style } = panel;
  style.setProperty("--_room", `${Math.max(160, onTop ? above : below)}px`);
  style.top = onTop ? "auto" : `${anchor.bottom + GAP}px`;
  style.bottom = onTop ? `${height - anchor.top + GAP}px` : "auto";
  if (width < NARROW) {
    style.left = style.right = `${EDGE}px`;
    style.width = "auto";
    return;
  }
  style.width = "";
  // "End" is the reading direction's end: the panel's end edge meets the button's.
  const alignRight = placement.endsWith("end") !== rightToLeft;
  const own = panel.offsetWidth;
  const left = alignRight ? anchor.right - own : anchor.left;
  style.left = `${Math.round(Math.min(Math.max(EDGE, left), width - own - EDGE))}px`;
  style.right = "auto";
}
