// Faces in view: the list, places on the video to click at, which one is chosen, and what each did in the last minute.

import { colorOf, faceName, make, percent, signed } from "/palette.js";

const SPAN = 60_000;
const PATIENCE = 2500; // milliseconds for which a face that a person chose may be out of view
const IMPATIENCE = 800;

export class Faces {
  constructor(list, spots, empty, onChoose, onAsk) {
    Object.assign(this, { list, spots, empty, onChoose, onAsk });
    this.now = [];
    this.result = null; // the newest one
    this.chosen = null; // key of the face that the panels show
    this.isPinned = false; // chosen by a person, not by size
    this.lastSeen = 0;
    this.histories = new Map();
    this.cards = new Map();
    this.marks = new Map();
    list.addEventListener("keydown", (event) => this.move(event));
  }

  /** Take over one result. */
  update(result, time) {
    this.result = result;
    this.now = result.faces.map((face, i) => ({ ...face, key: face.track_id ?? `still ${i}` }));
    for (const face of this.now) {
      this.remember(face, time);
    }
    for (const [key, history] of this.histories) {
      while (history.length && history[0].time < time - SPAN) {
        history.shift();
      }
      if (!history.length) {
        this.histories.delete(key);
      }
    }
    this.choose(time);
    this.render(result);
  }

  remember(face, time) {
    if (face.affect === null) {
      return;
    }
    if (!this.histories.has(face.key)) {
      this.histories.set(face.key, []);
    }
    const { probabilities, valence, arousal } = face.affect;
    this.histories.get(face.key).push({ time, probabilities, valence, arousal });
  }

  /** The chosen face; null while it is out of view. */
  get face() {
    return this.now.find((face) => face.key === this.chosen) ?? null;
  }

  get history() {
    return this.histories.get(this.chosen) ?? [];
  }

  choose(time) {
    if (this.face !== null) {
      this.lastSeen = time;
      return;
    }
    if (this.chosen !== null && time - this.lastSeen < (this.isPinned ? PATIENCE : IMPATIENCE)) {
      return;
    }
    const area = ({ box }) => (box[2] - box[0]) * (box[3] - box[1]);
    const largest = this.now.reduce((best, face) => (best === null || area(face) > area(best) ? face : best), null);
    this.chosen = largest?.key ?? this.chosen;
    this.isPinned = false;
  }

  pick(key) {
    this.chosen = key;
    this.isPinned = true;
    this.render(this.result);
    this.onChoose();
  }

  move(event) {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step === undefined || !this.now.length) {
      return;
    }
    event.preventDefault();
    const place = this.now.findIndex((face) => face.key === this.chosen);
    const next = this.now[(place + step + this.now.length) % this.now.length];
    this.pick(next.key);
    this.cards.get(next.key)?.button.focus();
  }

  render(result) {
    this.empty.hidden = this.now.length > 0;
    const keys = new Set(this.now.map((face) => face.key));
    for (const nodes of [this.cards, this.marks]) {
      for (const [key, node] of nodes) {
        if (!keys.has(key)) {
          (node.item ?? node).remove();
          nodes.delete(key);
        }
      }
    }
    for (const face of this.now) {
      this.renderCard(face, result.speaker);
      this.renderMark(face, result.size);
    }
  }

  renderCard(face, speaker) {
    const card = this.cards.get(face.key) ?? this.addCard(face);
    const { affect } = face;
    card.id.textContent = face.track_id === null ? "–" : face.track_id;
    card.label.textContent = affect === null ? "not read yet" : `${affect.label}${affect.is_sure ? "" : "?"}`;
    card.label.style.color = affect !== null && affect.is_sure ? colorOf(affect.label) : "";
    card.share.textContent = affect === null ? "" : percent(affect.confidence);
    const notes = [];
    if (affect !== null) {
      notes.push(`valence ${signed(affect.valence)}`, `arousal ${signed(affect.arousal)}`);
    }
    if (speaker !== null && speaker === face.track_id) {
      notes.unshift("speaks");
    }
    if (affect !== null && !affect.is_sure) {
      notes.unshift("unsure");
    }
    card.note.textContent = notes.join(" · ");
    card.button.setAttribute("aria-pressed", String(face.key === this.chosen));
    card.button.tabIndex = face.key === this.chosen || this.face === null ? 0 : -1;
  }

  addCard(face) {
    const card = {
      id: make("span", { className: "id" }),
      label: make("span", { className: "label" }),
      share: make("span", { className: "share" }),
      note: make("span", { className: "note" }),
    };
    card.id.title = "track id";
    card.button = make("button", { type: "button", className: "face" }, card.id, card.label, card.share, card.note);
    card.button.addEventListener("click", () => this.pick(face.key));
    card.item = make("li", {}, card.button);
    this.cards.set(face.key, card);
    this.list.append(card.item);
    return card;
  }

  /** The place of a face on the video; the list says the same to keyboards and screen readers. */
  renderMark(face, size) {
    let mark = this.marks.get(face.key);
    if (mark === undefined) {
      mark = make("button", { type: "button", className: "spot", tabIndex: -1 });
      mark.addEventListener("click", () => {
        this.pick(face.key);
        this.onAsk();
      });
      this.marks.set(face.key, mark);
      this.spots.append(mark);
    }
    const [x0, y0, x1, y1] = face.box;
    mark.style.left = `${(100 * x0) / size[0]}%`;
    mark.style.top = `${(100 * y0) / size[1]}%`;
    mark.style.width = `${(100 * (x1 - x0)) / size[0]}%`;
    mark.style.height = `${(100 * (y1 - y0)) / size[1]}%`;
    mark.title = `${faceName(face)}: click to explain`;
    mark.classList.toggle("chosen", face.key === this.chosen);
  }
}
