/** A pen line through points of the unit square (x to the right, y down). */
export type Stroke = readonly (readonly [x: number, y: number])[];

const STEPS_OF_LINE = 4;
const STEPS_OF_ARC = 10;

/** Straight pieces through the corners, each cut into short steps so that it can bend. */
function line(...corners: readonly (readonly [number, number])[]): Stroke {
  const points: [number, number][] = [];
  for (let c = 0; c + 1 < corners.length; c++) {
    const [x0, y0] = corners[c]!;
    const [x1, y1] = corners[c + 1]!;
    for (let s = c === 0 ? 0 : 1; s <= STEPS_OF_LINE; s++) {
      const t = s / STEPS_OF_LINE;
      points.push([x0 + t * (x1 - x0), y0 + t * (y1 - y0)]);
    }
  }
  return points;
}

/** Part of an ellipse around (cx, cy), between two angles in turns (0: right, ¼: down). */
function arc(cx: number, cy: number, rx: number, ry: number, from: number, to: number): Stroke {
  return Array.from({ length: STEPS_OF_ARC + 1 }, (_, s) => {
    const angle = 2 * Math.PI * (from + (s / STEPS_OF_ARC) * (to - from));
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)] as const;
  });
}

/** The capital letters as pen strokes, drawn for this purpose. */
export const letters: readonly { readonly name: string; readonly strokes: readonly Stroke[] }[] = [
  { name: 'A', strokes: [line([0.05, 1], [0.5, 0], [0.95, 1]), line([0.24, 0.62], [0.76, 0.62])] },
  {
    name: 'B',
    strokes: [line([0.1, 0], [0.1, 1]), arc(0.1, 0.24, 0.7, 0.24, -0.25, 0.25), arc(0.1, 0.74, 0.8, 0.26, -0.25, 0.25)],
  },
  { name: 'C', strokes: [arc(0.55, 0.5, 0.48, 0.5, -0.12, -0.88)] },
  { name: 'D', strokes: [line([0.1, 0], [0.1, 1]), arc(0.1, 0.5, 0.82, 0.5, -0.25, 0.25)] },
  { name: 'E', strokes: [line([0.9, 0], [0.1, 0], [0.1, 1], [0.9, 1]), line([0.1, 0.5], [0.75, 0.5])] },
  { name: 'F', strokes: [line([0.9, 0], [0.1, 0], [0.1, 1]), line([0.1, 0.5], [0.75, 0.5])] },
  { name: 'G', strokes: [arc(0.52, 0.5, 0.46, 0.5, -0.12, -0.95), line([0.96, 0.66], [0.96, 0.54], [0.58, 0.54])] },
  { name: 'H', strokes: [line([0.1, 0], [0.1, 1]), line([0.9, 0], [0.9, 1]), line([0.1, 0.5], [0.9, 0.5])] },
  { name: 'I', strokes: [line([0.5, 0], [0.5, 1]), line([0.25, 0], [0.75, 0]), line([0.25, 1], [0.75, 1])] },
  { name: 'J', strokes: [line([0.8, 0], [0.8, 0.7]), arc(0.46, 0.7, 0.34, 0.3, 0, 0.5)] },
  { name: 'K', strokes: [line([0.1, 0], [0.1, 1]), line([0.9, 0], [0.1, 0.58]), line([0.34, 0.42], [0.92, 1])] },
  { name: 'L', strokes: [line([0.12, 0], [0.12, 1], [0.9, 1])] },
  { name: 'M', strokes: [line([0.05, 1], [0.12, 0], [0.5, 0.65], [0.88, 0], [0.95, 1])] },
  { name: 'N', strokes: [line([0.1, 1], [0.1, 0], [0.9, 1], [0.9, 0])] },
  { name: 'O', strokes: [arc(0.5, 0.5, 0.46, 0.5, 0, 1)] },
  { name: 'P', strokes: [line([0.1, 1], [0.1, 0]), arc(0.1, 0.27, 0.78, 0.27, -0.25, 0.25)] },
  { name: 'Q', strokes: [arc(0.5, 0.48, 0.46, 0.48, 0, 1), line([0.58, 0.68], [0.95, 1])] },
  { name: 'R', strokes: [line([0.1, 1], [0.1, 0]), arc(0.1, 0.26, 0.74, 0.26, -0.25, 0.25), line([0.38, 0.52], [0.9, 1])] },
  { name: 'S', strokes: [arc(0.5, 0.26, 0.38, 0.26, -0.08, -0.75), arc(0.5, 0.75, 0.4, 0.25, -0.25, 0.42)] },
  { name: 'T', strokes: [line([0.05, 0], [0.95, 0]), line([0.5, 0], [0.5, 1])] },
  { name: 'U', strokes: [line([0.1, 0], [0.1, 0.6]), arc(0.5, 0.6, 0.4, 0.4, 0.5, 0), line([0.9, 0.6], [0.9, 0])] },
  { name: 'V', strokes: [line([0.05, 0], [0.5, 1], [0.95, 0])] },
  { name: 'W', strokes: [line([0.02, 0], [0.25, 1], [0.5, 0.3], [0.75, 1], [0.98, 0])] },
  { name: 'X', strokes: [line([0.08, 0], [0.92, 1]), line([0.92, 0], [0.08, 1])] },
  { name: 'Y', strokes: [line([0.05, 0], [0.5, 0.5], [0.95, 0]), line([0.5, 0.5], [0.5, 1])] },
  { name: 'Z', strokes: [line([0.08, 0], [0.92, 0], [0.08, 1], [0.92, 1])] },
];
