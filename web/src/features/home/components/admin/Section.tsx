import { Anchor, Card, Group, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';

interface Props {
  title: string;
  /** [what it says, where it leads]: to all of it. */
  whole?: [string, string];
  children: ReactNode;
}

/** A part of the admin's home, with the way to all of what it shows. */
export function Section({ title, whole, children }: Props) {
  return (
    <Card>
      <Group justify="space-between" align="baseline" mb="sm" wrap="nowrap">
        <Title order={2} fz="lg">
          {title}
        </Title>
        {whole && (
          <Anchor component={Link} to={whole[1]} size="sm" style={{ whiteSpace: 'nowrap' }}>
            {whole[0]}
          </Anchor>
        )}
      </Group>
      {children}
    </Card>
  );
}
