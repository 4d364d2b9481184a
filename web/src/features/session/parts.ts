/** The store's parts, as docs/feed-protocol.md names them: a bootstrap has all, the feed brings those that changed. */
import type { Bootstrap, ClassroomSchemas, OwnWork, View } from '@/shared/api/schemas';

export interface Part {
  key: string;
  /** Of two, the greater text is the newer. */
  version: string;
  value: unknown;
}

/** What is news among parts that were told. */
export interface Told {
  person?: ClassroomSchemas['Person'];
  summary?: ClassroomSchemas['Summary'];
  views: View[];
  own: OwnWork[];
  /** Classrooms that are no longer the person's, and those of which they have no own work any more. */
  lostViews: string[];
  lostOwn: string[];
  versions: Record<string, string>;
  gone: string[];
}

const isView = (key: string) => key.startsWith('teacher-view:') || key.startsWith('student-view:');
const isOwn = (key: string) => key.startsWith('own:');
const idOf = (key: string) => key.slice(key.indexOf(':') + 1);

/** What came by HTTP may be older than what the feed brought meanwhile, and the other way round. */
const isNewer = ({ key, version }: Part, held: Record<string, string>) => !(key in held) || version > held[key]!;

/** Of what was told, only what is newer than what is held: nothing that is shown goes back. */
export function news(parts: Part[], gone: string[], held: Record<string, string>): Told {
  const fresh = parts.filter((part) => isNewer(part, held));
  const values = <T>(belongs: (key: string) => boolean) =>
    fresh.filter((part) => belongs(part.key)).map((part) => part.value as T);
  return {
    person: values<Told['person']>((key) => key === 'person')[0],
    summary: values<Told['summary']>((key) => key === 'summary')[0],
    views: values<View>(isView),
    own: values<OwnWork>(isOwn),
    lostViews: gone.filter(isView).map(idOf),
    lostOwn: gone.filter(isOwn).map(idOf),
    versions: Object.fromEntries(fresh.map(({ key, version }) => [key, version])),
    gone,
  };
}

export function partsOf({ role, person, summary, classrooms, own, versions }: Bootstrap): Part[] {
  const view = role === 'student' ? 'student-view' : 'teacher-view';
  const part = (key: string, value: unknown): Part => ({ key, version: versions[key] ?? '', value });
  return [
    part('person', person),
    ...(summary ? [part('summary', summary)] : []),
    ...classrooms.map((one) => part(`${view}:${one.classroom.id}`, one)),
    ...own.map((one) => part(`own:${one.classroom_id}`, one)),
  ];
}
