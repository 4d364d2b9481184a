/** Where the arrow keys lead in a grid of `rows` × (1 + `columns`): column 0 is the total. */
export interface Place {
  row: number;
  column: number;
}

export type Step = (place: Place, rows: number, columns: number) => Place;

const PAGE = 10;

export const STEPS: Record<string, Step> = {
  ArrowUp: ({ row, column }) => ({ row: row - 1, column }),
  ArrowDown: ({ row, column }) => ({ row: row + 1, column }),
  ArrowLeft: ({ row, column }) => ({ row, column: column - 1 }),
  ArrowRight: ({ row, column }) => ({ row, column: column + 1 }),
  PageUp: ({ row, column }) => ({ row: row - PAGE, column }),
  PageDown: ({ row, column }) => ({ row: row + PAGE, column }),
  Home: ({ row }) => ({ row, column: 0 }),
  End: ({ row }, _, columns) => ({ row, column: columns }),
};

const within = (value: number, highest: number) => Math.max(0, Math.min(value, highest));

/** The place a step leads to, never outside. */
export function stepped(place: Place, step: Step, rows: number, columns: number): Place {
  const next = step(place, rows, columns);
  return { row: within(next.row, rows - 1), column: within(next.column, columns) };
}
