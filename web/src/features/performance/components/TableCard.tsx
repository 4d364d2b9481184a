import { Card, Table, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  title: string;
  /** Below the title. */
  note?: ReactNode;
  minWidth?: number;
  /** The cells of the heading; without them there is no table. */
  head: ReactNode;
  /** The rows. */
  children: ReactNode;
  /** Below the table. */
  more?: ReactNode;
}

/** A table under its title; on a narrow screen it scrolls by itself. */
export function TableCard({ title, note, minWidth = 280, head, children, more }: Props) {
  return (
    <Card p={0}>
      <Title order={2} p="md" pb={note ? 0 : 'xs'}>
        {title}
      </Title>
      {note}
      {head && (
        <Table.ScrollContainer minWidth={minWidth}>
          <Table verticalSpacing="xs" horizontalSpacing="md">
            <Table.Thead>
              <Table.Tr>{head}</Table.Tr>
            </Table.Thead>
            <Table.Tbody>{children}</Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {more}
    </Card>
  );
}
