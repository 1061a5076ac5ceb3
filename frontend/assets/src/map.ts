// The ward map: a Leaflet layer over the shapes the server drew. No tiles, no outside request, no inline style.
import type { Feature, FeatureCollection, Point as GeoPoint } from "geojson";
import L from "leaflet";
import Supercluster from "supercluster";
import { type DrawnArea, drawnAreas, markRow } from "./drawn";
import { direction, neighbour, type Point } from "./geometry";

type School = { name: string; href?: string };

const HATCH = "url(#app-hatch)";
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

for (const root of document.querySelectorAll<HTMLElement>("[data-map]")) void start(root);

async function start(root: HTMLElement): Promise<void> {
  const drawing = root.querySelector<HTMLElement>("[data-map-static]");
  const status = root.querySelector<HTMLElement>("[data-map-status]");
  if (!drawing || !status) return;
  const drawn = drawnAreas(drawing);
  let shapes: FeatureCollection;
  try {
    shapes = await fetchJson<FeatureCollection>(root.dataset.areas!);
  } catch {
    return; // the server's drawing stays, and works
  }

  const canvas = document.createElement("div");
  canvas.className = "app-map__canvas";
  drawing.before(canvas);
  drawing.hidden = true;
  const map = L.map(canvas, {
    attributionControl: false,
    keyboard: false, // arrow keys move between areas
    scrollWheelZoom: false, // the page scrolls
    zoomSnap: 0.25,
    zoomAnimation: !calm,
    fadeAnimation: !calm,
    markerZoomAnimation: !calm,
  });
  const areas = addAreas(map, shapes, drawn, (code) => {
    status.textContent = drawn.get(code)?.label ?? "";
    markRow(document, code);
  });
  // The static map is refreshed when coverage changes: take its new colours and words.
  new MutationObserver(() => areas.restyle(drawnAreas(drawing))).observe(drawing, { childList: true, subtree: true });
  if (root.dataset.schools) await addSchools(map, root.dataset.schools);
  root.dataset.ready = "";
}

async function fetchJson<T>(url: string): Promise<T> {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json() as Promise<T>;
}

/** Draw the areas as one group with a single Tab stop; arrows move, Enter opens the area's page. */
function addAreas(
  map: L.Map,
  shapes: FeatureCollection,
  drawn: Map<string, DrawnArea>,
  chosen: (code: string) => void,
) {
  const paths = new Map<string, L.Path>();
  const features = new Map<string, Feature>();
  const centres = new Map<string, Point>();
  const codeOf = (feature?: Feature) => String(feature?.properties?.code ?? "");
  const style = (feature?: Feature): L.PathOptions => ({
    className: "app-area",
    color: "#6d797c",
    weight: 1,
    fillOpacity: 1,
    fillColor: drawn.get(codeOf(feature))?.fill ?? "#d9d9d9",
  });

  const layer = L.geoJSON(shapes, {
    style,
    onEachFeature: (feature, each) => {
      const code = codeOf(feature);
      const { lng, lat } = (each as L.Polygon).getBounds().getCenter();
      paths.set(code, each as L.Path);
      features.set(code, feature);
      centres.set(code, { x: lng, y: lat });
    },
  }).addTo(map);
  L.geoJSON(shapes, {
    interactive: false,
    style: { stroke: false, fillColor: HATCH, fillOpacity: 1 },
    filter: (feature) => drawn.get(codeOf(feature))?.uncertain ?? false,
  }).addTo(map);
  // The outline is a layer of its own: to bring the area itself to the front would move its element and lose the focus.
  const outline = L.geoJSON(undefined, { interactive: false, style: { fill: false, color: "#10191b", weight: 4 } }).addTo(map);
  map.fitBounds(layer.getBounds(), { animate: false });

  const element = (code: string) => paths.get(code)?.getElement() as SVGElement | undefined;
  const open = (code: string) => {
    const href = drawn.get(code)?.href;
    if (href) location.assign(href);
  };
  let current = [...paths.keys()][0];
  const show = (code: string) => {
    outline.clearLayers().addData(features.get(code)!);
    chosen(code);
  };
  const moveTo = (code: string) => {
    element(current)?.setAttribute("tabindex", "-1");
    current = code;
    element(code)?.setAttribute("tabindex", "0");
  };
  const label = () => {
    for (const code of paths.keys()) {
      const path = element(code);
      path?.setAttribute("role", "link");
      path?.setAttribute("tabindex", code === current ? "0" : "-1");
      path?.setAttribute("aria-label", drawn.get(code)?.label ?? code);
    }
  };
  label();

  for (const [code, path] of paths) {
    path.on("mouseover", () => show(code));
    path.on("click", () => open(code));
    element(code)?.addEventListener("focus", () => {
      moveTo(code);
      show(code);
    });
    element(code)?.addEventListener("keydown", (event) => {
      if (event.key === "Enter") return open(code);
      const towards = direction(event.key);
      if (!towards) return;
      event.preventDefault();
      const next = neighbour(code, towards, centres);
      if (next) element(next)?.focus();
    });
  }

  const restyle = (fresh: Map<string, DrawnArea>) => {
    if (!fresh.size) return; // between removal and insertion
    drawn.clear();
    for (const [code, area] of fresh) drawn.set(code, area);
    layer.setStyle(style);
    label();
  };
  return { restyle };
}

/** Schools as points, gathered into counted clusters where they crowd. */
async function addSchools(map: L.Map, url: string): Promise<void> {
  const schools = await fetchJson<FeatureCollection<GeoPoint, School>>(url);
  const index = new Supercluster<School>({ radius: 60, extent: 256, maxZoom: 13 }).load(schools.features);
  const renderer = L.canvas({ padding: 0.3 });
  const points = L.layerGroup().addTo(map);

  const draw = () => {
    points.clearLayers();
    const view = map.getBounds().pad(0.1);
    const box: [number, number, number, number] = [view.getWest(), view.getSouth(), view.getEast(), view.getNorth()];
    for (const each of index.getClusters(box, Math.round(map.getZoom()))) {
      const [x, y] = each.geometry.coordinates;
      const found = each.properties;
      if ("cluster" in found) {
        const size = found.point_count < 10 ? 28 : 36;
        const icon = L.divIcon({ className: "app-cluster", html: String(found.point_count_abbreviated), iconSize: [size, size] });
        L.marker([y, x], { icon, keyboard: false, title: `${found.point_count} schools` })
          .on("click", () => map.setView([y, x], index.getClusterExpansionZoom(found.cluster_id), { animate: !calm }))
          .addTo(points);
      } else {
        L.circleMarker([y, x], { renderer, radius: 5, weight: 1.5, color: "#fff", fillColor: "#10191b", fillOpacity: 1 })
          .bindTooltip(found.name)
          .addTo(points);
      }
    }
  };
  map.on("moveend", draw);
  draw();
}
