import { ActionIcon, Alert, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { Dropzone, type FileRejection } from '@mantine/dropzone';
import '@mantine/dropzone/styles.css';
import { IconTrash, IconUpload } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AttachedFile } from '@/shared/api/schemas';
import { fileSize } from '@/shared/format';
import { useRulesQuery } from '../api';
import { whyNotSent, whyNotTaken, type Taken } from '../refusal';
import type { StoredFile } from '../upload';
import { useUploads, type Sending } from '../useUploads';
import { FileRow } from './FileRow';

interface Props {
  files: AttachedFile[];
  onAdd: (file: StoredFile) => void;
  onRemove: (file: AttachedFile) => void;
  /** Told whether some file has not arrived yet: what it belongs to must wait. */
  onUnderway?: (some: boolean) => void;
  disabled?: boolean;
  /** Content types; all that the service takes unless it is said. */
  accept?: string[];
}

/** Files to attach: drop or choose them, see each on its way, try again, take off. */
export function UploadList({ files, onAdd, onRemove, onUnderway, disabled = false, accept }: Props) {
  const { t } = useTranslation('uploads');
  const limits = useRulesQuery().data?.limits;
  const { sendings, add, remove, retry } = useUploads(onAdd);
  const some = sendings.length > 0;
  useEffect(() => onUnderway?.(some), [some, onUnderway]);
  const taken: Taken = { mostBytes: limits?.max_bytes, types: accept ?? limits?.types };
  const [refused, setRefused] = useState<FileRejection[]>([]);
  return (
    <Stack gap="xs">
      <Dropzone
        onDrop={add}
        onDropAny={(_, some) => setRefused(some)}
        disabled={disabled}
        maxSize={taken.mostBytes}
        accept={taken.types}
        inputProps={{ 'aria-label': t('choose') }}
        aria-label={t('choose')}
        p="md"
      >
        <Group gap="sm" justify="center">
          <IconUpload size={22} aria-hidden />
          <div>
            <Text size="sm">{t('drop')}</Text>
            {limits && (
              <Text size="xs" c="dimmed">
                {t('most', { size: fileSize(limits.max_bytes) })}
              </Text>
            )}
          </div>
        </Group>
      </Dropzone>
      {refused.map((one) => (
        <Alert
          key={one.file.name}
          color="red"
          role="alert"
          title={t('refused', { name: one.file.name })}
          withCloseButton
          closeButtonLabel={t('close', { ns: 'common' })}
          onClose={() => setRefused((all) => all.filter((other) => other !== one))}
        >
          {whyNotSent(one, taken)}
        </Alert>
      ))}
      {files.map((file) => (
        <FileRow key={file.file_id} file={file} onRemove={disabled ? undefined : () => onRemove(file)} />
      ))}
      {sendings.map((one) => (
        <Underway
          key={one.key}
          sending={one}
          taken={taken}
          onRetry={() => retry(one)}
          onRemove={() => remove(one.key)}
        />
      ))}
    </Stack>
  );
}

interface UnderwayProps {
  sending: Sending;
  taken: Taken;
  onRetry: () => void;
  onRemove: () => void;
}

function Underway({ sending: { file, step, problem }, taken, onRetry, onRemove }: UnderwayProps) {
  const { t } = useTranslation('uploads');
  return (
    <Stack gap={4}>
      <Group gap="xs" wrap="nowrap">
        <Text size="sm" flex={1} style={{ overflowWrap: 'anywhere' }}>
          {file.name}
        </Text>
        {problem ? (
          <Button size="compact-sm" variant="default" onClick={onRetry} aria-label={t('retry', { name: file.name })}>
            {t('tryAgain', { ns: 'common' })}
          </Button>
        ) : (
          <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
            {t(`phase.${step.phase}`)}
          </Text>
        )}
        <ActionIcon variant="subtle" color="red" aria-label={t('remove', { name: file.name })} onClick={onRemove}>
          <IconTrash size={18} aria-hidden />
        </ActionIcon>
      </Group>
      {problem ? (
        <Text size="sm" c="red.8" role="alert">
          {whyNotTaken(problem, file, taken)}
        </Text>
      ) : (
        <Progress
          value={step.phase === 'sending' ? step.part * 100 : 100}
          animated={step.phase !== 'sending'}
          aria-label={t('progress', { name: file.name })}
        />
      )}
    </Stack>
  );
}
