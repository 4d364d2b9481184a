import { ActionIcon, Group, Text } from '@mantine/core';
import { IconDownload, IconPaperclip, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { AttachedFile } from '@/shared/api/schemas';
import { fileSize } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { saveFile } from '../api';

interface Props {
  file: AttachedFile;
  onRemove?: () => void;
}

/** A file that has arrived: its name and size, to be kept or taken off. */
export function FileRow({ file, onRemove }: Props) {
  const { t } = useTranslation('uploads');
  const { run, busy } = useAction();
  return (
    <Group gap="xs" wrap="nowrap">
      <IconPaperclip size={18} aria-hidden />
      <Text size="sm" flex={1} style={{ overflowWrap: 'anywhere' }}>
        {file.name}
      </Text>
      <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
        {fileSize(file.size)}
      </Text>
      <ActionIcon
        variant="subtle"
        loading={busy}
        aria-label={t('download', { name: file.name })}
        onClick={() => void run(() => saveFile(file))}
      >
        <IconDownload size={18} aria-hidden />
      </ActionIcon>
      {onRemove && (
        <ActionIcon variant="subtle" color="red" aria-label={t('remove', { name: file.name })} onClick={onRemove}>
          <IconTrash size={18} aria-hidden />
        </ActionIcon>
      )}
    </Group>
  );
}
