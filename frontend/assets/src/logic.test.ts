import { beforeEach, describe, expect, it } from "vitest";
import { choose, matches } from "./autocomplete";
import { drawnAreas, markRow } from "./drawn";
import { direction, neighbour } from "./geometry";
import { verdict } from "./partials";
import { stage, timeLeft } from "./session";

describe("moving over the map", () => {
  const centres = new Map([
    ["middle", { x: 0, y: 0 }],
    ["north", { x: 0, y: 1 }],
    ["far-north", { x: 0, y: 3 }],
    ["east", { x: 1, y: 0.2 }],
    ["south-west", { x: -1, y: -0.6 }],
  ]);

  it("takes the nearest area that way", () => {
    expect(neighbour("middle", direction("ArrowUp")!, centres)).toBe("north");
    expect(neighbour("middle", direction("ArrowRight")!, centres)).toBe("east");
    expect(neighbour("north", direction("ArrowUp")!, centres)).toBe("far-north");
  });

  it("stays at the edge", () => {
    expect(neighbour("far-north", direction("ArrowUp")!, centres)).toBeNull();
    expect(neighbour("nowhere", direction("ArrowUp")!, centres)).toBeNull();
  });

  it("comes back the way it went", () => {
    const there = neighbour("middle", direction("ArrowDown")!, centres)!;
    expect(neighbour(there, direction("ArrowUp")!, centres)).toBe("middle");
  });

  it("leaves other keys alone", () => {
    expect(direction("Tab")).toBeNull();
  });
});

describe("what the server drew", () => {
  beforeEach(() => {
    document.body.innerHTML = `
      <svg><a data-area="E1" href="/wards/E1/" aria-label="Holm: 4 days short" data-confidence="C"><path fill="#e66101"/></a>
      <a data-area="E2" href="/wards/E2/" aria-label="Fell: enough"><path fill="#f7f7f7"/></a></svg>
      <table><tr data-area="E1" class="app-row--on"></tr><tr data-area="E2"></tr></table>`;
  });

  it("is the source of colour, words and link", () => {
    expect(drawnAreas(document).get("E1")).toEqual({
      code: "E1",
      label: "Holm: 4 days short",
      href: "/wards/E1/",
      fill: "#e66101",
      uncertain: true,
    });
    expect(drawnAreas(document).get("E2")!.uncertain).toBe(false);
  });

  it("marks one row at a time", () => {
    markRow(document, "E2");
    expect([...document.querySelectorAll("tr")].map((row) => row.className)).toEqual(["", "app-row--on"]);
    markRow(document, null);
    expect(document.querySelectorAll(".app-row--on").length).toBe(0);
  });
});

describe("a partial update", () => {
  it("swaps form errors and successes", () => {
    expect(verdict(200, false, "<p>", false)).toBe("swap");
    expect(verdict(422, false, "<form>", false)).toBe("swap");
  });

  it("refuses a fault", () => {
    expect(verdict(500, false, "<!DOCTYPE html>", false)).toBe("refuse");
    expect(verdict(404, false, "", true)).toBe("refuse");
  });

  it("follows a redirect to a whole page, such as signing in again", () => {
    expect(verdict(200, true, "\n<!doctype html>", false)).toBe("follow");
    expect(verdict(200, true, "<p>", false)).toBe("swap");
  });
});

describe("the session", () => {
  it("warns before it ends", () => {
    expect([0, 54_999, 55_000, 60_000].map((now) => stage(now, 60_000, 5_000))).toEqual(["quiet", "quiet", "warn", "ended"]);
  });

  it("says how long is left", () => {
    expect(timeLeft(125_000)).toBe("3 minutes");
    expect(timeLeft(20_000)).toBe("less than a minute");
  });
});

describe("typing a school's name", () => {
  const schools = ["Ashdown Primary School", "St Oswin Primary School", "Primrose Hill School"];

  it("needs every word, in any order", () => {
    expect(matches("primary ash", schools)).toEqual(["Ashdown Primary School"]);
  });

  it("puts a name that starts so first", () => {
    expect(matches("pri", schools)[0]).toBe("Primrose Hill School");
  });

  it("keeps the select in step", () => {
    document.body.innerHTML = '<select><option value="">Choose</option><option value="7">St Oswin</option></select>';
    const select = document.querySelector("select")!;
    choose(select, "St Oswin");
    expect(select.value).toBe("7");
    choose(select, "Nowhere");
    expect(select.value).toBe("7");
  });
});
