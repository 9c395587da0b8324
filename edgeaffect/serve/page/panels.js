// Bars, head and gaze, voice, events, and the figures at the top.

import { EMOTIONS, colorOf, draw, make, percent, signed } from "/palette.js";

const MOST_EVENTS = 60;
const UNITS_SHOWN = 5;
const UNIT_NAMES = {
  AU1: "brow in up", AU2: "brow out up", AU4: "brow down", AU5: "lid up", AU6: "cheek up", AU7: "lid tight", AU9: "nose wrinkle",
  AU10: "lip up", AU12: "smile", AU14: "dimple", AU15: "corner down", AU16: "lip down", AU17: "chin up", AU18: "pucker",
  AU20: "lip stretch", AU22: "funnel", AU23: "lip tight", AU24: "lip press", AU25: "lips part", AU26: "jaw drop", AU27: "mouth wide",
  AU28: "lips in", AU43: "eyes shut", AU45: "blink",
};
const LOWEST_DBFS = -60;

/** Rows of name, bar and value. */
export class Bars {
  constructor(list) {
    this.list = list;
    this.rows = new Map();
  }

  /** Show entries [name, share 0..1 or null, colour, is the top one]. */
  show(entries) {
    const names = new Set(entries.map(([name]) => name));
    for (const [name, row] of this.rows) {
      if (!names.has(name)) {
        row.item.remove();
        this.rows.delete(name);
      }
    }
    for (const [name, share, color, isTop] of entries) {
      const row = this.rows.get(name) ?? this.add(name);
      row.fill.style.transform = `scaleX(${share ?? 0})`;
      row.fill.style.background = color ?? "";
      row.value.textContent = percent(share);
      row.item.classList.toggle("top", Boolean(isTop));
      this.list.append(row.item); // in the order given
    }
  }

  add(name) {
    const fill = make("div", { className: "fill" });
    const track = make("div", { className: "track" }, fill);
    const value = make("span", { className: "value" });
    const item = make("li", {}, make("span", { className: "name", textContent: name, title: name }), track, value);
    this.rows.set(name, { fill, value, item });
    return this.rows.get(name);
  }
}

/** Bars of the eight expressions. */
export function showDistribution(bars, face) {
  const affect = face?.affect ?? null;
  const extra = affect === null ? [] : Object.keys(affect.extra);
  bars.show([
    ...EMOTIONS.map((name) => [name, affect?.probabilities[name] ?? null, colorOf(name), affect?.label === name]),
    ...extra.map((name) => [name, affect.extra[name], colorOf(name), affect.label === name]),
  ]);
}

/** Head pose and gaze on a dial, shares as bars, action units. */
export class CuePanel {
  constructor(dial, angles, bars, units) {
    Object.assign(this, { angles, bars: new Bars(bars), units: new Bars(units) });
    this.head = draw("g", {}, draw("circle", { r: 8, class: "head-mark" }), draw("path", { d: "M0 -8V-14", class: "head-mark" }));
    this.gaze = draw("path", { d: "M0 -6L6 0L0 6L-6 0Z", class: "gaze-mark" });
    const svg = draw(
      "svg", { viewBox: "-48 -48 96 96", "aria-hidden": "true" },
      draw("circle", { r: 46, class: "ring" }), draw("circle", { r: 23, class: "ring", "stroke-dasharray": "2 3" }),
      draw("path", { d: "M-46 0H46M0 -46V46", class: "cross" }), this.head, this.gaze,
    );
    dial.append(svg);
  }

  show(face) {
    const cues = face?.cues ?? null;
    for (const [mark, value] of [[this.head, cues?.head_pose], [this.gaze, cues?.gaze]]) {
      mark.setAttribute("visibility", value ? "visible" : "hidden");
      if (value) {
        mark.setAttribute("transform", `translate(${place(value.yaw)} ${-place(value.pitch)}) rotate(${value.roll ?? 0})`);
      }
    }
    this.showAngles(cues);
    this.bars.show([
      ["at camera", cues?.looking_at_camera ?? null], ["eyes open", cues?.eyes_open ?? null],
      ["mouth open", cues?.mouth_open ?? null], ["speaking", cues?.speaking ?? null],
    ]);
    const units = Object.entries(cues?.action_units ?? {}).sort((a, b) => b[1] - a[1]).slice(0, UNITS_SHOWN);
    const order = ([a], [b]) => Number(a.slice(2)) - Number(b.slice(2));
    this.units.show(units.sort(order).map(([unit, share]) => [`${unit.slice(2)} ${UNIT_NAMES[unit] ?? ""}`, share]));
  }

  showAngles(cues) {
    const degrees = (...values) => values.map((value) => `${signed(value, 0)}°`).join(" ");
    const { head_pose: head, gaze } = cues ?? {};
    const rows = [
      ["○ head", head ? degrees(head.yaw, head.pitch) : "–", "yaw and pitch, in degrees"],
      ["roll", head ? degrees(head.roll) : "–", "of the head, clockwise, in degrees"],
      ["◆ gaze", gaze ? degrees(gaze.yaw, gaze.pitch) : "–", "yaw and pitch, in degrees"],
    ];
    this.angles.replaceChildren(...rows.flatMap(([name, value, title]) => [
      make("dt", { textContent: name, title }), make("dd", { textContent: value, title }),
    ]));
  }
}

