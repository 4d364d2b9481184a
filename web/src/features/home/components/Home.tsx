import { SimpleGrid } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ClassroomCard } from '@/features/classrooms/components/ClassroomCard';
import { selectActiveClassrooms } from '@/features/classrooms/store';
import { Page } from '@/shared/components/Page';
import { useAppSelector } from '@/shared/store';

export function Home() {
  const { t } = useTranslation();
  const classrooms = useAppSelector(selectActiveClassrooms);
  return (
    <Page title={t('nav.home')}>
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 3 }}>
        {classrooms.map((one) => (
          <ClassroomCard key={one.id} classroom={one} />
        ))}
      </SimpleGrid>
    </Page>
  );
}
