// Colours and dashes of expressions: told apart by word and dash where colour does not do.

export const EMOTIONS = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"];

const DASHES = {
  neutral: [2, 3], happiness: [], surprise: [7, 3], sadness: [], anger: [9, 3, 2, 3], disgust: [4, 2], fear: [1, 3],
  contempt: [12, 4],
};
const cache = new Map();

window.matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => cache.clear());

/** Value of a custom property of the page, such as `--line`. */
export function css(name) {
  if (!cache.has(name)) {
    cache.set(name, getComputedStyle(document.documentElement).getPropertyValue(name).trim());
  }
  return cache.get(name);
}

/** Colour of an expression; the accent for labels outside the usual eight. */
export function colorOf(label) {
  return css(`--${label}`) || css("--accent");
}

/** Dash pattern of an expression in pixels. */
export function dashOf(label) {
  return DASHES[label] ?? [];
}

/** Whether moving pictures are unwelcome. */
export const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

/** A new element with properties and children. */
export function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  Object.assign(node, properties);
  node.append(...children);
  return node;
}

/** A new SVG element with attributes. */
export function draw(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) {
    node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** 0.873 as `87 %`; a dash for nothing. */
export function percent(share) {
  return share === null || share === undefined ? "–" : `${Math.round(100 * share)} %`;
}

/** A number with its sign. */
export function signed(value, digits = 2) {
  if (value === null || value === undefined) {
    return "–";
  }
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
}

/** How a face is called. */
export function faceName(face) {
  return face.track_id === null ? "face" : `face ${face.track_id}`;
}
