// Valence and arousal: each face as a numbered dot with the spread of one standard deviation, the chosen one with a trail.

import { colorOf, draw, faceName, signed } from "/palette.js";

const HALF = 100;
const EDGE = 132;
const TRAIL = 8000;

// Where emotion words lie (circumplex.ANCHORS: Russell and Mehrabian 1977), fear and contempt moved off their neighbours.
const ANCHORS = {
  happiness: [0.81, 0.51], surprise: [0.4, 0.67], sadness: [-0.63, -0.27], anger: [-0.51, 0.59], disgust: [-0.6, 0.35],
  fear: [-0.64, 0.74], contempt: [-0.2, 0.22],
};

const clamp = (value) => Math.max(-1, Math.min(1, value));
const x = (valence) => HALF * clamp(valence);
const y = (arousal) => -HALF * clamp(arousal);

export class Circumplex {
  constructor(place, value) {
    this.value = value;
    this.moving = draw("g");
    this.svg = draw(
      "svg", { viewBox: `${-EDGE} ${-EDGE + 12} ${2 * EDGE} ${2 * EDGE - 24}`, role: "img", "aria-label": "Valence and arousal of the faces" },
      draw("circle", { r: HALF, class: "ring" }), draw("circle", { r: HALF / 2, class: "ring", "stroke-dasharray": "2 4" }),
      draw("path", { d: `M${-HALF} 0H${HALF}M0 ${-HALF}V${HALF}`, class: "axis" }),
      text("pleasant", HALF + 4, -5, "end"), text("unpleasant", -HALF - 4, -5, "start"),
      text("activated", 0, -HALF - 6, "middle"), text("calm", 0, HALF + 14, "middle"),
      ...Object.entries(ANCHORS).map(([name, [v, a]]) => text(name, x(v), y(a), "middle", "anchor")),
      this.moving,
    );
    place.append(this.svg);
  }

  draw(faces, chosen, history, now) {
    const parts = [];
    const trail = history.filter(({ time }) => now - time < TRAIL).map(({ valence, arousal }) => `${x(valence)},${y(arousal)}`);
    // The chosen one last, above the others.
    for (const face of [...faces].sort((a, b) => (a.key === chosen) - (b.key === chosen))) {
      if (face.affect === null || face.affect.valence === null) {
        continue;
      }
      const { affect } = face;
      const color = colorOf(affect.label);
      const place = { cx: x(affect.valence), cy: y(affect.arousal) };
      if (face.key === chosen) {
        if (trail.length > 1) {
          parts.push(draw("polyline", { points: trail.join(" "), class: "trail", stroke: color }));
        }
        const spread = { ...place, rx: HALF * (affect.valence_std ?? 0), ry: HALF * (affect.arousal_std ?? 0) };
        parts.push(draw("ellipse", { ...spread, class: "spread", fill: color, stroke: color }));
      }
      parts.push(draw("circle", { ...place, r: face.key === chosen ? 6.5 : 5, class: "dot", fill: color }));
      const number = text(face.track_id ?? "", place.cx + 9, place.cy + 3.5, "start", "number");
      parts.push(number);
    }
    this.moving.replaceChildren(...parts);
    const face = faces.find(({ key }) => key === chosen);
    const affect = face?.affect;
    const said = affect ? `V ${signed(affect.valence)}  A ${signed(affect.arousal)}` : "";
    this.value.textContent = said;
    const name = affect ? `${faceName(face)}: valence ${signed(affect.valence)}, arousal ${signed(affect.arousal)}` : "no face";
    this.svg.setAttribute("aria-label", `Valence and arousal of the faces; ${name}`);
  }
}

function text(words, left, top, anchor, kind = "") {
  return draw("text", { x: left, y: top, "text-anchor": anchor, class: kind }, String(words));
}
