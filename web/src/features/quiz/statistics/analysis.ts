/** One form for what both services compute: figures as numbers, null where they are not defined or too few took part. */
import type { ClassroomSchemas, GradingSchemas } from '@/shared/api/schemas';

export interface Item {
  id: string;
  title: string;
  kind: string;
  n: number;
  /** Percent. */
  facility: number | null;
  discrimination: number | null;
  efficiency: number | null;
  /** `text` null: as the question says. */
  choices: { id: string; text: string | null; correct: boolean | null; n: number }[];
  findings: string[];
}

export interface Analysis {
  released: boolean;
  n: number;
  mean: number | null;
  median: number | null;
  deviation: number | null;
  consistency: number | null;
  items: Item[];
}

const number = (value: string | null | undefined): number | null =>
  value === null || value === undefined ? null : Number(value);
const inPercent = (part: number | null) => (part === null ? null : 100 * part);

export function fromGrading({ attempts, quiz, questions }: GradingSchemas['QuizStatistics']): Analysis {
  return {
    released: true,
    n: attempts,
    mean: number(quiz?.mean),
    median: number(quiz?.median),
    deviation: number(quiz?.standard_deviation),
    consistency: number(quiz?.internal_consistency),
    items: [...questions]
      .sort((a, b) => a.position - b.position)
      .map((one) => ({
        id: one.question_id,
        title: one.title,
        kind: one.kind,
        n: one.n,
        facility: inPercent(number(one.facility)),
        discrimination: number(one.discrimination_index),
        efficiency: number(one.discriminative_efficiency),
        choices: one.choices.map(({ choice_id, text, correct, chosen }) => ({
          id: choice_id,
          text,
          correct,
          n: chosen,
        })),
        findings: one.findings,
      })),
  };
}

export function fromClassroom(found: ClassroomSchemas['QuizAnalysis']): Analysis {
  return {
    released: false,
    n: found.n,
    mean: found.mean,
    median: found.median,
    deviation: found.standard_deviation,
    consistency: found.internal_consistency,
    items: found.items.map((one) => ({
      id: one.question_id,
      title: one.title,
      kind: one.kind,
      n: one.n,
      facility: inPercent(one.facility),
      discrimination: one.discrimination_index,
      efficiency: one.discriminative_efficiency,
      choices: one.choices.map(({ choice_id, n }) => ({ id: choice_id, text: null, correct: null, n })),
      findings: [],
    })),
  };
}
