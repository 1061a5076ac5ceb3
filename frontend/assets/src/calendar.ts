// An open calendar follows what happens elsewhere: a day that was taken goes grey, one that became free comes back, and
// whoever had chosen it is told, with the next days that are free. A day that is closed says why when it is clicked.
// The server's own page is the source: it is loaded again and only the days that differ are changed, so that nothing
// that was chosen or has the focus is lost. With no script the page is as good, and submitting looks once more anyway.

const ASK_EVERY = 30_000;
const GATHER_FOR = 100;
const NEXT_TOLD = 3;

export type Changes = { taken: string[]; lost: string[]; from: number };

/** Bring the days of `shown` to where those of `fresh` stand. Both are the same month of the same person. */
export function merge(shown: Element, fresh: Element): Changes {
  const changes: Changes = { taken: [], lost: [], from: 0 };
  const now = [...fresh.querySelectorAll("td")];
  const cells = [...shown.querySelectorAll("td")];
  if (now.length !== cells.length) return changes;
  cells.forEach((cell, position) => {
    const other = now[position]!;
    const input = cell.querySelector<HTMLInputElement>("input");
    const stillOpen = other.querySelector("input") !== null;
    if ((input !== null) === stillOpen && (stillOpen || cell.textContent === other.textContent)) return;
    if (input && !stillOpen) {
      const day = dayOf(cell);
      changes.taken.push(day);
      if (input.checked && changes.lost.push(day) === 1) changes.from = position;
    }
    cell.replaceChildren(...[...other.childNodes].map((node) => document.importNode(node, true)));
    keepIdsApart(shown, cell);
  });
  const reasons = fresh.querySelector(".app-month__reasons");
  const old = shown.querySelector(".app-month__reasons");
  if (reasons && old) old.replaceWith(document.importNode(reasons, true));
  return changes;
}

/** The day of a cell in words: `Tuesday 12 January 2027`. */
export function dayOf(cell: Element): string {
  return cell.querySelector("label .govuk-visually-hidden")?.textContent?.replace(/: $/, "").trim() ?? "";
}

/** The server counts its own page: an id that is here already is made another. */
function keepIdsApart(root: Element, cell: Element): void {
  const input = cell.querySelector<HTMLInputElement>("input");
  if (!input || root.querySelectorAll(`#${CSS.escape(input.id)}`).length < 2) return;
  input.id = `${input.name}_${input.value}_again`;
  cell.querySelector("label")?.setAttribute("for", input.id);
}

/** The sentence for somebody who had chosen days that are gone. */
export function lossInWords(lost: string[], free: string[]): string {
  const what = `${lost.join(" and ")} has just been taken.`;
  return free.length ? `${what} Free next: ${free.slice(0, NEXT_TOLD).join("; ")}.` : `${what} Look at a later month.`;
}

/** The days that are free after a place in the month, as the server tells them too. */
export function nextFree(calendar: Element, from: number): string[] {
  const cells = [...calendar.querySelectorAll("td")].slice(from + 1);
  return cells.filter((cell) => cell.querySelector("input")).map(dayOf);
}

function say(calendar: Element, text: string): void {
  const status = calendar.querySelector("[data-month-status]");
  if (status) status.textContent = text;
}

async function refresh(calendar: HTMLElement): Promise<void> {
  const address = calendar.dataset.month!;
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" }, redirect: "error" });
    if (!answer.ok || calendar.dataset.month !== address) return; // the page was turned meanwhile
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector(".app-month");
    if (!fresh) return;
    const { lost, from } = merge(calendar, fresh);
    if (lost.length) say(calendar, lossInWords(lost, nextFree(calendar, from)));
  } catch {
    // The server is away for a moment: submitting looks again in any case.
  }
}

function calendars(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-month][data-watch]")];
}

/** What the page's socket asks to hear of. */
export function watched(root: ParentNode = document): string[] {
  const named = [...root.querySelectorAll<HTMLElement>("[data-watch]")].flatMap((each) => each.dataset.watch!.split(" "));
  return [...new Set(named)].filter(Boolean);
}

/** Follow what happens to the people whose calendars are on the page. */
export function watchCalendars(): void {
  let gathering: number | undefined;
  document.addEventListener("live:slot", (event) => {
    const { subject } = (event as CustomEvent<{ subject?: string }>).detail;
    if (!watched().includes(`slot:${subject}`) || gathering !== undefined) return;
    gathering = window.setTimeout(() => {
      gathering = undefined;
      calendars().forEach((calendar) => void refresh(calendar));
    }, GATHER_FOR);
  });
  window.setInterval(() => {
    if (document.body.dataset.liveState !== "open") calendars().forEach((calendar) => void refresh(calendar));
  }, ASK_EVERY);
  document.addEventListener("click", (event) => {
    const closed = (event.target as Element).closest(".app-month__day--closed");
    const calendar = closed?.closest("[data-watch]");
    if (!closed || !calendar) return;
    const day = closed.querySelector(".app-month__number")?.textContent ?? "";
    const reason = closed.querySelector(".app-month__reason")?.textContent;
    say(calendar, `${day}: ${reason || "in the past"}.`);
  });
}
