// What the server already drew. The island takes colours, words and links from it, so that there is one source for
// the classes of the map and a map without script says the same.

export type DrawnArea = { code: string; label: string; href: string; fill: string; uncertain: boolean };

/** The areas of a server-rendered map: each an `<a data-area href aria-label>` around its paths. */
export function drawnAreas(root: ParentNode): Map<string, DrawnArea> {
  const areas = new Map<string, DrawnArea>();
  for (const link of root.querySelectorAll<SVGAElement>("a[data-area]")) {
    const code = link.dataset.area!;
    areas.set(code, {
      code,
      label: link.getAttribute("aria-label") ?? code,
      href: link.getAttribute("href") ?? "",
      fill: link.querySelector("path")?.getAttribute("fill") ?? "#d9d9d9",
      uncertain: link.dataset.confidence === "C",
    });
  }
  return areas;
}

/** Mark the table row of an area, and only that one. */
export function markRow(root: ParentNode, code: string | null): void {
  for (const row of root.querySelectorAll("tr.app-row--on")) row.classList.remove("app-row--on");
  if (code === null) return;
  for (const row of root.querySelectorAll<HTMLElement>("tr[data-area]")) {
    if (row.dataset.area === code) row.classList.add("app-row--on");
  }
}
