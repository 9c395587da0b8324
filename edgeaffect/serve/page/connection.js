// The WebSocket, opened again when it is lost; server-sent events where no WebSocket comes through; the token.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;
const MOST_REFUSALS = 2;

/** Take the token from the address, if there is one, and show it once: a cookie stands for it from then on. */
export async function openSession(typed = null) {
  const fragment = new URLSearchParams(location.hash.slice(1)).get("token");
  if (fragment !== null) {
    // It must not stay in the address bar, the history or a bookmark.
    history.replaceState(null, "", location.pathname);
  }
  const token = typed ?? fragment;
  if (token !== null) {
    const answer = await fetch("/session", { method: "POST", headers: { Authorization: `Bearer ${token}` } });
    return answer.ok;
  }
  return (await fetch("/state")).status !== 401;
}

/** Messages of the server, until the page is closed. */
export class Connection {
  constructor(onMessage, onState) {
    this.onMessage = onMessage;
    this.onState = onState;
    this.wait = FIRST_WAIT;
    this.refusals = 0;
  }

  open() {
    if (this.refusals >= MOST_REFUSALS) {
      this.openEvents();
      return;
    }
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws`);
    let isOpen = false;
    socket.onopen = () => {
      isOpen = true;
      this.connected();
    };
    socket.onmessage = (message) => this.onMessage(JSON.parse(message.data));
    socket.onclose = () => {
      this.refusals = isOpen ? 0 : this.refusals + 1;
      this.retry();
    };
  }

  openEvents() {
    const events = new EventSource("/stream");
    events.onopen = () => this.connected();
    for (const kind of ["state", "event"]) {
      events.addEventListener(kind, (message) => this.onMessage(JSON.parse(message.data)));
    }
    events.addEventListener("result", (message) => this.onMessage(JSON.parse(message.data)));
    events.onerror = () => {
      events.close();
      this.refusals = 0;
      this.retry();
    };
  }

  connected() {
    this.wait = FIRST_WAIT;
    this.onState(true);
  }

  retry() {
    this.onState(false);
    setTimeout(() => this.open(), this.wait);
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
  }
}
