export interface SparkBox {
  readonly width: number;
  readonly height: number;
  /** The value at the top; the largest one when absent. */
  readonly max?: number | undefined;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** Runs of known values as points; a null ends a run. A line at zero sits on the bottom, the largest value at the top. */
function runs(values: readonly (number | null)[], box: SparkBox): Point[][] {
  const top = Math.max(box.max ?? 0, ...values.map((value) => value ?? 0), Number.EPSILON);
  const step = values.length > 1 ? box.width / (values.length - 1) : 0;
  const found: Point[][] = [];
  let run: Point[] = [];
  values.forEach((value, index) => {
    if (value === null) {
      if (run.length > 0) found.push(run);
      run = [];
      return;
    }
    run.push({ x: round(index * step), y: round(box.height - 1 - (Math.max(0, value) / top) * (box.height - 2)) });
  });
  if (run.length > 0) found.push(run);
  return found;
}

const through = (points: readonly Point[]): string => points.map((point) => `${point.x} ${point.y}`).join('L');

/** The line through the values. */
export function linePath(values: readonly (number | null)[], box: SparkBox): string {
  return runs(values, box)
    .map((run) => `M${through(run)}`)
    .join('');
}

/** The area under the line. */
export function areaPath(values: readonly (number | null)[], box: SparkBox): string {
  return runs(values, box)
    .map((run) => `M${run[0]?.x ?? 0} ${box.height}L${through(run)}L${run.at(-1)?.x ?? 0} ${box.height}Z`)
    .join('');
}
