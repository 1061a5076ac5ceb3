import { beforeEach, describe, expect, it } from "vitest";
import { lossInWords, merge, nextFree, watched } from "./calendar";

const open = (day: number, id: string, checked = false) =>
  `<td><div class="app-month__day app-month__day--open"><input type="radio" name="day" id="${id}" value="2027-01-${day}"${checked ? " checked" : ""}>` +
  `<label for="${id}"><span class="app-month__number">${day}</span><span class="govuk-visually-hidden">Day ${day}</span></label></div></td>`;
const closed = (day: number, reason: string) =>
  `<td><div class="app-month__day app-month__day--closed"><span class="app-month__number">${day}</span><span class="app-month__reason">${reason}</span></div></td>`;
const month = (...cells: string[]) => {
  const root = document.createElement("div");
  root.className = "app-month";
  root.dataset.watch = "slot:PR-1 slot:PR-2";
  root.innerHTML = `<table><tbody><tr>${cells.join("")}</tr></tbody></table>`;
  return root;
};

describe("a calendar that is open while others book", () => {
  beforeEach(() => document.body.replaceChildren());

  it("greys out what was taken and says whose choice is lost", () => {
    const shown = month(open(12, "id_day_0", true), open(13, "id_day_13"));
    const changes = merge(shown, month(closed(12, "Already booked"), open(13, "id_day_0")));
    expect(changes).toEqual({ taken: ["Day 12"], lost: ["Day 12"], from: 0 });
    expect(shown.querySelector(".app-month__day--closed")!.textContent).toContain("Already booked");
  });

  it("leaves alone what did not change, with what was chosen", () => {
    const shown = month(open(12, "id_day_0"), open(13, "id_day_13", true));
    const kept = shown.querySelectorAll("input")[1]!;
    merge(shown, month(closed(12, "Already booked"), open(13, "id_day_0")));
    expect(shown.querySelector("input")).toBe(kept);
    expect(kept.checked).toBe(true);
  });

  it("brings a day back that became free, under an id of its own", () => {
    const shown = month(closed(12, "Already booked"), open(13, "id_day_0"));
    merge(shown, month(open(12, "id_day_0"), open(13, "id_day_13")));
    const ids = [...shown.querySelectorAll("input")].map((input) => input.id);
    expect(new Set(ids).size).toBe(2);
    expect(shown.querySelector("label")!.htmlFor).toBe(ids[0]);
  });

  it("does nothing with another month", () => {
    const shown = month(open(12, "id_day_0"));
    expect(merge(shown, month(closed(12, "x"), closed(13, "y")))).toEqual({ taken: [], lost: [], from: 0 });
    expect(shown.querySelector("input")).not.toBeNull();
  });

  it("tells the next free days", () => {
    const shown = month(open(11, "a"), closed(12, "Already booked"), open(13, "b"), open(14, "c"));
    expect(nextFree(shown, 1)).toEqual(["Day 13", "Day 14"]);
    expect(lossInWords(["Day 12"], ["Day 13", "Day 14", "Day 15", "Day 18"])).toBe(
      "Day 12 has just been taken. Free next: Day 13; Day 14; Day 15.",
    );
    expect(lossInWords(["Day 12"], [])).toBe("Day 12 has just been taken. Look at a later month.");
  });

  it("names whose calendars it shows, each once", () => {
    document.body.append(month(), month());
    expect(watched()).toEqual(["slot:PR-1", "slot:PR-2"]);
  });
});
