// Why a face got its label, and answers to questions about it.

import { faceName, make, percent } from "/palette.js";

const VERDICTS = { supported: "✓", contradicted: "✕", "not visible": "–", "not checkable": "–" };

export class ExplainPanel {
  constructor(faces, canExplain) {
    Object.assign(this, { faces, canExplain, asked: 0 });
    this.answer = document.getElementById("answer");
    this.button = document.getElementById("explain");
    this.question = document.getElementById("question");
    this.button.addEventListener("click", () => this.ask(null));
    document.getElementById("ask").addEventListener("submit", (event) => {
      event.preventDefault();
      const words = this.question.value.trim();
      if (words) {
        this.ask(words);
      }
    });
  }

  /** Whether there is a face to ask about. */
  refresh() {
    this.button.disabled = !this.canExplain() || !Number.isInteger(this.faces.chosen);
  }

  async ask(question) {
    const { chosen } = this.faces;
    if (!this.canExplain()) {
      this.tell("This page was started without explanations.");
      return;
    }
    if (!Number.isInteger(chosen)) {
      this.tell("There is no face to ask about.");
      return;
    }
    const number = (this.asked += 1);
    const body = JSON.stringify(question === null ? { track_id: chosen } : { track_id: chosen, question });
    try {
      const answer = await fetch("/explain", { method: "POST", headers: { "Content-Type": "application/json" }, body });
      const values = await answer.json();
      if (number === this.asked) {
        answer.ok ? this.show(values, question, chosen) : this.tell(values.error);
      }
    } catch {
      this.tell("The page's server does not answer.");
    }
  }

  show(explanation, question, track) {
    const asked = question ?? `Why ${explanation.label}, ${percent(explanation.confidence)}?`;
    const said = make("p", { className: explanation.refused ? "said trouble" : "said", textContent: explanation.text });
    const parts = explanation.parts.map(({ claim, verdict }) =>
      make("li", { title: verdict, textContent: `${VERDICTS[verdict] ?? ""} ${claim}` }),
    );
    const head = make("p", { className: "asked", textContent: `${faceName({ track_id: track })} · ${asked}` });
    this.answer.replaceChildren(head, said, ...(parts.length ? [make("ul", {}, ...parts)] : []));
  }

  tell(words) {
    this.answer.replaceChildren(make("p", { className: "trouble", textContent: words }));
  }
}
