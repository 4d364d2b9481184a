import { Accordion, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { FileRow } from '@/features/uploads/components/FileRow';
import type { AttachedFile } from '@/shared/api/schemas';
import { fullDateTime } from '@/shared/format';
import type { TurnIn } from '../api';
import { Late } from './Late';

/** The text and the files of some work, to be read. */
export function Content({ body, files }: { body: string; files: AttachedFile[] }) {
  return (
    <Stack gap="xs">
      {body && <Text style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{body}</Text>}
      {files.map((file) => (
        <FileRow key={file.file_id} file={file} />
      ))}
    </Stack>
  );
}

/** Every time it was turned in, newest first. */
export function Versions({ turnIns }: { turnIns: TurnIn[] }) {
  const { t } = useTranslation('submissions');
  const newestFirst = [...turnIns].sort((a, b) => b.number - a.number);
  return (
    <Accordion variant="separated" chevronPosition="left">
      {newestFirst.map((one) => (
        <Accordion.Item key={one.number} value={String(one.number)}>
          <Accordion.Control>
            <Group gap="xs">
              <Text size="sm">{t('version', { number: one.number, at: fullDateTime(one.turned_in_at) })}</Text>
              <Late seconds={one.late_seconds} />
            </Group>
          </Accordion.Control>
          <Accordion.Panel>
            <Content body={one.body} files={one.files} />
          </Accordion.Panel>
        </Accordion.Item>
      ))}
    </Accordion>
  );
}
