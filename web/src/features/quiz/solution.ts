import type { Question } from './frames';

type Solved = NonNullable<Question['solution']>;

/** The right answer in lines of text; none where a person marks. */
export function solutionOf(solution: Solved, words: { yes: string; no: string }): string[] {
  switch (solution.kind) {
    case 'single_choice':
    case 'multiple_choice':
      return solution.choices.filter((one) => one.correct).map((one) => one.text);
    case 'true_false':
      return [solution.answer ? words.yes : words.no];
    case 'numeric':
      return solution.accepted.map((one) => numberLine(one, solution.unit ?? null));
    case 'short_text':
      return solution.accepted.map((one) => one.text);
    case 'matching':
      return solution.pairs.map((one) => `${one.left} → ${one.right}`);
    case 'ordering':
      return solution.items.map((one) => one.text);
    case 'essay':
      return [];
  }
}

type Accepted = Extract<Solved, { kind: 'numeric' }>['accepted'][number];

function numberLine({ value, tolerance, tolerance_in_percent }: Accepted, unit: string | null): string {
  const margin = tolerance && Number(tolerance) > 0 ? ` ± ${tolerance}${tolerance_in_percent ? ' %' : ''}` : '';
  return `${value}${margin}${unit ? ` ${unit}` : ''}`;
}
