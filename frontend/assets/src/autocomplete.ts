// A long <select data-autocomplete> becomes a box to type in. The library is fetched only where one is present.
import { within } from "./components";

/** Options whose text holds every word typed, those that start with it first. */
export function matches(query: string, options: string[], limit = 12): string[] {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return options.slice(0, limit);
  const found = options.filter((option) => words.every((word) => option.toLowerCase().includes(word)));
  const starts = (option: string) => (option.toLowerCase().startsWith(words[0]) ? 0 : 1);
  return found.sort((a, b) => starts(a) - starts(b)).slice(0, limit);
}

export async function enhanceSelects(root: Document | Element): Promise<void> {
  const selects = within<HTMLSelectElement>(root, "select[data-autocomplete]:not([data-autocomplete-ready])");
  if (!selects.length) return;
  const { default: accessibleAutocomplete } = await import("accessible-autocomplete");
  for (const select of selects) {
    select.dataset.autocompleteReady = "";
    const label = document.querySelector<HTMLLabelElement>(`label[for="${CSS.escape(select.id)}"]`);
    if (label) label.id ||= `${select.id}-label`;
    const describedBy = select.getAttribute("aria-describedby");
    const texts = [...select.options].filter((option) => option.value).map((option) => option.text.trim());
    accessibleAutocomplete.enhanceSelectElement({
      selectElement: select,
      id: select.id,
      autoselect: false,
      confirmOnBlur: true,
      defaultValue: select.value ? select.selectedOptions[0]?.text.trim() : "",
      displayMenu: "overlay",
      showAllValues: texts.length <= 15,
      preserveNullOptions: false,
      source: (query: string, populate: (found: string[]) => void) => populate(matches(query, texts)),
      onConfirm: (text?: string) => choose(select, text),
      menuAttributes: { "aria-labelledby": `${select.id}-label` },
    });
    const input = document.getElementById(select.id.replace(/-select$/, ""));
    if (input && describedBy) input.setAttribute("aria-describedby", describedBy);
  }
}

/** Keep the hidden select, which is what the form sends, in step with what was typed. */
export function choose(select: HTMLSelectElement, text: string | undefined): void {
  if (text === undefined) return;
  const option = [...select.options].find((each) => each.text.trim() === text);
  if (!option) return;
  option.selected = true;
  select.dispatchEvent(new Event("change", { bubbles: true }));
}
