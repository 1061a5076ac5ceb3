// What to do when a partial update meets an answer that must not be swapped into the page.
import { announce } from "./live";

export type Verdict = "swap" | "follow" | "refuse";

/**
 * Form errors (422) and successes are swapped. A whole page reached through a redirect (the sign-in page after a
 * session ended) is followed. Any other fault leaves the page as it is.
 */
export function verdict(status: number, redirected: boolean, text: string, fullPage: boolean): Verdict {
  if (status >= 400 && status !== 422) return "refuse";
  if (redirected && !fullPage && /^\s*<!doctype/i.test(text)) return "follow";
  return "swap";
}

type Context = {
  target?: Element;
  select?: string;
  text?: string;
  response?: { status: number; raw: Response };
};

export function answerFault(event: CustomEvent<{ ctx: Context }>): void {
  const { response, text = "", target, select } = event.detail.ctx;
  if (!response) return;
  const fullPage = target === document.body || Boolean(select);
  const outcome = verdict(response.status, response.raw.redirected, text, fullPage);
  if (outcome === "swap") return;
  event.preventDefault();
  if (outcome === "follow") location.assign(response.raw.url);
  else announce("That part of the page could not be updated. Reload the page and try again.");
}
