import { Button, Container, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { isRouteErrorResponse, useRouteError } from 'react-router';

const STALE_CHUNK = /dynamically imported module|importing a module script failed|preload CSS/i;

/** A page that broke: the rest of the app stays, and the way on is clear. */
export function Boundary() {
  const { t } = useTranslation();
  const error = useRouteError();
  const message = error instanceof Error ? error.message : '';
  const kind =
    isRouteErrorResponse(error) && error.status === 404 ? 'notFound' : STALE_CHUNK.test(message) ? 'updated' : 'broken';
  return (
    <Container size="xs" py={80}>
      <Stack align="flex-start" role="alert">
        <Title order={1}>{t(`boundary.${kind}.title`)}</Title>
        <Text c="dimmed">{t(`boundary.${kind}.text`)}</Text>
        {kind === 'broken' && message && (
          <Text size="xs" c="dimmed" ff="monospace">
            {message}
          </Text>
        )}
        <Button component="a" href={kind === 'notFound' ? '/' : window.location.href}>
          {t(`boundary.${kind}.action`)}
        </Button>
      </Stack>
    </Container>
  );
}