/** Degrees as a place on the dial, whose edge is at 60. */
function place(degrees) {
  return Math.max(-40, Math.min(40, (46 * degrees) / 60));
}

/** Level of the sound, and what the voice expresses. */
export class VoicePanel {
  constructor(place, speaker) {
    this.speaker = speaker;
    this.words = make("strong", { textContent: "no microphone" });
    this.level = make("span");
    this.fill = make("div", { className: "fill" });
    this.meter = make("div", { className: "meter" }, this.fill);
    this.meter.setAttribute("role", "meter");
    this.meter.setAttribute("aria-label", "level in decibels");
    this.meter.setAttribute("aria-valuemin", LOWEST_DBFS);
    this.meter.setAttribute("aria-valuemax", 0);
    const marks = [-60, -40, -20, 0].map((mark) => make("span", { textContent: mark === 0 ? "0 dBFS" : String(mark).replace("-", "−") }));
    this.scale = make("div", { className: "scale" }, ...marks);
    this.scale.setAttribute("aria-hidden", "true");
    this.list = make("ul", { className: "bars" });
    this.bars = new Bars(this.list);
    place.append(make("div", { className: "voice-line" }, this.words, this.level), this.meter, this.scale, this.list);
    this.show(null, null, false);
  }

  show(voice, speaker, hasVoice) {
    for (const part of [this.meter, this.scale]) {
      part.hidden = !hasVoice;
    }
    const level = voice?.level_dbfs ?? LOWEST_DBFS;
    this.fill.style.transform = `scaleX(${Math.max(0, Math.min(1, 1 - level / LOWEST_DBFS))})`;
    this.meter.setAttribute("aria-valuenow", Math.round(Math.max(level, LOWEST_DBFS)));
    this.level.textContent = voice ? `${signed(level, 0)} dBFS` : "";
    const affect = voice?.affect ?? null;
    const heard = voice === null ? "listening" : affect ? `${affect.label} ${percent(affect.confidence)}` : voice.is_speech ? "speech" : "nobody speaks";
    this.words.textContent = hasVoice ? heard : "Not listening: start with --mic or --sound.";
    this.words.className = hasVoice ? "" : "empty";
    this.speaker.textContent = speaker === null ? "" : `face ${speaker} speaks`;
    const shares = affect === null ? [] : Object.entries({ ...affect.probabilities, ...affect.extra });
    const top = shares.sort((a, b) => b[1] - a[1]).slice(0, 3);
    this.bars.show(top.map(([name, share]) => [name, share, colorOf(name), name === affect.label]));
  }
}

/** Events, newest first; one that is on says so. */
export class EventPanel {
  constructor(list, empty, count) {
    Object.assign(this, { list, empty, count, total: 0 });
    this.items = new Map();
  }

  add(event) {
    const length = event.end === null ? "on" : `${Math.max(0, event.end - event.start).toFixed(1)} s`;
    const known = this.items.get(event.id);
    if (known) {
      known.querySelector(".length").textContent = length;
      known.classList.toggle("on", event.phase === "start");
      return;
    }
    const who = event.track_id === null ? "" : ` · face ${event.track_id}`;
    const now = new Date();
    const item = make(
      "li", { className: event.phase === "start" ? "on" : "" },
      make("time", { textContent: now.toLocaleTimeString("en-GB"), dateTime: now.toISOString() }),
      make("span", { textContent: `${event.event.replaceAll("_", " ")}${who}` }),
      make("span", { className: "length", textContent: length }),
    );
    this.items.set(event.id, item);
    this.list.prepend(item);
    this.total += 1;
    this.count.textContent = `${this.total}`;
    this.empty.hidden = true;
    while (this.list.childElementCount > MOST_EVENTS) {
      this.list.lastElementChild.remove();
    }
    if (this.items.size > 4 * MOST_EVENTS) {
      this.items.delete(this.items.keys().next().value);
    }
  }
}

const MARKS = { running: "●", starting: "○", stalled: "▲", ended: "■", failed: "✕", disconnected: "▲", connecting: "○", paused: "❚❚" };

/** State, speed and counts at the top. */
export function showFacts(facts, state) {
  const set = (id, text) => {
    document.getElementById(id).textContent = text;
  };
  const status = document.getElementById("status");
  const said = { running: facts?.live ? "live" : "playing", failed: `failed: ${facts?.error ?? ""}` }[state] ?? state;
  if (status.dataset.state !== state) {
    status.dataset.state = state;
    set("status-mark", MARKS[state] ?? "○");
    set("status-text", said);
  }
  if (!facts) {
    return;
  }
  document.getElementById("source").title = facts.source;
  set("source", facts.source.includes("://") ? facts.source : facts.source.split("/").at(-1));
  set("fps", facts.fps === null ? "–" : facts.fps.toFixed(facts.fps < 100 ? 1 : 0));
  set("latency", facts.latency_ms === null ? "–" : `${facts.latency_ms.toFixed(1)} ms`);
  set("face-count", facts.faces);
  set("dropped", facts.dropped);
  set("uptime", duration(facts.uptime));
  set("models", Object.entries(facts.models).map(([stage, name]) => `${stage}: ${name}`).join("   "));
  set("version", `edgeaffect ${facts.version}`);
  document.getElementById("redacted").hidden = !facts.redacted;
}

function duration(seconds) {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, "0"));
  return parts[0] === "00" ? parts.slice(1).join(":") : parts.join(":");
}
