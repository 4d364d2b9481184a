import { ActionIcon, Group, Image, Modal, Skeleton, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFileAddressQuery } from '@/features/uploads/api';
import classes from './Pictures.module.css';

interface Props {
  fileIds: string[];
  onRemove?: (fileId: string) => void;
}

/** The pictures of a question, each shown large when pressed. */
export function Pictures({ fileIds, onRemove }: Props) {
  if (fileIds.length === 0) return null;
  return (
    <Group gap="sm" align="flex-start">
      {fileIds.map((id, index) => (
        <Picture key={id} fileId={id} number={index + 1} onRemove={onRemove && (() => onRemove(id))} />
      ))}
    </Group>
  );
}

interface PictureProps {
  fileId: string;
  number: number;
  onRemove?: () => void;
}

function Picture({ fileId, number, onRemove }: PictureProps) {
  const { t } = useTranslation('quiz');
  const { data: address, error } = useFileAddressQuery({ file_id: fileId, content_type: '' });
  const [isLarge, large] = useDisclosure(false);
  const name = t('picture.name', { number });
  return (
    <div className={classes.picture}>
      {address ? (
        <>
          <UnstyledButton onClick={large.open} aria-label={t('picture.enlarge', { number })}>
            <Image src={address} alt={name} mah={280} maw="100%" w="auto" fit="contain" radius="md" />
          </UnstyledButton>
          <Modal opened={isLarge} onClose={large.close} size="auto" title={name}>
            <Image src={address} alt={name} mah="80vh" fit="contain" />
          </Modal>
        </>
      ) : error ? (
        <Text size="sm" c="dimmed">
          {t('picture.away', { number })}
        </Text>
      ) : (
        <Skeleton w={200} h={140} radius="md" />
      )}
      {onRemove && (
        <ActionIcon
          className={classes.remove}
          variant="default"
          aria-label={t('picture.remove', { number })}
          onClick={onRemove}
        >
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      )}
    </div>
  );
}
