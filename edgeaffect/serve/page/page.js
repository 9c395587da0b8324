// The page: takes messages, and keeps every panel up to date.

import { Circumplex } from "/circumplex.js";
import { Connection, openSession } from "/connection.js";
import { ExplainPanel } from "/explain.js";
import { Faces } from "/faces.js";
import { calm } from "/palette.js";
import { Bars, CuePanel, EventPanel, VoicePanel, showDistribution, showFacts } from "/panels.js";
import { Timeline } from "/timeline.js";

const RETRY = 2000;
const CALM_PAUSE = 1000;
const byId = (id) => document.getElementById(id);

const video = byId("video");
const page = { facts: null, result: null, isConnected: false, isPaused: false, isDue: false, drawnAt: 0 };

const faces = new Faces(byId("faces"), byId("spots"), byId("no-faces"), () => render(), () => explaining.ask(null));
const explaining = new ExplainPanel(faces, () => page.facts?.has_explainer ?? false);
const timeline = new Timeline(byId("timeline"), byId("legend"));
const circumplex = new Circumplex(byId("plane"), byId("plane-value"));
const distribution = new Bars(byId("distribution"));
const cues = new CuePanel(byId("attitude"), byId("angles"), byId("cue-bars"), byId("unit-bars"));
const voice = new VoicePanel(byId("voice"), byId("speaker"));
const events = new EventPanel(byId("events"), byId("no-events"), byId("event-count"));

function onMessage(message) {
  if (message.type === "state") {
    page.facts = message.state;
    showState();
    byId("why").hidden = !page.facts.has_explainer;
  } else if (message.type === "event") {
    events.add(message.event);
  } else if (message.type === "result") {
    page.result = message.result;
    if (!page.isPaused) {
      take(message.result);
    }
  }
}

function take(result) {
  const [width, height] = result.size;
  byId("stage").style.setProperty("--aspect", String(width / height));
  faces.update(result, performance.now());
  render();
}

/** Draw the panels in the next frame of the screen; where motion is unwelcome, once a second. */
function render() {
  if (page.isDue) {
    return;
  }
  page.isDue = true;
  const wait = calm.matches ? Math.max(0, page.drawnAt + CALM_PAUSE - performance.now()) : 0;
  setTimeout(() => requestAnimationFrame(renderNow), wait);
}

function renderNow() {
  page.isDue = false;
  page.drawnAt = performance.now();
  const { face } = faces;
  const who = faces.chosen === null ? "" : Number.isInteger(faces.chosen) ? `face ${faces.chosen}` : "";
  for (const place of document.querySelectorAll("[data-who]")) {
    place.textContent = who;
  }
  showDistribution(distribution, face);
  cues.show(face);
  circumplex.draw(faces.now, faces.chosen, faces.history, page.drawnAt);
  timeline.draw(faces.history, page.drawnAt);
  voice.show(page.result?.voice ?? null, page.result?.speaker ?? null, page.facts?.has_voice ?? false);
  explaining.refresh();
}

function showState() {
  const state = !page.isConnected ? "disconnected" : page.isPaused ? "paused" : (page.facts?.state ?? "connecting");
  showFacts(page.facts, state);
}

// ---- video ----

function playVideo() {
  video.src = `/video?${Date.now()}`;
}

video.addEventListener("load", () => {
  video.hidden = false;
  byId("waiting").hidden = true;
});
video.addEventListener("error", () => {
  if (!page.isPaused) {
    setTimeout(playVideo, RETRY);
  }
});

byId("pause").addEventListener("click", () => {
  page.isPaused = !page.isPaused;
  const button = byId("pause");
  button.setAttribute("aria-pressed", String(page.isPaused));
  button.textContent = page.isPaused ? "Resume" : "Pause";
  const frozen = byId("frozen");
  if (page.isPaused) {
    frozen.width = video.naturalWidth;
    frozen.height = video.naturalHeight;
    if (video.naturalWidth) {
      frozen.getContext("2d").drawImage(video, 0, 0);
    }
    frozen.hidden = false;
    video.removeAttribute("src");
    video.hidden = true;
  } else {
    frozen.hidden = true;
    playVideo();
  }
  showState();
});

// ---- start ----

const connection = new Connection(onMessage, (isConnected) => {
  page.isConnected = isConnected;
  showState();
});

async function start(token = null) {
  let isOpen = false;
  try {
    isOpen = await openSession(token);
  } catch {
    setTimeout(start, RETRY);
    return;
  }
  byId("token-form").hidden = isOpen;
  if (!isOpen) {
    byId("token-error").textContent = token === null ? "" : "That is not the token.";
    byId("token").focus();
    return;
  }
  playVideo();
  connection.open();
}

byId("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  start(byId("token").value.trim());
  byId("token").value = "";
});
window.addEventListener("resize", render);
// A minute that goes by without a face moves on, too.
setInterval(() => page.isPaused || render(), 1000);
render();
start();
