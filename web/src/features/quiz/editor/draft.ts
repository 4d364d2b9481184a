/** A quiz while its teacher writes it: what was changed since `revision`, kept until it is saved. */
import type { ClassroomSchemas } from '@/shared/api/schemas';
import type { Question as Shown } from '../frames';

export type Questions = ClassroomSchemas['Questions'];
export type Question = Questions['questions'][number];
export type QuestionKind = Question['kind'];
export type Of<Kind extends QuestionKind> = Extract<Question, { kind: Kind }>;
export type Draw = Omit<ClassroomSchemas['NewDraw'], 'questions'> & { questions?: Question[] };
export type Rules = ClassroomSchemas['RulesPatch'];
export type Errors = Record<string, string>;

export const KINDS: QuestionKind[] = [
  'single_choice',
  'multiple_choice',
  'true_false',
  'numeric',
  'short_text',
  'matching',
  'ordering',
  'essay',
];

/** `key` tells questions apart before the service gave them ids. */
export interface Entry {
  key: string;
  question: Question;
}

export interface Draft {
  revision: number;
  entries: Entry[];
  draws: Draw[];
  rules: Rules;
  /** Questions or draws differ from what is saved. */
  changed: boolean;
}

const newId = () => crypto.randomUUID();
export const option = (text = '') => ({ id: newId(), text });
export const choice = (correct = false) => ({ ...option(), correct, weight: correct ? '100' : '0', feedback: '' });
export const pair = () => ({ id: newId(), left: '', right_id: newId(), right: '' });
export const acceptedNumber = () => ({ value: '', tolerance: '0', tolerance_in_percent: false, credit: '100' });
export const acceptedText = () => ({ text: '', credit: '100' });

/** A new question of a kind, with as much as it needs at least. */
export function blank(kind: QuestionKind): Question {
  const common = { title: '', text: '', points: '1', file_ids: [], explanation: '', void: false };
  switch (kind) {
    case 'single_choice':
      return { ...common, kind, credit: 'all_or_nothing', choices: [choice(true), choice()] };
    case 'multiple_choice':
      return { ...common, kind, credit: 'partial', choices: [choice(true), choice()] };
    case 'true_false':
      return { ...common, kind, answer: true, true_id: newId(), false_id: newId() };
    case 'numeric':
      return { ...common, kind, accepted: [acceptedNumber()], unit: null, unit_required: false };
    case 'short_text':
      return { ...common, kind, accepted: [acceptedText()], case_sensitive: false, ignore_accents: false };
    case 'matching':
      return { ...common, kind, credit: 'partial', pairs: [pair(), pair()], distractors: [] };
    case 'ordering':
      return { ...common, kind, credit: 'partial', items: [option(), option()] };
    case 'essay':
      return { ...common, kind, guidance: '' };
  }
}

export const entry = (question: Question): Entry => ({ key: question.id ?? newId(), question });

/** A draw by tags is drawn from the bank again when it is saved; another keeps its pool. */
const drawn = ({ count, points, tags, questions }: Questions['draws'][number]): Draw =>
  tags.length > 0 ? { count, points, tags } : { count, points, questions };

export const draftOf = (saved: Questions): Draft => ({
  revision: saved.revision,
  entries: saved.questions.map(entry),
  draws: saved.draws.map(drawn),
  rules: {},
  changed: false,
});

export const bodyOf = (draft: Draft): ClassroomSchemas['NewQuestions'] => ({
  questions: draft.entries.map((one) => one.question),
  draws: draft.draws,
});

export const isDirty = (draft: Draft): boolean => draft.changed || Object.keys(draft.rules).length > 0;

/** Ours on top of what stands now: a question that is gone there becomes a new one. */
export function onto(draft: Draft, now: Questions): Draft {
  const there = new Set([...now.questions, ...now.draws.flatMap((one) => one.questions)].map((one) => one.id));
  const kept = (question: Question): Question =>
    !question.id || there.has(question.id) ? question : { ...question, id: null };
  return {
    ...draft,
    revision: now.revision,
    entries: draft.entries.map((one) => ({ ...one, question: kept(one.question) })),
    draws: draft.draws.map((one) => ({ ...one, ...(one.questions && { questions: one.questions.map(kept) }) })),
  };
}

/** A copy is a new question, its options as well. */
export function copyOf(question: Question): Question {
  const ids = new Map<string, string>();
  const fresh = (id: string) => ids.get(id) ?? ids.set(id, newId()).get(id)!;
  const copied: unknown = JSON.parse(JSON.stringify(question), (key, value: unknown) =>
    /^(id|right_id|true_id|false_id)$/.test(key) && typeof value === 'string' ? fresh(value) : value,
  );
  return { ...(copied as Question), id: null };
}

const KIND_IN_PLACE = new RegExp(`(\\.\\d+)\\.(?:${KINDS.join('|')})(?=\\.|$)`, 'g');

/** Field → what the service says about it; a field's place does not name the question's kind. */
export const errorsOf = (fields: Errors): Errors =>
  Object.fromEntries(Object.entries(fields).map(([field, text]) => [field.replace(KIND_IN_PLACE, '$1'), text]));

/** The errors below a place, named from there; that of the place itself is `''`. */
export const within = (errors: Errors, place: string): Errors =>
  Object.fromEntries(
    Object.entries(errors)
      .filter(([field]) => field === place || field.startsWith(`${place}.`))
      .map(([field, text]) => [field.slice(place.length + 1), text]),
  );

/** The sum that a student can reach. */
export const totalOf = (draft: Draft): number =>
  draft.entries.reduce((sum, one) => sum + Number(one.question.points), 0) +
  draft.draws.reduce((sum, one) => sum + one.count * Number(one.points), 0);

const options = (list: { id?: string; text: string }[]) => list.map(({ id, text }) => ({ id: id!, text }));
const mixed = <T extends { id: string }>(list: T[]) => [...list].sort((a, b) => a.id.localeCompare(b.id));

/** A question as a student is asked it; options that would tell their order are sorted by their random ids. */
export function shown(question: Question, key: string): Shown {
  const common = {
    id: key,
    kind: question.kind,
    title: question.title,
    points: question.points ?? '1',
    text: question.text ?? '',
    file_ids: question.file_ids ?? [],
  };
  switch (question.kind) {
    case 'single_choice':
    case 'multiple_choice':
      return { ...common, choices: options(question.choices) };
    case 'numeric':
      return { ...common, unit: question.unit ?? null, unit_required: question.unit_required ?? false };
    case 'matching':
      return {
        ...common,
        lefts: question.pairs.map((one) => ({ id: one.id!, text: one.left })),
        rights: mixed([
          ...question.pairs.map((one) => ({ id: one.right_id!, text: one.right })),
          ...options(question.distractors ?? []),
        ]),
      };
    case 'ordering':
      return { ...common, items: mixed(options(question.items)) };
    default:
      return common;
  }
}
