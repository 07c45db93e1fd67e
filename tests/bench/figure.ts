/** One measured figure of the bench. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  /** What DESIGN's budget allows; absent where there is none. */
  readonly budget?: number;
  readonly lowerIsBetter?: boolean;
  /** The same measured of a peer in the same run. */
  readonly peer?: { readonly name: string; readonly value: number };
}

/** How the figure stands to its budget: 1 meets it exactly, more is better. Null without a budget. */
export function budgetRatio({ value, budget, lowerIsBetter }: Figure): number | null {
  if (budget === undefined || value === 0) return null;
  return lowerIsBetter ? budget / value : value / budget;
}
