import { Badge, Button, Card, Table, Text } from '@mantine/core';
import { IconSchool } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Empty } from '@/shared/components/Empty';
import { Resource } from '@/shared/components/Resource';
import { useAllClassroomsInfiniteQuery } from '../api';
import { colourOf } from '../colour';

/** The school's classrooms, for an admin. */
export function AllClassrooms() {
  const { t } = useTranslation('classrooms');
  const query = useAllClassroomsInfiniteQuery();
  return (
    <Resource query={query}>
      {({ pages }) => {
        const all = pages.flatMap((page) => page.items);
        if (all.length === 0) {
          return (
            <Empty title={t('none')} icon={IconSchool}>
              {t('noneText')}
            </Empty>
          );
        }
        return (
          <Card p={0}>
            <Table.ScrollContainer minWidth={480}>
              <Table verticalSpacing="sm" horizontalSpacing="md">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('form.title')}</Table.Th>
                    <Table.Th>{t('form.subject')}</Table.Th>
                    <Table.Th ta="right">{t('people.students')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {all.map((one) => (
                    <Table.Tr key={one.id}>
                      <Table.Td>
                        <span
                          style={{
                            display: 'inline-block',
                            width: 12,
                            height: 12,
                            marginRight: 10,
                            borderRadius: 4,
                            background: colourOf(one),
                          }}
                          aria-hidden
                        />
                        <Text span fw={550}>
                          {one.title}
                        </Text>
                        {one.status === 'archived' && (
                          <Badge ml="sm" size="sm" variant="light" color="gray">
                            {t('archived')}
                          </Badge>
                        )}
                      </Table.Td>
                      <Table.Td>{one.subject}</Table.Td>
                      <Table.Td ta="right">{one.student_count}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
            {query.hasNextPage && (
              <Button
                m="md"
                variant="default"
                loading={query.isFetchingNextPage}
                onClick={() => void query.fetchNextPage()}
              >
                {t('people.more')}
              </Button>
            )}
          </Card>
        );
      }}
    </Resource>
  );
}
