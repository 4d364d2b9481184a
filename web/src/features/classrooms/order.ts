/** Which assignments stand in which topic and in which order, while one of them is dragged. */
import type { Assignment } from '@/features/assignments/store';

/** What belongs to no topic. */
export const NONE = 'none';

/** Topic, or none → its assignments in their order. */
export type Arrangement = Record<string, string[]>;

export function arrange(topics: { id: string }[], assignments: Assignment[]): Arrangement {
  const places: Arrangement = { ...Object.fromEntries(topics.map((topic) => [topic.id, []])), [NONE]: [] };
  for (const one of assignments) (places[one.topic_id ?? NONE] ?? places[NONE]!).push(one.id);
  return places;
}

export const placeOf = (places: Arrangement, id: string): string | undefined =>
  id in places ? id : Object.keys(places).find((place) => places[place]!.includes(id));

/** With one assignment where another stands, or at the end of a topic. */
export function moved(places: Arrangement, id: string, over: string): Arrangement {
  const [from, to] = [placeOf(places, id), placeOf(places, over)];
  if (!from || !to || id === over || (from === to && over === to)) return places;
  const target = places[to]!;
  const at = target.indexOf(over);
  const rest = places[from]!.filter((one) => one !== id);
  const there = from === to ? rest : target;
  const index = at < 0 ? there.length : at;
  return { ...places, [from]: rest, [to]: [...there.slice(0, index), id, ...there.slice(index)] };
}
