import { CLASSROOM_COLOURS } from '@/shared/theme';

/** A classroom's colour: its own, else one that its id picks, so that it is the same everywhere and every time. */
export function colourOf({ id, colour }: { id: string; colour?: string | null }): string {
  if (colour) return colour;
  const sum = [...id].reduce((total, letter) => total + letter.charCodeAt(0), 0);
  return CLASSROOM_COLOURS[sum % CLASSROOM_COLOURS.length]!;
}
