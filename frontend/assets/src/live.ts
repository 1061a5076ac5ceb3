// Live updates. A frame only says that something changed: the page then asks the server for what to show, so what a
// person sees always went through their own permissions. With no socket the same frames are polled for.

import { watched } from "./calendar";

/** What the server pushes. `text`, when given, is read out; `unread` sets the notification badge. */
export type Frame = { kind: string; id?: number; text?: string; unread?: number; [detail: string]: unknown };
export type Refresh = (element: HTMLElement, url: string) => void;

const POLL_EVERY = 30_000;
const GATHER_FOR = 150;

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

/**
 * Act on frames that came together: tell the page's own scripts of each, refresh what listens once however many asked
 * for it, read each sentence out once, set the badge.
 */
export function receive(frames: Frame[], refresh: Refresh, root: Document = document): void {
  const stale = new Set<HTMLElement>();
  for (const frame of frames) {
    root.dispatchEvent(new CustomEvent(`live:${frame.kind}`, { detail: frame }));
    listeners(root, frame.kind).forEach((element) => stale.add(element));
    if (typeof frame.unread === "number") showUnread(root, frame.unread);
  }
  for (const element of stale) {
    if (element.dataset.refreshUrl) refresh(element, element.dataset.refreshUrl);
  }
  const said = new Set(frames.map((frame) => frame.text).filter((text): text is string => typeof text === "string"));
  if (said.size) announce([...said].join(". "));
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
  const seen = new Set<number>();
  let lastId = Number(root.dataset.lastId ?? 0);
  let gathered: Frame[] = [];
  let attempt = 0;
  let over = false;
  let poller: number | undefined;

  const take = (frame: Frame) => {
    if (typeof frame.id === "number") {
      if (seen.has(frame.id)) return;
      seen.add(frame.id);
      lastId = Math.max(lastId, frame.id);
    }
    gathered.push(frame);
    if (gathered.length > 1) return;
    window.setTimeout(() => {
      receive(gathered, refresh);
      gathered = [];
    }, GATHER_FOR);
  };
  const stopPolling = () => {
    window.clearInterval(poller);
    poller = undefined;
  };
  const end = () => {
    over = true;
    stopPolling();
  };
  const poll = async () => {
    const url = new URL(pollUrl!, location.href);
    url.searchParams.set("since", String(lastId));
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" }, redirect: "error" });
      if (answer.status === 401) return end(); // signed out elsewhere
      if (answer.ok) parsePoll(await answer.json()).forEach(take);
    } catch {
      // The server is away for a moment: the next round asks again.
    }
  };
  const startPolling = () => {
    if (pollUrl && poller === undefined) poller = window.setInterval(() => void poll(), POLL_EVERY);
  };

  const open = () => {
    if (over) return;
    if (!wsPath) return startPolling();
    const url = new URL(wsPath, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    watched().forEach((subject) => url.searchParams.append("watch", subject));
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
      if (over) return;
      startPolling();
      window.setTimeout(open, backoff(attempt++));
    };
  };
  addEventListener("pagehide", end);
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    over = false;
    open();
  });
  open();
}
