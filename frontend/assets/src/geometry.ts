// Moving over a map with the arrow keys, as plain geometry.

export type Point = { x: number; y: number };
export type Direction = { dx: -1 | 0 | 1; dy: -1 | 0 | 1 };

const ARROWS: Record<string, Direction> = {
  ArrowUp: { dx: 0, dy: 1 },
  ArrowDown: { dx: 0, dy: -1 },
  ArrowLeft: { dx: -1, dy: 0 },
  ArrowRight: { dx: 1, dy: 0 },
};

/** The direction of an arrow key, north up; null for any other key. */
export function direction(key: string): Direction | null {
  return ARROWS[key] ?? null;
}

/**
 * The code of the area that lies that way from `from`: near, and not far off to the side. Longitudes are narrowed
 * as they are at the latitude of England. Null at the edge of the map.
 */
export function neighbour(from: string, towards: Direction, centres: Map<string, Point>): string | null {
  const start = centres.get(from);
  if (!start) return null;
  let best: string | null = null;
  let shortest = Infinity;
  for (const [code, centre] of centres) {
    if (code === from) continue;
    const dx = (centre.x - start.x) * 0.6;
    const dy = centre.y - start.y;
    const along = dx * towards.dx + dy * towards.dy;
    const across = Math.abs(dx * towards.dy) + Math.abs(dy * towards.dx);
    if (along <= 0 || across > along * 1.5) continue;
    const length = along + across * 2;
    if (length < shortest) [shortest, best] = [length, code];
  }
  return best;
}
