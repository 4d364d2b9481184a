import { Card, Group, Text, ThemeIcon } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';
import { decimal } from '@/shared/format';

interface Props {
  label: string;
  value: string | number | null | undefined;
  icon?: Icon;
  hint?: string;
}

/** One figure and what it counts. */
export function Figure({ label, value, icon: Picture, hint }: Props) {
  return (
    <Card p="md">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Text size="sm" c="dimmed">
            {label}
          </Text>
          <Text fz={28} fw={700} lh={1.3}>
            {typeof value === 'string' ? value : decimal(value)}
          </Text>
          {hint && (
            <Text size="xs" c="dimmed">
              {hint}
            </Text>
          )}
        </div>
        {Picture && (
          <ThemeIcon variant="light" size={40} radius="md">
            <Picture size={22} aria-hidden />
          </ThemeIcon>
        )}
      </Group>
    </Card>
  );
}
