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
  /** What whoever teaches a classroom and attends it too would see as a student: shown once they teach it no more. */
  aside: Record<string, View>;
}

/** What is held: of each part the version, and the views that are not shown. */
export interface Held {
  versions: Record<string, string>;
  aside: Record<string, View>;
}

const isTeacherView = (key: string) => key.startsWith('teacher-view:');
const isStudentView = (key: string) => key.startsWith('student-view:');
const isOwn = (key: string) => key.startsWith('own:');
const idOf = (key: string) => key.slice(key.indexOf(':') + 1);

/** What came by HTTP may be older than what the feed brought meanwhile, and the other way round. */
const isNewer = ({ key, version }: Part, held: Record<string, string>) => !(key in held) || version > held[key]!;

/** Of what was told, only what is newer than what is held: nothing that is shown goes back. */
export function news(parts: Part[], gone: string[], { versions: held, aside }: Held): Told {
  const fresh = parts.filter((part) => isNewer(part, held));
  const has = (key: string) => !gone.includes(key) && (key in held || fresh.some((part) => part.key === key));
  const isTaught = (key: string) => has(`teacher-view:${idOf(key)}`);
  const beside = fresh.filter(({ key }) => isStudentView(key) && isTaught(key));
  const left = gone.filter((key) => isTeacherView(key) && has(`student-view:${idOf(key)}`)).map(idOf);
  const values = <T>(belongs: (key: string) => boolean) =>
    fresh.filter((part) => belongs(part.key)).map((part) => part.value as T);
  return {
    person: values<Told['person']>((key) => key === 'person')[0],
    summary: values<Told['summary']>((key) => key === 'summary')[0],
    views: [
      ...left.flatMap((id) => aside[id] ?? []),
      ...values<View>((key) => isTeacherView(key) || (isStudentView(key) && !isTaught(key))),
    ],
    own: values<OwnWork>(isOwn),
    lostViews: gone
      .filter((key) => (isTeacherView(key) && !left.includes(idOf(key))) || (isStudentView(key) && !isTaught(key)))
      .map(idOf),
    lostOwn: gone.filter(isOwn).map(idOf),
    versions: Object.fromEntries(fresh.map(({ key, version }) => [key, version])),
    gone,
    aside: Object.fromEntries(beside.map(({ key, value }) => [idOf(key), value as View])),
  };
}

/** Of a classroom that somebody teaches and attends, the teachers' view comes first. */
export function partsOf({ person, summary, classrooms, own, versions }: Bootstrap): Part[] {
  const seen = new Set<string>();
  const keyOf = ({ classroom: { id } }: View) => {
    const kind = `teacher-view:${id}` in versions && !seen.has(id) ? 'teacher-view' : 'student-view';
    seen.add(id);
    return `${kind}:${id}`;
  };
  const part = (key: string, value: unknown): Part => ({ key, version: versions[key] ?? '', value });
  return [
    part('person', person),
    ...(summary ? [part('summary', summary)] : []),
    ...classrooms.map((one) => part(keyOf(one), one)),
    ...own.map((one) => part(`own:${one.classroom_id}`, one)),
  ];
}
