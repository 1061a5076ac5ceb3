// A warning before the session ends, with a way to stay. The server decides: this only counts its seconds.

export type Stage = "quiet" | "warn" | "ended";

/** Where a session stands `now` (ms), when it ends at `endsAt` and warns `warnFor` ms before. */
export function stage(now: number, endsAt: number, warnFor: number): Stage {
  if (now >= endsAt) return "ended";
  return now >= endsAt - warnFor ? "warn" : "quiet";
}

/** Minutes left, in words. */
export function timeLeft(milliseconds: number): string {
  const minutes = Math.max(0, Math.ceil(milliseconds / 60_000));
  return minutes <= 1 ? "less than a minute" : `${minutes} minutes`;
}

/**
 * The dialog carries data-session (seconds until the session ends), data-warn (seconds of warning) and a form whose
 * POST extends the session.
 */
export function watchSession(dialog: HTMLDialogElement | null): void {
  if (!dialog) return;
  const seconds = Number(dialog.dataset.session);
  const warnFor = Number(dialog.dataset.warn ?? 300) * 1000;
  if (!(seconds > 0)) return;
  let endsAt = Date.now() + seconds * 1000;
  const left = dialog.querySelector<HTMLElement>("[data-session-left]");
  const form = dialog.querySelector<HTMLFormElement>("form[data-session-extend]");

  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
    if (!answer.ok) return location.reload();
    endsAt = Date.now() + seconds * 1000;
    dialog.close();
  });

  // A clock read on each tick, not a long timer: a laptop that slept must still find its session ended.
  window.setInterval(() => {
    const now = Date.now();
    const where = stage(now, endsAt, warnFor);
    if (where === "ended") return location.reload();
    if (where === "quiet") return;
    if (left) left.textContent = timeLeft(endsAt - now);
    if (!dialog.open) dialog.showModal();
  }, 10_000);
}
