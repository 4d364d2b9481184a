import { Button, Card, Group, Text, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Resource } from '@/shared/components/Resource';
import { fullDateTime, isPast } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { saveExport, useAskExportMutation, useOwnExportQuery } from '../api';

const LOOK_MS = 3000;

/** Everything that is kept of the person, put together on demand. */
export function OwnData() {
  const { t } = useTranslation('profile');
  const known = useOwnExportQuery();
  const isRunning = known.data?.request?.finished_at === null;
  // Looked at again only while it is being put together and this page is in front.
  useOwnExportQuery(undefined, { pollingInterval: isRunning ? LOOK_MS : 0, skipPollingIfUnfocused: true });
  const [askFor] = useAskExportMutation();
  const { run, busy } = useAction();
  return (
    <Card>
      <Title order={2}>{t('data.title')}</Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t('data.text')}
      </Text>
      <Resource query={known}>
        {({ request }) => {
          const isThere = request?.finished_at && !(request.expires_at && isPast(request.expires_at));
          return (
            <Group>
              {isThere && (
                <Button leftSection={<IconDownload size={18} aria-hidden />} onClick={() => void run(saveExport)}>
                  {t('data.save')}
                </Button>
              )}
              <Button
                variant="default"
                loading={busy || isRunning}
                onClick={() => void run(() => askFor().unwrap(), t('data.asked'))}
              >
                {t(isThere ? 'data.again' : 'data.ask')}
              </Button>
              <Text size="sm" c="dimmed" role="status">
                {isRunning ? t('data.running') : isThere && t('data.of', { at: fullDateTime(request.requested_at) })}
              </Text>
            </Group>
          );
        }}
      </Resource>
    </Card>
  );
}
