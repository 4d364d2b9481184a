import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '@/shared/api/problem';

interface Props {
  problem: Problem | null | undefined;
  onRetry?: () => void;
}

/** What went wrong and what to do about it; nothing where there is no problem. */
export function Failure({ problem, onRetry }: Props) {
  const { t } = useTranslation();
  if (!problem) return null;
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} title={problem.title} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{problem.detail}</Text>
        <Group gap="md">
          {onRetry && (
            <Button size="xs" variant="default" onClick={onRetry}>
              {t('tryAgain')}
            </Button>
          )}
          {problem.requestId && problem.status >= 500 && (
            <Text size="xs" c="dimmed">
              {t('requestId', { id: problem.requestId })}
            </Text>
          )}
        </Group>
      </Stack>
    </Alert>
  );
}
