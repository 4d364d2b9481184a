import { Image, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { AttachedFile } from '@/shared/api/schemas';
import { Resource } from '@/shared/components/Resource';
import { useFileAddressQuery } from '../api';

const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
// What could run as a page of ours, such as HTML or SVG, is never among them.
const FRAMED = new Set(['application/pdf', 'text/plain']);

export const canBeShown = ({ content_type }: AttachedFile) => PICTURES.has(content_type) || FRAMED.has(content_type);

/** A PDF, a picture or plain text as it is; of everything else, that it can be downloaded. */
export function FilePreview({ file }: { file: AttachedFile }) {
  const { t } = useTranslation('uploads');
  if (!canBeShown(file)) return <Text c="dimmed">{t('noPreview')}</Text>;
  return <Shown file={file} />;
}

function Shown({ file }: { file: AttachedFile }) {
  const { t } = useTranslation('uploads');
  const { file_id, content_type } = file;
  const query = useFileAddressQuery({ file_id, content_type });
  const title = t('preview', { name: file.name });
  return (
    <Resource query={query}>
      {(address) =>
        PICTURES.has(content_type) ? (
          <Image src={address} alt={title} fit="contain" mah="70vh" />
        ) : (
          <iframe src={address} title={title} style={{ width: '100%', height: '70vh', border: 0 }} />
        )
      }
    </Resource>
  );
}
