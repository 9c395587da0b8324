// Probabilities of one face over the last minute, as lines with a dash of their own, named at their right end.

import { EMOTIONS, colorOf, css, dashOf, draw, make } from "/palette.js";

const SPAN = 60_000;
const GAP = 1500; // milliseconds without a sample that break a line
const NAMED = 0.12; // lines that end above this are named
const LEFT = 42;
const RIGHT = 78;
const TOP = 6;
const BOTTOM = 18;
const NARROW = 480;

export class Timeline {
  constructor(canvas, legend) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    for (const name of EMOTIONS) {
      const line = draw("line", {
        x1: 0, y1: 4, x2: 24, y2: 4, "stroke-width": 2.5, stroke: `var(--${name})`, "stroke-dasharray": dashOf(name).join(" "),
      });
      const svg = draw("svg", { viewBox: "0 0 24 8", "aria-hidden": "true" }, line);
      line.style.stroke = `var(--${name})`;
      legend.append(make("li", {}, svg, name));
    }
  }

  draw(history, now) {
    const { canvas, pen } = this;
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const x = (time) => LEFT + (width - LEFT - RIGHT) * (1 - (now - time) / SPAN);
    const y = (share) => TOP + (height - TOP - BOTTOM) * (1 - share);
    this.grid(x, y, width, height, now);
    pen.save();
    pen.beginPath();
    pen.rect(LEFT, 0, width - LEFT - RIGHT + 2, height);
    pen.clip();
    for (const name of EMOTIONS) {
      this.line(name, history, x, y);
    }
    pen.restore();
    this.names(history, y, width - RIGHT + 8, height, now);
  }

  grid(x, y, width, height, now) {
    const { pen } = this;
    pen.font = "11px system-ui, sans-serif";
    pen.fillStyle = css("--muted");
    pen.strokeStyle = css("--line");
    pen.lineWidth = 1;
    pen.setLineDash([]);
    pen.textBaseline = "middle";
    for (const share of [0, 0.5, 1]) {
      const level = Math.round(y(share)) + 0.5;
      pen.beginPath();
      pen.moveTo(LEFT, level);
      pen.lineTo(width - RIGHT, level);
      pen.stroke();
      pen.textAlign = "right";
      pen.fillText(`${100 * share}%`, LEFT - 6, level);
    }
    pen.textBaseline = "alphabetic";
    for (const seconds of width < NARROW ? [60, 30, 0] : [60, 45, 30, 15, 0]) {
      const place = Math.round(x(now - 1000 * seconds)) + 0.5;
      pen.globalAlpha = 0.6;
      pen.beginPath();
      pen.moveTo(place, y(1));
      pen.lineTo(place, y(0));
      pen.stroke();
      pen.globalAlpha = 1;
      pen.textAlign = seconds === 60 ? "left" : "center";
      pen.fillText(seconds === 0 ? "now" : `−${seconds} s`, place, height - 3);
    }
  }

  line(name, history, x, y) {
    const { pen } = this;
    pen.strokeStyle = colorOf(name);
    pen.lineWidth = 2;
    pen.lineJoin = "round";
    pen.setLineDash(dashOf(name));
    pen.beginPath();
    let before = -Infinity;
    for (const { time, probabilities } of history) {
      const place = [x(time), y(probabilities[name])];
      if (time - before > GAP) {
        pen.moveTo(...place);
      } else {
        pen.lineTo(...place);
      }
      before = time;
    }
    pen.stroke();
  }

  /** Names beside the right ends of the highest lines, apart from each other. */
  names(history, y, left, height, now) {
    const last = history.at(-1);
    if (last === undefined || now - last.time > GAP) {
      return;
    }
    const { pen } = this;
    pen.setLineDash([]);
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    pen.font = "600 12px system-ui, sans-serif";
    let lowest = TOP - 8;
    const ends = EMOTIONS.map((name) => [name, last.probabilities[name]]).filter(([, share]) => share >= NAMED);
    for (const [name, share] of ends.sort((a, b) => b[1] - a[1])) {
      lowest = Math.max(y(share), lowest + 15);
      if (lowest < height - BOTTOM + 6) {
        pen.fillStyle = colorOf(name);
        pen.fillText(name, left, lowest);
      }
    }
  }
}
