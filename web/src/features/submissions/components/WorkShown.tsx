import { Button, Card, Group, SegmentedControl, Select, Stack, Text } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FilePreview, canBeShown } from '@/features/uploads/components/FilePreview';
import type { AttachedFile } from '@/shared/api/schemas';
import { Resource } from '@/shared/components/Resource';
import { fullDateTime } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useReturnWorkMutation, useWorkQuery, type StudentWork, type TurnIn, type Work } from '../api';
import { Content } from './Content';
import { Late } from './Late';

/** What a student turned in, each version with its files, and the way to give it back. */
export function WorkShown({ work }: { work: StudentWork }) {
  const { t } = useTranslation('submissions');
  if (!work.submission_id) return <Card>{t('inbox.nothing')}</Card>;
  return <Read submissionId={work.submission_id} />;
}

function Read({ submissionId }: { submissionId: string }) {
  const { t } = useTranslation('submissions');
  const query = useWorkQuery(submissionId);
  return (
    <Resource query={query}>
      {(work) => {
        const newest = work.turn_ins.at(-1);
        return newest ? <Turned work={work} newest={newest} /> : <Card>{t('inbox.writing')}</Card>;
      }}
    </Resource>
  );
}

function Turned({ work, newest }: { work: Work; newest: TurnIn }) {
  const { t } = useTranslation('submissions');
  const [number, setNumber] = useState<number | null>(null);
  const shown = work.turn_ins.find((one) => one.number === number) ?? newest;
  const [giveBack] = useReturnWorkMutation();
  const { run, busy } = useAction();
  return (
    <Card>
      <Stack>
        <Group justify="space-between">
          <Group gap="xs">
            {work.turn_ins.length > 1 ? (
              <Select
                aria-label={t('versions')}
                data={work.turn_ins.map((one) => ({
                  value: String(one.number),
                  label: t('version', { number: one.number, at: fullDateTime(one.turned_in_at) }),
                }))}
                value={String(shown.number)}
                onChange={(value) => setNumber(Number(value))}
                allowDeselect={false}
                w={300}
              />
            ) : (
              <Text size="sm" c="dimmed">
                {t('turnedInAt', { at: fullDateTime(shown.turned_in_at) })}
              </Text>
            )}
            <Late seconds={shown.late_seconds} />
          </Group>
          {work.status === 'turned_in' && (
            <Button
              size="sm"
              variant="default"
              loading={busy}
              leftSection={<IconArrowBackUp size={16} aria-hidden />}
              onClick={() => void run(() => giveBack(work.id).unwrap(), t('inbox.returned'))}
            >
              {t('inbox.return')}
            </Button>
          )}
        </Group>
        <Content body={shown.body} files={shown.files} />
        <Previews key={shown.number} files={shown.files.filter(canBeShown)} />
      </Stack>
    </Card>
  );
}

function Previews({ files }: { files: AttachedFile[] }) {
  const [chosen, setChosen] = useState('');
  const { t } = useTranslation('submissions');
  const shown = files.find((one) => one.file_id === chosen) ?? files[0];
  if (!shown) return null;
  return (
    <Stack gap="xs">
      {files.length > 1 && (
        <SegmentedControl
          aria-label={t('inbox.files')}
          data={files.map((one) => ({ value: one.file_id, label: one.name }))}
          value={shown.file_id}
          onChange={setChosen}
        />
      )}
      <FilePreview file={shown} />
    </Stack>
  );
}
