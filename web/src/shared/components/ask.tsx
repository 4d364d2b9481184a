import { Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import i18next from 'i18next';

interface Question {
  title: string;
  text: string;
  /** What the button that does it says. */
  action: string;
  /** Nothing is lost by it. */
  isSafe?: boolean;
  onYes: () => void;
}

/** Ask before something that cannot be undone at once. */
export function ask({ title, text, action, isSafe = false, onYes }: Question): void {
  modals.openConfirmModal({
    title,
    children: <Text size="sm">{text}</Text>,
    labels: { confirm: action, cancel: i18next.t('cancel') },
    confirmProps: { color: isSafe ? 'leaf' : 'red' },
    onConfirm: onYes,
  });
}
