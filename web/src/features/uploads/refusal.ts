import type { FileRejection } from '@mantine/dropzone';
import i18next from 'i18next';
import type { Problem } from '@/shared/api/problem';
import { fileSize } from '@/shared/format';

/** What may be uploaded, as far as it is known. */
export interface Taken {
  mostBytes?: number;
  types?: string[];
}

const tooLarge = (size: number, most: number) =>
  i18next.t('uploads:tooLarge', { size: fileSize(size), most: fileSize(most) });

function wrongKind(types: string[]): string {
  const names = i18next.t('uploads:kindNames', { returnObjects: true }) as Record<string, string>;
  return i18next.t('uploads:wrongKind', { kinds: gathered(types.map((type) => names[type] ?? type)) });
}

/** `Sound (mp3)` and `Sound (wav)` are told as `Sound (mp3, wav)`. */
function gathered(names: string[]): string {
  const endings = new Map<string, string[]>();
  for (const name of names) {
    const [, what = name, ending] = /^(.+) \((.+)\)$/.exec(name) ?? [];
    endings.set(what, [...(endings.get(what) ?? []), ...(ending ? [ending] : [])]);
  }
  return [...endings].map(([what, some]) => (some.length > 0 ? `${what} (${some.join(', ')})` : what)).join(', ');
}

/** Why this browser does not send a file: its size, its kind, or both. */
export function whyNotSent({ file, errors }: FileRejection, { mostBytes, types }: Taken): string {
  const codes = new Set<string>(errors.map((error) => error.code));
  return [
    codes.has('file-too-large') && mostBytes !== undefined && tooLarge(file.size, mostBytes),
    codes.has('file-invalid-type') && types && wrongKind(types),
  ]
    .filter(Boolean)
    .join(' ');
}

/** Why the service did not take one. */
export function whyNotTaken(problem: Problem, file: File, { mostBytes, types }: Taken): string {
  const { size, content_type, ...rest } = problem.fields;
  const told = [
    size && (mostBytes === undefined ? size : tooLarge(file.size, mostBytes)),
    content_type && (types ? wrongKind(types) : content_type),
    ...Object.values(rest),
  ].filter(Boolean);
  return told.join(' ') || problem.detail;
}
