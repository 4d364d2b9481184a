import { Stack, Text, ThemeIcon } from '@mantine/core';
import { IconLeaf, type Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';

interface Props {
  title: string;
  children?: ReactNode;
  icon?: Icon;
  action?: ReactNode;
}

/** Nothing here yet, and what to do about it. */
export function Empty({ title, children, icon: Picture = IconLeaf, action }: Props) {
  return (
    <Stack align="center" gap="xs" py="xl" px="md" ta="center">
      <ThemeIcon size={56} radius="xl" variant="light">
        <Picture size={28} aria-hidden />
      </ThemeIcon>
      <Text fw={600}>{title}</Text>
      {children && (
        <Text size="sm" c="dimmed" maw={420}>
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}
