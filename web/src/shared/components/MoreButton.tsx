import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';

interface Props {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}

/** The next page of a long list. */
export function MoreButton({ query }: Props) {
  const { t } = useTranslation();
  if (!query.hasNextPage) return null;
  return (
    <Button variant="default" m="md" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
      {t('showMore')}
    </Button>
  );
}
