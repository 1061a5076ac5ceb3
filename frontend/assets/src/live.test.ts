import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { announce, backoff, connect, listeners, parseFrame, parsePoll, receive, showUnread } from "./live";

describe("backoff", () => {
  it("doubles until fifteen seconds", () => {
    const full = () => 1;
    expect([0, 1, 2, 3, 9, 40].map((attempt) => backoff(attempt, full))).toEqual([500, 1000, 2000, 4000, 15000, 15000]);
  });

  it("never waits less than half", () => {
    expect(backoff(3, () => 0)).toBe(2000);
  });
});

describe("frames", () => {
  it("reads a frame with a kind", () => {
    expect(parseFrame('{"kind":"booking","id":4}')).toEqual({ kind: "booking", id: 4 });
  });

  it.each(["", "null", "3", "[]", '{"text":"no kind"}', "<p>"])("leaves out %s", (raw) => {
    expect(parseFrame(raw)).toBeNull();
  });

  it("reads the frames of a poll and leaves out what is malformed", () => {
    expect(parsePoll({ frames: [{ kind: "a" }, null, { kind: 3 }] })).toEqual([{ kind: "a" }]);
    expect(parsePoll("sign in")).toEqual([]);
  });
});

describe("a page that receives a frame", () => {
  beforeEach(() => {
    document.body.innerHTML = `
      <p data-live-status></p>
      <span data-live-badge hidden><span aria-hidden="true"></span><span class="govuk-visually-hidden"></span></span>
      <div id="matrix" data-refresh-on="coverage booking" data-refresh-url="/coverage/matrix/"></div>
      <div id="list" data-refresh-on="bookings" data-refresh-url="/bookings/"></div>`;
  });

  it("finds the elements of one kind, by whole word", () => {
    expect(listeners(document, "booking").map((element) => element.id)).toEqual(["matrix"]);
  });

  it("refreshes what listens, tells the scripts and reads it out", () => {
    const refresh = vi.fn();
    const heard = vi.fn();
    document.addEventListener("live:coverage", heard, { once: true });

    receive(
      [
        { kind: "coverage", text: "Coverage has changed", unread: 2 },
        { kind: "booking", text: "Coverage has changed" },
      ],
      refresh,
    );

    expect(refresh).toHaveBeenCalledExactlyOnceWith(document.getElementById("matrix"), "/coverage/matrix/");
    expect(heard).toHaveBeenCalledOnce();
    expect(document.querySelector("[data-live-status]")!.textContent).toBe("Coverage has changed");
    expect(document.querySelector<HTMLElement>("[data-live-badge]")!.hidden).toBe(false);
  });

  it("writes words as text, never as markup", () => {
    announce("<img src=x>");
    expect(document.querySelector("[data-live-status]")!.children.length).toBe(0);
  });

  it("hides the badge when nothing is unread, and shortens a large count", () => {
    const badge = document.querySelector<HTMLElement>("[data-live-badge]")!;
    showUnread(document, 120);
    expect(badge.textContent).toBe("99+, 120 unread");
    showUnread(document, 0);
    expect(badge.hidden).toBe(true);
  });
});

describe("the socket", () => {
  class FakeSocket {
    static opened: FakeSocket[] = [];
    onopen?: () => void;
    onmessage?: (message: { data: string }) => void;
    onclose?: () => void;
    constructor(readonly url: URL) {
      FakeSocket.opened.push(this);
    }
  }

  beforeEach(() => {
    vi.useFakeTimers();
    FakeSocket.opened = [];
    vi.stubGlobal("WebSocket", FakeSocket);
    vi.stubGlobal("fetch", vi.fn(async () => ({ ok: true, json: async () => ({ frames: [{ kind: "tick", id: 9 }] }) })));
    document.body.innerHTML =
      '<main data-live data-ws-path="/ws/live/" data-poll-url="/live/">' +
      '<p data-refresh-on="tick" data-refresh-url="/tick/"></p></main>';
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("acts once on a frame that comes twice, and on frames that come together", async () => {
    const refresh = vi.fn();
    connect(document.querySelector("main")!, refresh);
    const [socket] = FakeSocket.opened;

    socket.onmessage!({ data: '{"kind":"tick","id":7}' });
    socket.onmessage!({ data: '{"kind":"tick","id":8}' });
    await vi.advanceTimersByTimeAsync(200);
    socket.onmessage!({ data: '{"kind":"tick","id":7}' });
    await vi.advanceTimersByTimeAsync(200);

    expect(refresh).toHaveBeenCalledOnce();
  });

  it("comes back after a fall, and polls meanwhile", async () => {
    const refresh = vi.fn();
    connect(document.querySelector("main")!, refresh);
    FakeSocket.opened[0].onclose!();

    await vi.advanceTimersByTimeAsync(31_000);

    expect(FakeSocket.opened.length).toBeGreaterThan(1);
    expect(refresh).toHaveBeenCalledOnce(); // the polled frame
  });

  it("stops asking once signed out", async () => {
    const fetched = vi.fn(async () => ({ ok: false, status: 401 }));
    vi.stubGlobal("fetch", fetched);
    connect(document.querySelector("main")!, vi.fn());
    FakeSocket.opened[0].onclose!();
    await vi.advanceTimersByTimeAsync(31_000);
    const sockets = FakeSocket.opened.length;

    await vi.advanceTimersByTimeAsync(120_000);

    expect(fetched).toHaveBeenCalledOnce();
    expect(FakeSocket.opened.length).toBeLessThanOrEqual(sockets + 1);
  });
});
