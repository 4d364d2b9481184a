import { Anchor, Box, Breadcrumbs, Group, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { Link } from 'react-router';

interface Props {
  title: string;
  subtitle?: ReactNode;
  /** [what it says, where it leads] from the top down to the page above this one. */
  trail?: [string, string][];
  actions?: ReactNode;
  children: ReactNode;
  /** Reading width for forms and text. */
  narrow?: boolean;
}

/** A page: its heading, the way back, what can be done, and the rest. */
export function Page({ title, subtitle, trail = [], actions, children, narrow = false }: Props) {
  useDocumentTitle(`${title} · Homeroom`);
  return (
    <Stack gap="lg" maw={narrow ? 720 : 1180} mx="auto" w="100%">
      <Box>
        {trail.length > 0 && (
          <Breadcrumbs mb={2} separatorMargin={8} fz="sm">
            {trail.map(([text, to]) => (
              // What is cut where it is too long would be cut below its line, too, were that as high as its letters.
              <Anchor
                key={to}
                component={Link}
                to={to}
                size="sm"
                lh="sm"
                c="dimmed"
                underline="hover"
                truncate
                maw="100%"
              >
                {text}
              </Anchor>
            ))}
          </Breadcrumbs>
        )}
        <Group justify="space-between" align="flex-end" gap="sm">
          <Box miw={0}>
            <Title order={1}>{title}</Title>
            {subtitle && (
              <Text component="div" c="dimmed" mt={2}>
                {subtitle}
              </Text>
            )}
          </Box>
          {actions && (
            <Group gap="xs" className="screen-only">
              {actions}
            </Group>
          )}
        </Group>
      </Box>
      {children}
    </Stack>
  );
}
