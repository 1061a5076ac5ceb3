// Live updates. A frame only says that something changed: the page then asks the server for what to show, so what a
// person sees always went through their own permissions. With no socket the same frames are polled for.

/** What the server pushes. `text`, when given, is read out; `unread` sets the notification badge. */
export type Frame = { kind: string; id?: number; text?: string; unread?: number; [detail: string]: unknown };
export type Refresh = (element: HTMLElement, url: string) => void;

const POLL_EVERY = 30_000;

/** Milliseconds before the next attempt: doubles up to 15 s, spread so that a restart is not met by everyone at once. */
export function backoff(attempt: number, random: () => number = Math.random, base = 500, max = 15_000): number {
  const full = Math.min(max, base * 2 ** Math.min(attempt, 10));
  return Math.round(full / 2 + (random() * full) / 2);
}

/** The frame in a message, or null for anything that is not one. */
export function parseFrame(raw: string): Frame | null {
  try {
    return asFrame(JSON.parse(raw));
  } catch {
    return null;
  }
}

function asFrame(value: unknown): Frame | null {
  const frame = value as Frame | null;
  return frame && typeof frame === "object" && typeof frame.kind === "string" ? frame : null;
}

/** The frames of a polled answer `{frames: [...]}`; anything malformed is left out. */
export function parsePoll(value: unknown): Frame[] {
  const frames = (value as { frames?: unknown })?.frames;
  return Array.isArray(frames) ? frames.map(asFrame).filter((frame): frame is Frame => frame !== null) : [];
}

/** Elements that asked to be refreshed on this kind of frame. */
export function listeners(root: ParentNode, kind: string): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>("[data-refresh-on]")].filter((element) =>
    element.dataset.refreshOn!.split(/\s+/).includes(kind),
  );
}

/** Say a sentence through the page's polite live region. */
export function announce(text: string): void {
  const region = document.querySelector<HTMLElement>("[data-live-status]");
  if (region) region.textContent = text;
}

/** Act on one frame: tell the page's own scripts, refresh what listens, read it out, set the badge. */
export function receive(frame: Frame, refresh: Refresh, root: Document = document): void {
  root.dispatchEvent(new CustomEvent(`live:${frame.kind}`, { detail: frame }));
  for (const element of listeners(root, frame.kind)) {
    if (element.dataset.refreshUrl) refresh(element, element.dataset.refreshUrl);
  }
  if (typeof frame.text === "string" && frame.text) announce(frame.text);
  if (typeof frame.unread === "number") showUnread(root, frame.unread);
}

/** The badge is a hint: the count for the eye, the words for a screen reader; nothing when there is nothing to read. */
export function showUnread(root: ParentNode, unread: number): void {
  for (const badge of root.querySelectorAll<HTMLElement>("[data-live-badge]")) {
    badge.hidden = unread <= 0;
    badge.querySelector("[aria-hidden]")!.textContent = unread > 99 ? "99+" : String(unread);
    badge.querySelector(".govuk-visually-hidden")!.textContent = `, ${unread} unread`;
  }
}

/** Keep a socket open for as long as the page is shown; poll while it is not. Frames seen twice act once. */
export function connect(root: HTMLElement, refresh: Refresh): void {
  const { wsPath, pollUrl } = root.dataset;
  let attempt = 0;
  let lastId = Number(root.dataset.lastId ?? 0);
  let leaving = false;
  let poller: number | undefined;

  const take = (frame: Frame) => {
    if (typeof frame.id === "number") {
      if (frame.id <= lastId) return;
      lastId = frame.id;
    }
    receive(frame, refresh);
  };
  const poll = async () => {
    const url = new URL(pollUrl!, location.href);
    url.searchParams.set("since", String(lastId));
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" }, redirect: "error" });
      if (answer.ok) parsePoll(await answer.json()).forEach(take);
    } catch {
      // The server is away for a moment: the next round asks again.
    }
  };
  const startPolling = () => {
    if (pollUrl && poller === undefined) poller = window.setInterval(() => void poll(), POLL_EVERY);
  };
  const stopPolling = () => {
    window.clearInterval(poller);
    poller = undefined;
  };

  const open = () => {
    if (leaving || !wsPath) return startPolling();
    const url = new URL(wsPath, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    socket.onopen = () => {
      const returning = attempt > 0;
      attempt = 0;
      root.dataset.liveState = "open";
      stopPolling();
      if (returning && pollUrl) void poll(); // what was pushed while the socket was away
    };
    socket.onmessage = (message) => {
      const frame = parseFrame(String(message.data));
      if (frame) take(frame);
    };
    socket.onclose = () => {
      root.dataset.liveState = "closed";
      if (leaving) return;
      startPolling();
      window.setTimeout(open, backoff(attempt++));
    };
  };
  addEventListener("pagehide", () => {
    leaving = true;
    stopPolling();
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    leaving = false;
    open();
  });
  open();
}
