/** An assignment while it is written: its fields, and what of them is sent. */
import type { AttachedFile, ClassroomSchemas, Kind } from '@/shared/api/schemas';
import { timeZone } from '@/shared/format';
import type { Assignment } from './store';

type Counts = ClassroomSchemas['Counts'];
type Status = ClassroomSchemas['AssignmentStatus'];

export interface Link {
  url: string;
  title: string | null;
}

export interface AssignmentFields {
  kind: Kind;
  title: string;
  description: string;
  topic_id: string | null;
  due_at: string | null;
  points_possible: string | null;
  counts: Counts | null;
  files: AttachedFile[];
  links: Link[];
  /** null: everybody in the classroom. */
  assigned_to: string[] | null;
  /** null: as often as one likes. */
  turn_in_limit: number | null;
  accepts_late: boolean;
  /** When it becomes visible by itself; null: by hand. */
  publish_at: string | null;
}

export const BLANK: AssignmentFields = {
  kind: 'homework',
  title: '',
  description: '',
  topic_id: null,
  due_at: null,
  points_possible: '10',
  counts: null,
  files: [],
  links: [],
  assigned_to: null,
  turn_in_limit: null,
  accepts_late: true,
  publish_at: null,
};

/** Work is handed in. */
export const isHandedIn = (kind: Kind): boolean => kind === 'classwork' || kind === 'homework' || kind === 'group';

/** A row for a link that was left empty is none; an address without a scheme is one of the web. */
export const linksOf = (links: Link[]): Link[] =>
  links
    .filter((link) => link.url.trim())
    .map(({ url, title }) => ({
      url: /^[a-z][a-z0-9+.-]*:/i.test(url.trim()) ? url.trim() : `https://${url.trim()}`,
      title: title?.trim() || null,
    }));

const due = (due_at: string | null) => (due_at === null ? { due_at } : { due_at, due_zone: timeZone() });

/** A new assignment; a draft may wait for its time, and what is published does not. */
export function bodyOf(fields: AssignmentFields, publish: boolean): ClassroomSchemas['NewAssignment'] {
  const { files, links, publish_at, due_at, points_possible, turn_in_limit, ...rest } = fields;
  const isScheduled = publish && publish_at !== null;
  return {
    ...rest,
    ...due(due_at),
    title: fields.title.trim(),
    points_possible: fields.kind === 'material' ? null : points_possible,
    turn_in_limit: isHandedIn(fields.kind) ? turn_in_limit : null,
    file_ids: files.map((file) => file.file_id),
    links: linksOf(links),
    status: isScheduled ? 'scheduled' : publish ? 'published' : 'draft',
    publish_at: isScheduled ? publish_at : null,
  };
}

/** Only what was changed. */
export function patchOf(change: Partial<AssignmentFields>, status: Status): ClassroomSchemas['AssignmentPatch'] {
  const { files, links, publish_at, due_at, counts, kind: _, ...rest } = change;
  return {
    ...rest,
    ...(due_at !== undefined && due(due_at)),
    ...(counts && { counts }),
    ...(files && { file_ids: files.map((file) => file.file_id) }),
    ...(links && { links: linksOf(links) }),
    ...(status !== 'published' && publish_at !== undefined && scheduled(publish_at)),
  };
}

const scheduled = (publish_at: string | null): ClassroomSchemas['AssignmentPatch'] =>
  publish_at === null ? { status: 'draft' } : { status: 'scheduled', publish_at };

export const fieldsOf = (assignment: Assignment): AssignmentFields => ({
  kind: assignment.kind,
  title: assignment.title,
  description: assignment.description,
  topic_id: assignment.topic_id,
  due_at: assignment.due_at,
  points_possible: assignment.points_possible,
  counts: assignment.counts,
  files: assignment.files,
  links: assignment.links,
  assigned_to: assignment.assigned_to,
  turn_in_limit: assignment.turn_in_limit,
  accepts_late: assignment.accepts_late,
  publish_at: assignment.publish_at,
});
