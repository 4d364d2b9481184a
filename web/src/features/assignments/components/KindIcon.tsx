import {
  IconBook2,
  IconClipboardText,
  IconListCheck,
  IconPencil,
  IconPresentation,
  IconUsersGroup,
  type Icon,
} from '@tabler/icons-react';
import type { Kind } from '@/shared/api/schemas';

const ICONS: Record<Kind, Icon> = {
  material: IconBook2,
  lecture: IconPresentation,
  classwork: IconPencil,
  homework: IconClipboardText,
  quiz: IconListCheck,
  group: IconUsersGroup,
};

/** The picture of an assignment's kind; the text beside it says the same. */
export function KindIcon({ kind, size = 18 }: { kind: Kind; size?: number }) {
  const Picture = ICONS[kind];
  return <Picture size={size} stroke={1.8} aria-hidden />;
}
