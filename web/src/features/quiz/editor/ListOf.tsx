import { ActionIcon, Button, Group, Stack } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

interface Props<T> {
  items: T[];
  onChange: (items: T[]) => void;
  /** What is added; none: nothing can be. */
  add: () => T;
  addText: string;
  least?: number;
  most: number;
  row: (item: T, set: (change: Partial<T>) => void, index: number) => ReactNode;
  /** The order means something. */
  ordered?: boolean;
}

/** Rows that are added, changed, moved and removed: choices, pairs, accepted answers. */
export function ListOf<T extends object>(props: Props<T>) {
  const { items, onChange, add, addText, least = 0, most, row, ordered = false } = props;
  const { t } = useTranslation('quiz');
  const set = (index: number, change: Partial<T>) =>
    onChange(items.map((item, at) => (at === index ? { ...item, ...change } : item)));
  function move(from: number, to: number) {
    const next = [...items];
    next.splice(to, 0, ...next.splice(from, 1));
    onChange(next);
  }
  return (
    <Stack gap="xs">
      {items.map((item, index) => (
        <Group key={(item as { id?: string }).id ?? index} wrap="nowrap" gap="xs" align="flex-start">
          {ordered && (
            <Group gap={2} wrap="nowrap">
              <ActionIcon
                variant="default"
                size={36}
                disabled={index === 0}
                aria-label={t('up', { item: index + 1 })}
                onClick={() => move(index, index - 1)}
              >
                <IconArrowUp size={16} aria-hidden />
              </ActionIcon>
              <ActionIcon
                variant="default"
                size={36}
                disabled={index === items.length - 1}
                aria-label={t('down', { item: index + 1 })}
                onClick={() => move(index, index + 1)}
              >
                <IconArrowDown size={16} aria-hidden />
              </ActionIcon>
            </Group>
          )}
          <Group wrap="nowrap" gap="xs" align="flex-start" flex={1}>
            {row(item, (change) => set(index, change), index)}
          </Group>
          <ActionIcon
            variant="subtle"
            color="red"
            size={36}
            disabled={items.length <= least}
            aria-label={t('editor.removeRow', { number: index + 1 })}
            onClick={() => onChange(items.filter((_, at) => at !== index))}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      <Button
        variant="subtle"
        size="xs"
        w="fit-content"
        disabled={items.length >= most}
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => onChange([...items, add()])}
      >
        {addText}
      </Button>
    </Stack>
  );
}
