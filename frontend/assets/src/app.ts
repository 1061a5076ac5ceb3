// Entry of every page. Each part only improves what the server already wrote: with no script the page still works.
import htmx from "htmx.org";
import { enhanceSelects } from "./autocomplete";
import { watchCalendars } from "./calendar";
import { startComponents } from "./components";
import { announce, connect } from "./live";
import { answerFault } from "./partials";
import { watchSession } from "./session";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
startComponents(document);
void enhanceSelects(document);

document.addEventListener("htmx:after:settle", (event) => {
  const added = (event as CustomEvent<{ newContent?: ChildNode[] }>).detail?.newContent ?? [];
  for (const node of added) {
    if (!(node instanceof Element)) continue;
    startComponents(node);
    void enhanceSelects(node);
  }
});
document.addEventListener("htmx:before:swap", (event) => answerFault(event as CustomEvent));

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-copy], [data-print]");
  if (!button) return;
  if (button.dataset.print !== undefined) window.print();
  if (button.dataset.copy !== undefined) void copy(button);
});

/** Copy the text of the element named by data-copy, and say so. */
async function copy(button: HTMLElement): Promise<void> {
  const source = document.querySelector<HTMLElement>(button.dataset.copy!);
  if (!source) return;
  const text = source instanceof HTMLInputElement || source instanceof HTMLTextAreaElement ? source.value : source.innerText;
  try {
    await navigator.clipboard.writeText(text.trim());
    announce("Copied");
    button.textContent = "Copied";
  } catch {
    announce("Your browser did not allow copying. Select the text and copy it yourself.");
  }
}

const live = document.querySelector<HTMLElement>("[data-live]");
if (live) {
  connect(live, (element, url) => {
    void htmx.ajax("GET", url, { source: element, target: element, swap: "outerHTML" });
  });
}
watchCalendars();
watchSession(document.querySelector<HTMLDialogElement>("dialog[data-session]"));
