import { Button, Input, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPhotoPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { UploadList } from '@/features/uploads/components/UploadList';
import { Pictures } from '../components/Pictures';

const MOST = 10;
const TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

interface Props {
  fileIds: string[];
  onChange: (fileIds: string[]) => void;
  error?: string;
}

/** Pictures beside a question's text: shown, added, taken off. */
export function PictureField({ fileIds, onChange, error }: Props) {
  const { t } = useTranslation('quiz');
  const [adding, form] = useDisclosure(false);
  return (
    <Input.Wrapper labelElement="div" label={t('picture.label')} error={error}>
      <Stack gap="xs">
        <Pictures fileIds={fileIds} onRemove={(id) => onChange(fileIds.filter((one) => one !== id))} />
        {adding ? (
          <UploadList
            files={[]}
            accept={TYPES}
            disabled={fileIds.length >= MOST}
            onAdd={(file) => onChange([...fileIds, file.file_id])}
            onRemove={() => undefined}
          />
        ) : (
          <Button
            variant="default"
            size="xs"
            w="fit-content"
            disabled={fileIds.length >= MOST}
            leftSection={<IconPhotoPlus size={16} aria-hidden />}
            onClick={form.open}
          >
            {t('picture.add')}
          </Button>
        )}
      </Stack>
    </Input.Wrapper>
  );
}
